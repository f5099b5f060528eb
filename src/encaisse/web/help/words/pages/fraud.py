"""What the pages about fraud are for."""

from encaisse.web.help.words.shapes import Area, Explanation

FRAUD = Area("Fraude", {
    "reviews": Explanation(
        "À vérifier",
        "Des paiements que la banque du client accepte, mais que quelque chose rend étonnants.",
        "Rien n’est encaissé tant que vous n’avez pas tranché.",
        "2 400 € d’une carte étrangère pour un client nouveau : appelez-le avant de libérer.",
    ),
    "review": Explanation(
        "Un paiement à vérifier",
        "Vous lisez pourquoi ce paiement étonne, vous appelez le client, puis vous décidez.",
        "Le libérer l’encaisse ; le refuser rend à sa banque ce qu’elle avait promis.",
        "Il reconnaît le chantier et le montant : libérez, avec « rappelé à 18 h » en note.",
    ),
    "vigilance": Explanation(
        "Vigilance aux paiements",
        "Vous réglez jusqu’où Encaisse se méfie d’un paiement inhabituel.",
        "Chaque choix est rejoué sur vos paiements passés, pour en voir l’effet avant de choisir.",
        "En « strict », six clients honnêtes auraient attendu une vérification le mois dernier.",
    ),
    "decisions": Explanation(
        "Décisions",
        "Chaque paiement et chaque remboursement a été pesé : voici ce qui fut décidé, et "
        "pourquoi.",
        "Vous y cherchez pourquoi un client a été arrêté ou a dû prouver son identité.",
        "Un client se plaint d’un refus : filtrez « Refusés » et lisez la raison en une phrase.",
    ),
    "decision": Explanation(
        "Une décision",
        "Vous lisez les raisons qui ont compté et ce que l’on savait à cet instant.",
        "La décision est refaite devant vous, pour prouver qu’elle ne doit rien au hasard.",
        "Trois essais en dix minutes avec trois cartes différentes expliquent le refus.",
    ),
    "fraud_lists": Explanation(
        "Listes de confiance et de refus",
        "Vous inscrivez qui passe toujours et qui ne passe jamais.",
        "Une carte que sa banque déclare volée s’y ajoute d’elle-même.",
        "Mettez en confiance le syndic qui paie chaque mois depuis l’étranger.",
    ),
    "shared_list": Explanation(
        "Liste partagée",
        "Les entreprises du même hébergeur peuvent s’avertir d’une fraude, sans échanger de nom.",
        "Rien ne part de chez vous avant que vous l’ayez accepté, et vous pouvez partir.",
        "Deux entreprises signalent la même carte : sa banque devra reconnaître le payeur.",
    ),
    "own_rules": Explanation(
        "Vos règles",
        "Vous ajoutez une règle de méfiance propre à votre métier.",
        "Elle s’essaie, puis s’observe, et ne compte qu’une fois publiée.",
        "« Un paiement de plus de 3 000 € la nuit » s’observe deux semaines avant d’être publié.",
    ),
    "own_rule_new": Explanation(
        "Écrire une règle",
        "Vous dites ce qui doit étonner, et combien de points cela ajoute.",
        "L’essai montre combien de vos paiements passés elle aurait touchés.",
        "Si elle aurait arrêté quarante clients sur cinquante, elle est trop large.",
    ),
    "fraud_report": Explanation(
        "Bilan du mois",
        "Un mois de paiements vu par la fraude : ce qui a étonné, ce qui fut arrêté, ce qui est "
        "passé.",
        "Les flèches mènent au mois d’avant et à celui d’après.",
        "En octobre, deux paiements retenus, un vrai voleur arrêté, rien de perdu.",
    ),
    "fraud_cost": Explanation(
        "Ce que coûte une fraude",
        "Une feuille de calcul montre ce qu’un paiement volé vous coûterait vraiment.",
        "Remplacez chaque chiffre par le vôtre, et tout se recalcule.",
        "Un chantier à 1 500 € volé coûte aussi le cuivre posé et deux journées.",
    ),
})  # fmt: skip
