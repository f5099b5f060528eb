"""Common questions, answered in a few steps."""

from encaisse.web.help.words.shapes import Journey

JOURNEYS = (
    Journey("Se faire payer un acompte", (
        "Faites un devis et donnez-lui un acompte, par exemple 30 %.",
        "Envoyez-le : votre client le lit, l’accepte et paie l’acompte depuis le même lien.",
        "À la fin du chantier, ouvrez le devis et choisissez « Facturer » : l’acompte est déduit.",
    )),
    Journey("Se faire payer sur place", (
        "Touchez « + », puis « Demande de paiement » : un montant, quelques mots.",
        "Montrez le code QR ; le client le photographie et paie sur son téléphone.",
        "Attendez « Encaissé » avant de partir : une capture d’écran ne prouve rien.",
    )),
    Journey("Rembourser un client", (
        "Ouvrez le paiement, puis « Rembourser ».",
        "Écrivez le montant, relisez, confirmez ; au-delà de votre plafond, signez d’abord.",
        "L’argent repart par le même chemin. Un virement ordinaire se rend depuis votre banque.",
        "Pour annuler aussi la facture, faites un avoir.",
    )),
    Journey("Un virement est arrivé sans référence", (
        "Importez le relevé de votre banque : la ligne paraît dans « À rapprocher ».",
        "Choisissez « Expliquer », puis la demande que ce virement vient payer.",
        "Si vous ne savez pas, laissez-le « à affecter » : l’argent est compté, rien n’est faussé.",
    )),
    Journey("Un client conteste un paiement", (
        "Ouvrez « Contestations » : le motif et les jours qui restent y sont.",
        "Ajoutez ce qui prouve le travail : devis signé, photos datées, bon d’intervention.",
        "Relisez le dossier et envoyez-le une fois. Sans réponse, la somme est perdue.",
    )),
    Journey("Un paiement est retenu « à vérifier »", (
        "Lisez pourquoi il étonne, puis appelez le client au numéro de sa fiche ou de son devis.",
        "Laissez-le dire le montant et le chantier ; ne demandez ni carte ni code.",
        "Libérez, ou refusez avant la date limite. Rien n’est encaissé d’ici là.",
    )),
    Journey("Une facture n’est pas payée", (
        "Ouvrez « Factures », puis « En retard ».",
        "Copiez le lien de paiement de la facture et renvoyez-le : il propose carte et virement.",
        "S’il dit avoir payé, cherchez la somme dans le champ du haut, puis dans « À rapprocher ».",
    )),
    Journey("Où est l’argent d’une carte", (
        "Ouvrez le paiement : la première ligne dit où il se trouve.",
        "« En route » : le prestataire le verse avec d’autres, en quelques jours, frais déduits.",
        "« Preuve », dans Trésorerie, nomme ce qui se fait attendre.",
    )),
    Journey("Corriger une facture fausse", (
        "Une facture émise ne change plus : choisissez « Annuler par un avoir ».",
        "Refaites ensuite la bonne facture.",
        "Si le client avait payé, remboursez depuis la page du paiement, ou affectez l’argent.",
    )),
    Journey("J’ai perdu mon téléphone", (
        "Volé : « Ma connexion », « Activité de mes comptes », « Geler mon compte ».",
        "Perdu : entrez avec un code de secours, et retirez le téléphone perdu.",
        "Sans code : un propriétaire vous donne un code d’urgence, ou votre garant répond de vous.",
    )),
    Journey("Un message me demande d’agir vite", (
        "N’ouvrez pas son lien : entrez par votre adresse habituelle.",
        "Rappelez la personne à un numéro que vous aviez déjà.",
        "Aucun de nous ne vous demandera un mot de passe ou un code.",
    )),
    Journey("Donner accès au comptable", (
        "Équipe, « Inviter quelqu’un », rôle « Comptable ».",
        "Le lien ne s’ouvre qu’avec l’adresse invitée, pendant sept jours.",
        "Il lit les livres et importe les relevés ; il ne rembourse pas.",
    )),
)  # fmt: skip
