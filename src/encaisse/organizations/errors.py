from encaisse.kernel.errors import DomainError


class PermissionDenied(DomainError):
    """This needs the permission {permission}."""

    code = "permission_denied"
    status = 403
    french = "Votre rôle ne permet pas cette action ({permission})."


class LastOwner(DomainError):
    """An organization keeps at least one owner."""

    code = "last_owner"
    status = 409
    french = "L’entreprise doit garder au moins un propriétaire."


class HandleUnknown(DomainError):
    """This address leads nowhere, or no longer does."""

    code = "handle_unknown"
    status = 404
    french = "Cette adresse ne mène nulle part, ou n’est plus valable."


class ApiKeyInvalid(DomainError):
    """The API key is missing, unknown, revoked or expired."""

    code = "api_key_invalid"
    status = 401
    french = "La clé d’API est absente, inconnue, révoquée ou expirée."


class ApiKeyAddressRefused(DomainError):
    """This API key does not open from the address it was shown from."""

    code = "api_key_address_refused"
    status = 403
    french = (
        "Cette clé d’API ne s’ouvre pas depuis cette adresse. Un propriétaire choisit les adresses "
        "dans Réglages, Clés d’API."
    )


class ApiKeyNotReplaceable(DomainError):
    """This API key was already replaced, or opens nothing any more."""

    code = "api_key_not_replaceable"
    status = 409
    french = (
        "Cette clé ne peut plus être remplacée : elle l’est déjà, ou elle n’ouvre plus rien. "
        "Créez-en une autre au besoin."
    )


class AlreadyMember(DomainError):
    """This person already belongs to the organization."""

    code = "already_member"
    status = 409
    french = "Cette personne fait déjà partie de l’équipe."


class AlreadyInvited(DomainError):
    """An invitation to this address already waits."""

    code = "already_invited"
    status = 409
    french = "Cette adresse a déjà une invitation en attente. Renvoyez-la depuis la page Équipe."


class TooManyInvitations(DomainError):
    """At most {largest} invitations may wait or be sent in a day."""

    code = "too_many_invitations"
    status = 409
    french = (
        "Au plus {largest} invitations en attente ou envoyées dans la même journée. Annulez-en, "
        "ou revenez demain."
    )


class InvitationClosed(DomainError):
    """This invitation was used, cancelled, or is too old."""

    code = "invitation_closed"
    status = 410
    french = (
        "Cette invitation a déjà servi, a été annulée ou date de plus de sept jours. Demandez-en "
        "une autre à la personne qui vous l’a envoyée."
    )


class InvitationForSomeoneElse(DomainError):
    """This invitation was sent to another address than the one signed in."""

    code = "invitation_for_someone_else"
    status = 403
    french = (
        "Cette invitation a été envoyée à une autre adresse que celle de votre compte. "
        "Connectez-vous avec l’adresse qui l’a reçue."
    )


class NoLongerMember(DomainError):
    """The organization this session worked in no longer counts its holder among its members."""

    code = "no_longer_member"
    status = 403
    french = (
        "Vous ne faites plus partie de l’entreprise où vous travailliez. Rien n’a été enregistré. "
        "Revenez à l’accueil pour continuer dans une autre."
    )


class EmergencyForOneself(DomainError):
    """Nobody makes an emergency code for themselves."""

    code = "emergency_for_oneself"
    status = 409
    french = "Un code d’urgence se demande à un autre propriétaire : personne ne s’en fait un."


class EmergencyElsewhere(DomainError):
    """This person also works in a firm that the asker does not own."""

    code = "emergency_elsewhere"
    status = 409
    french = (
        "Cette personne travaille aussi dans une entreprise qui n’est pas à vous, et ce code "
        "l’ouvrirait. Qu’elle passe par « J’ai perdu mes moyens de connexion », avec son garant."
    )


class OperationClosed(DomainError):
    """This operation was signed, refused, cancelled, or waited too long."""

    code = "operation_closed"
    status = 410
    french = (
        "Cette opération a déjà été validée, refusée ou annulée, ou elle a attendu trop longtemps. "
        "Recommencez-la si elle est toujours voulue."
    )


class OperationChanged(DomainError):
    """What is signed is not what was shown: nothing was done."""

    code = "operation_changed"
    status = 409
    french = "L’opération n’est plus celle qui vous a été montrée. Rien n’a été fait : relisez-la."


class AlreadyAsked(DomainError):
    """This form has served already, for the operation {operation_id}."""

    code = "already_asked"
    status = 409
    french = "Ce formulaire a déjà servi : voici ce qu’il a demandé. Rien n’a été fait deux fois."


class SignatureOver(DomainError):
    """Five tries or five minutes have passed, or it was begun elsewhere: begin again."""

    code = "signature_over"
    status = 409
    french = (
        "Cinq essais ou cinq minutes sont passés, ou cette signature a été commencée ailleurs : "
        "elle ne vaut plus rien, et rien n’a été fait. Recommencez depuis cette page."
    )


class NotYoursToSign(DomainError):
    """The operation waits for somebody else's signature."""

    code = "not_yours_to_sign"
    status = 403
    french = "Cette opération attend la signature d’une autre personne que vous."


class ExportOver(DomainError):
    """This export was taken away already, is older than a day, or is somebody else's."""

    code = "export_over"
    status = 410
    french = (
        "Cet export a déjà été téléchargé, date de plus d’un jour, ou n’est pas le vôtre. "
        "Demandez-en un autre."
    )


class AccessDenied(DomainError):
    """Too many signs against this access: the account is closed to new devices."""

    code = "access_denied"
    status = 403
    french = (
        "Trop d’indices jouent contre cette demande : elle est refusée et le compte n’accepte plus "
        "de nouvel appareil. Un propriétaire peut le rouvrir depuis la page Équipe."
    )


class FourEyesImpossible(DomainError):
    """Two people cannot be asked: only one may do {permission}."""

    code = "four_eyes_impossible"
    status = 409
    french = (
        "Il faut au moins deux personnes qui peuvent valider cette opération ({permission}). "
        "Invitez-en une d’abord."
    )
