"""What the pages of Réglages are for."""

from encaisse.web.help.words.shapes import Area, Explanation

SETTINGS = Area("Réglages", {
    "firm": Explanation(
        "Entreprise",
        "Voici ce que vos documents disent de vous, et ce qui manque pour encaisser.",
        "L’assurance et le médiateur se complètent ici.",
        "Tant que l’assurance décennale manque, la ligne affiche « à compléter ».",
    ),
    "firm_edit": Explanation(
        "Modifier l’entreprise",
        "Vous changez votre adresse, votre régime de TVA, votre logo ou votre couleur.",
        "Seuls les prochains documents changent, les anciens gardent leur texte.",
        "Vous dépassez le seuil de la franchise : changez le régime avant la prochaine facture.",
    ),
    "proofs": Explanation(
        "Des preuves",
        "Vous ouvrez ou fermez une page publique qui rassure vos clients par des chiffres mesurés.",
        "Chacun y porte sa date, et se dit périmé de lui-même quand il est trop vieux.",
        "Un client hésite à payer 3 000 € en ligne : donnez-lui l’adresse de cette page.",
    ),
    "provider": Explanation(
        "Prestataire de paiement",
        "Le prestataire encaisse les cartes et les virements immédiats pour votre compte.",
        "Vous le connectez avec une clé, et Encaisse ne voit jamais un numéro de carte.",
        "Collez la clé donnée par le prestataire : un message d’essai confirme que tout répond.",
    ),
    "members": Explanation(
        "Équipe",
        "Qui travaille avec vous dans Encaisse, et ce que chacun peut faire.",
        "Vous pouvez aussi geler un compte, le rouvrir ou retirer quelqu’un.",
        "Votre apprenti a perdu son téléphone : gelez son compte, rouvrez-le demain.",
    ),
    "member_invite": Explanation(
        "Inviter quelqu’un",
        "Vous donnez une adresse et un rôle, et la personne reçoit un lien valable sept jours.",
        "Le lien ne s’ouvre qu’avec cette adresse.",
        "Invitez votre comptable comme « Comptable » : elle lit les livres sans pouvoir "
        "rembourser.",
    ),
    "member_role": Explanation(
        "Changer un rôle",
        "Vous élargissez ou réduisez ce que cette personne peut faire.",
        "Le changement vaut dès sa page suivante, et un rôle qui permet de signer se signe "
        "d’abord.",
        "Votre associée devient « Propriétaire » : vous signez, et elle peut tout faire.",
    ),
    "member_emergency": Explanation(
        "Code d’urgence",
        "Un collègue a perdu son téléphone, et ce code le remplace une fois pendant vingt-quatre "
        "heures.",
        "Donnez-le de vive voix, à quelqu’un dont vous reconnaissez la voix.",
        "Au téléphone, lisez-lui le code : il entre avec son mot de passe et ajoute son nouvel "
        "appareil.",
    ),
    "member_reopen": Explanation(
        "Rouvrir un compte",
        "Un compte gelé, ou fermé après une connexion suspecte, se rouvre ici.",
        "Appelez d’abord la personne, car un voleur le demanderait aussi par message.",
        "Elle confirme qu’elle était bien en déplacement : rouvrez son compte.",
    ),
    "member_freeze": Explanation(
        "Geler le compte d’un collègue",
        "Tout se ferme pour cette personne à l’instant : sessions, appareils, clés.",
        "Rien n’est effacé, et un propriétaire rouvre le compte quand le doute est levé.",
        "Son ordinateur est volé dans la camionnette : gelez d’abord, cherchez ensuite.",
    ),
    "member_remove": Explanation(
        "Retirer quelqu’un",
        "Cette personne ne voit plus rien de l’entreprise, dès maintenant.",
        "Ce qu’elle a fait reste écrit dans le journal.",
        "Le contrat de l’apprenti finit vendredi : retirez-le vendredi soir.",
    ),
    "api_keys": Explanation(
        "Clés d’API",
        "Une clé laisse un logiciel agir pour vous, dans les limites que vous lui donnez.",
        "Vous voyez quand chacune a servi, et vous l’arrêtez d’un geste.",
        "Une clé n’a pas servi depuis un an : révoquez-la.",
    ),
    "api_key_new": Explanation(
        "Créer une clé",
        "Vous dites à quoi elle servira, ce qu’elle peut faire et pour combien de temps.",
        "Elle s’affiche une seule fois, juste après.",
        "Pour votre site : seulement « demander un paiement », depuis l’adresse du site, un an.",
    ),
    "api_key_rotate": Explanation(
        "Remplacer une clé",
        "Une nouvelle clé prend la place de l’ancienne, avec les mêmes droits.",
        "Les deux ouvrent quelque temps, pour changer le logiciel sans rien couper.",
        "Demandez la nouvelle lundi, collez-la dans le site mardi, l’ancienne s’arrête seule.",
    ),
    "endpoints": Explanation(
        "Webhooks",
        "Un webhook prévient votre logiciel dès qu’un paiement ou une alerte arrive.",
        "Les derniers messages sont listés, et une adresse qui refuse tout pendant cinq jours se "
        "ferme d’elle-même.",
        "Votre site marque la commande payée sans que personne ne la touche.",
    ),
    "endpoint_new": Explanation(
        "Nouvelle adresse à prévenir",
        "Vous donnez l’adresse de votre logiciel et ce qu’il doit apprendre.",
        "Un secret s’affiche une fois, pour vérifier que les messages viennent d’Encaisse.",
        "Votre site, à https://plombier.example/encaisse, apprend les seuls encaissements.",
    ),
})  # fmt: skip
