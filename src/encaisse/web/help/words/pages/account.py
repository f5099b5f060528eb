"""What the pages of one's own access are for."""

from encaisse.web.help.words.shapes import Area, Explanation

ACCOUNT = Area("Ma connexion", {
    "mfa_index": Explanation(
        "Ma connexion",
        "Toutes vos façons d’entrer sont ici : clé d’accès, codes, téléphone, garant.",
        "Gardez-en au moins deux, pour ne jamais rester dehors.",
        "Ajoutez une clé d’accès sur le téléphone et une autre sur l’ordinateur du bureau.",
    ),
    "enrol": Explanation(
        "Choisir un second facteur",
        "Votre rôle touche à l’argent : il faut une seconde preuve en plus du mot de passe.",
        "Un seul choix suffit pour continuer, et vous en changerez quand vous voudrez.",
        "Sur un téléphone récent, prenez la clé d’accès : l’empreinte du doigt suffit.",
    ),
    "mfa_add_webauthn": Explanation(
        "Ajouter une clé d’accès",
        "Votre appareil vous reconnaît à l’empreinte, au visage ou à son code, sans mot de passe.",
        "La clé reste dans l’appareil et ne peut pas être recopiée sur un faux site.",
        "Nommez-la « Téléphone du camion » pour la reconnaître dans un an.",
    ),
    "mfa_edit_webauthn": Explanation(
        "Renommer une clé d’accès",
        "Vous changez le nom sous lequel cette clé est listée.",
        "Cela ne change rien à ce qu’elle ouvre.",
        "« Téléphone » devient « Ancien téléphone » avant d’en acheter un autre.",
    ),
    "mfa_activate_totp": Explanation(
        "Ajouter une application de codes",
        "Une application de votre téléphone donne un code à six chiffres qui change sans cesse.",
        "Photographiez le dessin avec elle, puis tapez le code qu’elle montre.",
        "Elle marche au fond d’une cave, sans réseau.",
    ),
    "phone_add": Explanation(
        "Ajouter un téléphone",
        "Nous envoyons un code par SMS à ce numéro, pour vérifier qu’il est à vous.",
        "Il servira de réserve si le reste est perdu.",
        "Donnez votre mobile personnel, pas le fixe de l’atelier.",
    ),
    "phone_confirm": Explanation(
        "Vérifier le numéro",
        "Tapez le code reçu par SMS pour prouver que ce téléphone est à vous.",
        "S’il n’arrive pas, vous pouvez en demander un autre.",
        "Rien après deux minutes : vérifiez le numéro, puis redemandez un code.",
    ),
    "factor_remove": Explanation(
        "Retirer un moyen d’entrer",
        "Ce moyen n’ouvrira plus votre compte, et vous en êtes prévenu par courriel.",
        "Le dernier ne se retire pas tant que votre rôle en demande un.",
        "Retirez l’ancien téléphone après avoir essayé le nouveau, pas avant.",
    ),
    "mfa_view_recovery_codes": Explanation(
        "Vos codes de secours",
        "Dix codes de papier ouvrent votre compte le jour où le téléphone manque.",
        "Chacun sert une fois, et ils ne s’affichent qu’une fois.",
        "Imprimez-les et rangez-les avec les papiers de l’assurance, pas dans le camion.",
    ),
    "mfa_generate_recovery_codes": Explanation(
        "Renouveler les codes de secours",
        "Dix nouveaux codes remplacent les anciens, qui ne valent plus rien.",
        "Faites-le s’il en reste peu, ou si quelqu’un a pu les voir.",
        "Le carnet où ils étaient écrits est perdu : renouvelez-les ce soir.",
    ),
    "approver_add": Explanation(
        "Donner mon accord depuis ce téléphone",
        "Ce téléphone montrera ce qui est demandé ailleurs, et vous accepterez d’un geste.",
        "Ouvrez cette page sur le téléphone lui-même.",
        "Vous signez sur l’ordinateur : le téléphone affiche « 450,00 € » et vous tapez le nombre.",
    ),
    "approver_remove": Explanation(
        "Retirer un téléphone qui donne mon accord",
        "Ce téléphone ne pourra plus accepter à votre place.",
        "Vos autres moyens restent ouverts.",
        "Vous revendez le téléphone samedi : retirez-le vendredi.",
    ),
    "guardian": Explanation(
        "Votre garant",
        "Le garant confirme de vive voix que c’est bien vous, le jour où vous avez tout perdu.",
        "Il n’accède à rien de votre entreprise.",
        "Votre comptable accepte : si l’atelier brûle, elle vous fera rentrer.",
    ),
    "guardianships": Explanation(
        "Ceux qui comptent sur vous",
        "Les personnes qui vous ont choisi comme garant sont ici.",
        "Ne confirmez une demande qu’après avoir parlé à la personne.",
        "Un message dit « urgent, valide » : rappelez d’abord au numéro que vous connaissez.",
    ),
    "recovery_approve": Explanation(
        "Répondre comme garant",
        "Quelqu’un dit avoir perdu tous ses moyens d’entrer et compte sur votre parole.",
        "Vous lui lirez un code de vive voix, jamais par message.",
        "Appelez-la, parlez d’un souvenir commun, puis lisez-lui le code.",
    ),
    "recovery": Explanation(
        "Récupération d’un accès",
        "La page dit où en est la demande de quelqu’un qui a tout perdu.",
        "Un jour d’attente laisse à chacun le temps de l’arrêter.",
        "Vous n’avez rien demandé et votre nom y figure : arrêtez tout.",
    ),
    "account_email": Explanation(
        "Mes adresses",
        "Les adresses où nous vous écrivons, dont une principale.",
        "Une nouvelle adresse compte une fois vérifiée par un code.",
        "Ajoutez votre adresse personnelle avant de quitter le fournisseur de l’atelier.",
    ),
    "account_change_password": Explanation(
        "Changer de mot de passe",
        "Vous remplacez votre mot de passe par un autre, long et jamais vu dans une fuite.",
        "Quelques mots sans lien valent mieux qu’un mot compliqué.",
        "Quatre mots tirés au hasard d’un livre, que vous retiendrez.",
    ),
    "account_logout": Explanation(
        "Se déconnecter",
        "Votre compte se ferme sur cet appareil, et les chiffres que vous y gardiez s’effacent.",
        "Ailleurs, il reste ouvert.",
        "Faites-le sur l’ordinateur d’un client ou d’un hôtel.",
    ),
    "account_reauthenticate": Explanation(
        "Redonner son mot de passe",
        "Avant un geste important, nous vérifions que c’est encore vous.",
        "Après cela, vous revenez là où vous alliez.",
        "L’écran est resté ouvert à l’atelier : un passant ne peut pas rembourser.",
    ),
    "mfa_reauthenticate": Explanation(
        "Redonner un code",
        "Un code de votre application prouve que vous tenez toujours votre téléphone.",
        "La preuve vaut quelques minutes, pour ce que vous étiez en train de faire.",
        "Ouvrez l’application, tapez les six chiffres avant qu’ils ne changent.",
    ),
    "mfa_reauthenticate_webauthn": Explanation(
        "Montrer sa clé d’accès",
        "Votre appareil demande l’empreinte, le visage ou son code.",
        "Rien de cela ne quitte l’appareil : nous n’en recevons que la réponse.",
        "Posez le doigt, et la page d’avant se rouvre.",
    ),
    "confirm": Explanation(
        "Confirmer que c’est vous",
        "Ce que vous demandez est sensible, alors une preuve de plus est voulue.",
        "Sans elle, rien n’est fait.",
        "Inviter quelqu’un depuis un ordinateur inconnu demande le mot de passe et un code.",
    ),
})  # fmt: skip
