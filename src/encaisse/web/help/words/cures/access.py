"""What to do about errors on the way in, and around one's own factors."""

from encaisse.web.help.words.shapes import Cure, Family

ACCESS = Family("Entrer, prouver que c’est vous", {
    "access_denied": Cure("Entrez depuis un appareil que vous utilisez d’habitude, ou demandez à "
        "un "
        "propriétaire de rouvrir votre compte dans Équipe."),
    "account_frozen": Cure("Appelez un propriétaire : il le rouvre dans Équipe. Seul propriétaire, "
        "passez par votre garant."),
    "approval_denied": Cure("Si c’était bien vous, recommencez et tapez le nombre affiché. Sinon, "
        "changez votre mot de passe."),
    "approval_over": Cure("Redemandez depuis l’autre appareil : une demande vit cinq minutes."),
    "approval_waiting": Cure("Ouvrez Encaisse sur votre téléphone et répondez ; cette page "
        "attend."),
    "approver_refused": Cure("Mettez le navigateur du téléphone à jour, ou choisissez un autre "
        "moyen dans « Ma connexion »."),
    "code_over": Cure("Demandez-en un nouveau et tapez-le dans les minutes qui suivent."),
    "code_wrong": Cure("Relisez le dernier message reçu : seul le plus récent compte."),
    "csrf_refused": Cure("Rechargez la page et refaites le geste : rien n’a été enregistré.",
        "Cette page était ouverte depuis trop longtemps. Rechargez-la et recommencez."),
    "emergency_elsewhere": Cure("Cette personne choisit « J’ai perdu mes moyens de connexion » et "
        "passe par son garant."),
    "emergency_for_oneself": Cure("Demandez-le à un autre propriétaire, ou passez par votre "
        "garant."),
    "freeze_link_invalid": Cure("Connectez-vous, puis « Ma connexion », « Activité de mes "
        "comptes », « Geler mon compte »."),
    "freeze_reaches_elsewhere": Cure("Retirez la personne de votre équipe, et prévenez-la de geler "
        "elle-même son compte."),
    "grave_not_silenced": Cure("Laissez cochée au moins une case sur cette ligne."),
    "guardian_refused": Cure("Donnez l’adresse de quelqu’un d’autre : comptable, associé, proche."),
    "last_factor": Cure("« Ma connexion » : ajoutez un autre moyen, essayez-le, puis retirez "
        "celui-ci."),
    "no_approver": Cure("Choisissez un autre moyen, ou ajoutez un téléphone dans « Ma "
        "connexion »."),
    "no_factor": Cure("Ajoutez d’abord une clé d’accès ou une application de codes ; les codes de "
        "secours viennent avec."),
    "no_phone": Cure("« Ma connexion », Code par SMS : ajoutez votre numéro."),
    "number_missing": Cure("Tapez le nombre que montre l’autre appareil.",
        "Le nombre affiché ailleurs n’a pas été tapé."),
    "number_wrong": Cure("Recommencez depuis l’autre appareil et recopiez le nombre qu’il montre. "
        "Si vous n’avez rien demandé, refusez."),
    "passkey_copied": Cure("Retirez cette clé dans « Ma connexion » et ajoutez-en une neuve."),
    "passkey_refused": Cure("Prenez l’appareil où la clé a été créée, ou entrez par un code."),
    "phone_invalid": Cure("Écrivez un numéro de mobile, avec +32, +41… s’il est étranger."),
    "recovery_closed": Cure("Refaites une demande si vous en avez toujours besoin."),
    "recovery_wrong": Cure("Rappelez votre garant et faites-lui lire le code lentement, deux "
        "signes à la fois."),
    "signature_over": Cure("Rouvrez l’opération dans « À signer » et signez-la d’un trait."),
    "text_not_sent": Cure("Vérifiez le numéro dans « Ma connexion », ou choisissez un autre moyen. "
        "Si cela dure, prévenez votre hébergeur."),
    "too_many_codes": Cure("Attendez le délai affiché : le code déjà parti arrive peut-être "
        "encore."),
    "too_many_requests": Cure("Attendez quelques minutes, puis une seule fois, calmement.",
        "Trop d’essais à la suite. Rien n’a été changé."),
    "too_many_tries": Cure("Attendez le délai affiché. Si ce n’est pas vous qui essayez, gelez "
        "votre compte."),
})  # fmt: skip
