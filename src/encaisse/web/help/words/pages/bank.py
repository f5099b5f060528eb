"""What the pages of Trésorerie are for."""

from encaisse.web.help.words.shapes import Area, Explanation

BANK = Area("Trésorerie", {
    "bank": Explanation(
        "Comptes bancaires",
        "Vos comptes à la banque, et celui sur lequel vos clients vous paient.",
        "La date dit jusqu’où leurs relevés sont connus.",
        "« Relevé jusqu’au 12/10 » : importez le suivant pour voir les virements arrivés depuis.",
    ),
    "bank_new": Explanation(
        "Ajouter un compte",
        "Vous recopiez l’IBAN de votre RIB, qui est vérifié chiffre par chiffre.",
        "Il est gardé chiffré et montré à vos seuls payeurs.",
        "Un chiffre recopié de travers est refusé tout de suite, avant qu’un client ne paie "
        "ailleurs.",
    ),
    "bank_collect": Explanation(
        "Encaisser sur ce compte",
        "Vous choisissez sur quel compte vos clients paieront désormais.",
        "Ce changement se signe, car un voleur commencerait par là.",
        "Vous changez de banque : choisissez le nouveau compte, laissez l’ancien ouvert pour les "
        "factures déjà parties.",
    ),
    "bank_import": Explanation(
        "Importer un relevé",
        "Vous donnez le fichier de relevé de votre banque, et ses lignes sont rapprochées de vos "
        "paiements.",
        "Le même fichier donné deux fois n’écrit rien en double.",
        "Sur le site de la banque, prenez le format « camt.053 » du mois, puis déposez-le ici.",
    ),
    "transactions": Explanation(
        "Mouvements",
        "Chaque ligne de vos relevés est ici, avec ce qui l’explique.",
        "Une ligne sans explication est une somme dont vous ne savez pas encore d’où elle vient.",
        "« Versement » en face de 1 240,00 € veut dire que ce sont les cartes de la semaine.",
    ),
    "unmatched": Explanation(
        "À rapprocher",
        "Voici ce que la banque montre et que rien n’explique encore.",
        "Pour chaque somme reçue, vous dites à quelle demande elle répond.",
        "« Virement Kervella 320,00 € » : choisissez sa facture et la ligne disparaît d’ici.",
    ),
    "transaction_explain": Explanation(
        "Expliquer une ligne de banque",
        "Vous choisissez la demande que cette somme vient payer.",
        "Si vous ne savez pas, l’argent attend dans « à affecter », sans rien fausser.",
        "300 € sans nom : mettez-les à affecter ce soir, et demandez demain au client.",
    ),
    "three_way": Explanation(
        "Preuve",
        "Encaisse compare trois comptes : celui du prestataire, vos livres et votre banque.",
        "S’ils sont d’accord, il ne manque pas un centime ; sinon l’écart est nommé.",
        "Un versement annoncé il y a six jours que la banque ne montre pas paraît avec son âge.",
    ),
})  # fmt: skip
