"""What to do about errors around the team, signatures and settings."""

from encaisse.web.help.words.shapes import Cure, Family

TEAM = Family("Équipe, signatures, réglages", {
    "already_asked": Cure("Rien à refaire : suivez l’opération dans « À signer »."),
    "already_invited": Cure("Équipe, « Invitations sans réponse » : renvoyez-la ou annulez-la."),
    "already_member": Cure("Cherchez la personne dans Équipe ; changez son rôle s’il ne convient "
        "pas."),
    "export_over": Cure("Redemandez un export et téléchargez-le dans la journée."),
    "four_eyes_impossible": Cure("Invitez une seconde personne qui peut signer, ou retirez cette "
        "règle dans Sécurité, Règles."),
    "invitation_closed": Cure("Demandez à qui vous a invité de renvoyer l’invitation."),
    "invitation_for_someone_else": Cure("Déconnectez-vous, puis entrez avec l’adresse qui a reçu "
        "l’invitation."),
    "last_owner": Cure("Nommez d’abord un autre propriétaire, puis recommencez."),
    "no_longer_member": Cure("Revenez à l’accueil et choisissez une autre entreprise, ou "
        "demandez à "
        "être réinvité."),
    "not_yours_to_sign": Cure("Prévenez la personne qui doit signer : elle la trouve dans « À "
        "signer »."),
    "operation_changed": Cure("Relisez ce qui est affiché maintenant, et ne signez que si cela "
        "vous "
        "convient."),
    "operation_closed": Cure("Refaites la demande si elle est toujours voulue."),
    "permission_denied": Cure("Demandez à un propriétaire de faire ce geste, ou d’élargir votre "
        "rôle dans Équipe."),
    "too_many_invitations": Cure("Annulez celles qui ne servent plus dans Équipe, ou attendez "
        "demain."),
})  # fmt: skip
