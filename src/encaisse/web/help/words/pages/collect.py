"""What the pages of Encaisser are for."""

from encaisse.web.help.words.shapes import Area, Explanation

COLLECT = Area("Encaisser", {
    "requests": Explanation(
        "Demandes de paiement",
        "Une demande est une somme que vous attendez, derrière un lien que le client ouvre pour "
        "payer.",
        "La liste dit lesquelles sont en attente, payées ou fermées.",
        "Après un dépannage de 180 €, créez une demande et montrez son code QR sur votre "
        "téléphone.",
    ),
    "request_new": Explanation(
        "Demander un paiement",
        "Un montant et quelques mots suffisent pour obtenir un lien et un code QR.",
        "Si le travail est déjà facturé, donnez plutôt le lien de la facture : le paiement s’y "
        "rangera seul.",
        "« Remplacement du mitigeur, 95,00 € », envoyé par message avant de remonter en voiture.",
    ),
    "request": Explanation(
        "Une demande de paiement",
        "Vous voyez ce qui est demandé, ce qui est reçu, ce qui reste, et le lien à redonner.",
        "Fermer la demande éteint le lien : plus personne ne peut payer par là.",
        "Le client a perdu votre message : copiez le même lien et renvoyez-le, il ne paiera pas "
        "deux fois.",
    ),
    "payments": Explanation(
        "Paiements",
        "Chaque ligne est un paiement que vos clients ont fait ou essayé de faire.",
        "« À affecter » réunit l’argent arrivé sans que l’on sache pour quelle demande.",
        "Un virement de 300 € sans référence attend dans « À affecter » jusqu’à ce que vous "
        "disiez pour quel chantier il est venu.",
    ),
    "payment": Explanation(
        "L’histoire d’un paiement",
        "La page raconte ce paiement étape par étape, et dit où se trouve l’argent maintenant.",
        "Elle dit aussi si vous pouvez commander le matériel avec cet argent sans risque.",
        "Une carte vérifiée par la banque du client affiche le jour jusqu’auquel il peut encore "
        "contester.",
    ),
    "payment_refund": Explanation(
        "Rembourser",
        "Vous rendez tout ou partie d’un paiement, par le chemin d’où il est venu.",
        "Un remboursement ne s’annule pas, et un gros montant attend d’abord une signature.",
        "Le robinet à 60 € n’a pas été posé : rendez 60 € sur les 240 € payés par carte.",
    ),
    "payment_allocate": Explanation(
        "Affecter un paiement",
        "Vous dites pour quelle demande cet argent est venu, et la facture ou le devis se met à "
        "jour.",
        "Seules les demandes ouvertes qui peuvent recevoir toute la somme sont proposées.",
        "Un client a viré 500 € sans référence : choisissez son acompte, et il est compté payé.",
    ),
    "disputes": Explanation(
        "Contestations",
        "Un client a dit à sa banque qu’un paiement n’était pas normal, et la banque retient la "
        "somme.",
        "Vous répondez une seule fois, avec vos preuves, avant la date limite.",
        "Il reste neuf jours pour envoyer le devis signé et les photos de la chaudière posée.",
    ),
    "dispute": Explanation(
        "Une contestation",
        "La page dit ce que la banque reproche, combien de temps il reste et ce que contient déjà "
        "le dossier.",
        "Ajoutez votre récit et vos photos : rien ne part tant que vous n’avez pas confirmé.",
        "La banque dit « travail non fait » : joignez la photo du radiateur posé et le bon "
        "d’intervention.",
    ),
    "dispute_send": Explanation(
        "Envoyer le dossier à la banque",
        "C’est la dernière relecture avant que vos preuves partent chez la banque du client.",
        "Elle ne lit qu’une réponse, qui ne se complète ni ne se reprend.",
        "Ouvrez le PDF, vérifiez que la photo datée y est, puis envoyez.",
    ),
    "dispute_abandon": Explanation(
        "Ne pas contester",
        "Vous laissez l’argent au client sans répondre à sa banque.",
        "Ce qu’il réglait redevient dû, et vous pouvez le lui redemander par le même lien.",
        "Le client a été débité deux fois de 80 € : mieux vaut lui laisser la seconde.",
    ),
})  # fmt: skip
