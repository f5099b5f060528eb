"""What the pages of Aujourd'hui and the first steps are for."""

from encaisse.web.help.words.shapes import Area, Explanation

TODAY = Area("Aujourd’hui et premiers pas", {
    "home": Explanation(
        "Aujourd’hui",
        "Cette page dit en une phrase si votre argent va bien, puis ce qui attend un geste "
        "de vous.",
        "En dessous, quatre chiffres résument les trente derniers jours.",
        "Si une ligne de la banque n’a pas d’explication, elle est dans la liste avec un bouton "
        "qui mène au bon endroit.",
    ),
    "dashboard": Explanation(
        "Tableau de bord",
        "Vous choisissez une période et vous voyez ce qui est entré, sorti, refusé ou en retard.",
        "Chaque chiffre est comparé à la période d’avant, de même durée.",
        "Du 1er au 30 septembre, la page compare avec les trente jours qui précèdent et sort le "
        "tableau pour votre comptable.",
    ),
    "dashboard_blocks": Explanation(
        "Choisir les blocs du tableau de bord",
        "Vous décidez quels blocs votre tableau de bord montre, et dans quel ordre.",
        "Ce choix est à vous seul : vos collègues gardent le leur.",
        "Mettez les factures en retard en premier et cachez les contestations si vous n’en avez "
        "jamais.",
    ),
    "search": Explanation(
        "Recherche",
        "Un seul champ trouve un client, un devis, une facture, un paiement ou une ligne de "
        "banque.",
        "Un bout de nom, un numéro ou un montant suffit, avec ou sans accents.",
        "Tapez « 450,00 » pour retrouver tout ce qui vaut cette somme.",
    ),
    "welcome": Explanation(
        "Votre entreprise, au départ",
        "Vous dites une fois qui vous êtes : nom, SIREN, adresse, régime de TVA.",
        "C’est ce que verront vos clients et ce qu’imprimeront vos factures, et tout se change "
        "ensuite.",
        "Une plomberie en franchise de TVA le coche ici : ses factures n’ajoutent alors aucune "
        "taxe.",
    ),
    "ready": Explanation(
        "Prêt à encaisser",
        "Cette liste montre ce qui est fait et ce qui manque pour recevoir un premier paiement.",
        "Chaque étape qui manque a son bouton, dans l’ordre qui va le plus vite.",
        "S’il manque le compte bancaire, le bouton mène à la page où recopier votre IBAN.",
    ),
    "first_payment": Explanation(
        "Un premier paiement, à vous-même",
        "Vous vous demandez un euro pour voir ce que verra votre client.",
        "La page avance avec l’argent, du lien ouvert jusqu’à vos livres.",
        "Ouvrez le lien sur votre téléphone, payez un euro, puis remboursez-vous depuis cette "
        "même page.",
    ),
    "places": Explanation(
        "Choisir l’entreprise",
        "Si vous travaillez pour plusieurs entreprises, vous choisissez ici celle où vous agissez.",
        "Rien ne passe de l’une à l’autre : clients, factures et argent restent séparés.",
        "Le matin vous ouvrez la plomberie, le soir la société civile qui loue le local.",
    ),
})  # fmt: skip
