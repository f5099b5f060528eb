"""What the pages of Sécurité are for."""

from encaisse.web.help.words.shapes import Area, Explanation

SECURITY = Area("Sécurité", {
    "operations": Explanation(
        "À signer",
        "Ce qui déplace beaucoup d’argent ou donne des droits attend ici une signature.",
        "Vous lisez, vous signez, et c’est fait ; sinon rien ne se passe.",
        "Un remboursement de 900 € demandé par votre associée attend votre accord.",
    ),
    "operation": Explanation(
        "Lire et signer une opération",
        "Vous relisez exactement ce qui sera fait, puis vous prouvez que c’est vous.",
        "La signature ne vaut que pour ce montant et ce bénéficiaire.",
        "Si le nom du bénéficiaire n’est pas celui que vous attendiez, refusez et appelez.",
    ),
    "alerts": Explanation(
        "Alertes",
        "Ce qui s’est passé et qu’il vaut mieux savoir : connexion étrange, IBAN changé, "
        "sauvegarde oubliée.",
        "Une alerte qui se répète reste une seule ligne, avec son nombre.",
        "« Nouveau pays » ce soir alors que personne n’est parti : ouvrez-la tout de suite.",
    ),
    "alert": Explanation(
        "Une alerte",
        "La page dit quoi, quand, d’où, et ce que nous vous conseillons de faire.",
        "« J’ai vu » la range pour toute l’équipe, avec votre nom.",
        "C’était votre associée en vacances : dites que vous l’avez vue, et c’est tout.",
    ),
    "safeguards": Explanation(
        "Règles de sécurité",
        "Vous choisissez ce qui se signe, à partir de quelle somme, et ce qui demande deux "
        "personnes.",
        "Resserrer vaut tout de suite ; desserrer se signe.",
        "Fixez à 500 € la somme au-delà de laquelle un remboursement demande une signature.",
    ),
    "audit": Explanation(
        "Journal",
        "Tout ce que chacun a fait est écrit ici, dans l’ordre.",
        "Rien ne s’en retire sans que cela se voie.",
        "Pour savoir qui a changé l’IBAN, cherchez le mois de mai et lisez le nom et l’heure.",
    ),
    "activity": Explanation(
        "Activité de mes comptes",
        "Vous voyez où votre compte est ouvert, sur quels appareils, et qui a essayé d’entrer.",
        "Fermez d’ici ce que vous ne reconnaissez pas.",
        "Une session ouverte sur un téléphone que vous avez vendu se ferme en un geste.",
    ),
    "alert_settings": Explanation(
        "Mes alertes",
        "Vous choisissez ce qui vous est envoyé, et comment : courriel, SMS ou avis du téléphone.",
        "Ce qui est grave garde toujours au moins une voie.",
        "Le SMS pour un IBAN changé, le courriel pour le reste.",
    ),
    "freeze_mine": Explanation(
        "Geler mon compte",
        "Un geste ferme votre compte partout, même pour qui aurait votre mot de passe.",
        "Vos paiements continuent d’arriver pendant ce temps.",
        "Téléphone volé à la gare : gelez depuis celui d’un ami, votre associé rouvrira demain.",
    ),
})  # fmt: skip
