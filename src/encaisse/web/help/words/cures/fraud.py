"""What to do about errors around fraud."""

from encaisse.web.help.words.shapes import Cure, Family

FRAUD = Family("Fraude et listes", {
    "already_contested": Cure("Attendez la réponse des entreprises concernées, un mois au plus."),
    "already_listed": Cure("Cherchez-la dans la liste : retirez-la d’abord si vous voulez changer "
        "sa raison ou sa fin."),
    "assessment_not_accepted": Cure("Lisez l’analyse d’impact sur la page, cochez, puis partagez."),
    "case_decided": Cure("Rechargez « À vérifier » : la page dit ce qui a été décidé, et par qui."),
    "case_needs_another": Cure("Demandez à une autre personne de l’équipe d’ouvrir « À vérifier » "
        "avant la date limite."),
    "decision_unknown": Cure("Revenez à la liste des décisions et ouvrez-la de là."),
    "decision_unrepeatable": Cure("Rien à faire : ses raisons restent lisibles et valent "
        "toujours."),
    "list_file_unreadable": Cure("Corrigez la ligne indiquée dans votre tableur, enregistrez en "
        "CSV, "
        "importez de nouveau."),
    "listed_domain_shared": Cure("Écrivez l’adresse entière de la personne, pas ce qui suit le @."),
    "listed_value_invalid": Cure("Suivez l’exemple donné dans le message."),
    "not_contested": Cure("Rechargez la page : la personne a pu retirer sa contestation."),
    "nothing_to_contest": Cure("Lisez les raisons de la décision : une autre règle a compté."),
    "own_rule_invalid": Cure("Complétez sujet, comparaison et valeur, puis essayez la règle."),
    "rule_moved": Cure("Rechargez « Vos règles » : quelqu’un l’a déplacée avant vous."),
    "sharing_without_key": Cure("Demandez à votre hébergeur de lancer « encaisse keys init »."),
    "too_many_contested": Cure("Écrivez à votre hébergeur : il regarde à la main au-delà de "
        "vingt."),
})  # fmt: skip
