from encaisse.kernel.errors import DomainError


class LastFactor(DomainError):
    """The last second factor stays, because a role of this person demands one."""

    code = "last_factor"
    status = 409
    french = (
        "C’est votre dernier second facteur et votre rôle en demande un. Ajoutez-en d’abord un "
        "autre, puis retirez celui-ci."
    )


class PasskeyCopied(DomainError):
    """The signature counter of this passkey went back: a copy of it may exist."""

    code = "passkey_copied"
    status = 403
    french = (
        "Cette clé d’accès a répondu comme le ferait une copie. Elle n’a rien ouvert. Entrez par "
        "un autre moyen, puis retirez-la."
    )


class PasskeyRefused(DomainError):
    """This passkey does not belong to the account, or answered something else."""

    code = "passkey_refused"
    status = 403
    french = (
        "Cette clé d’accès n’ouvre pas ce compte, ou la demande a expiré. Rien n’a changé : "
        "recommencez, ou entrez par un autre moyen."
    )


class CodeWrong(DomainError):
    """This is not the code that was sent; {tries_left} tries are left."""

    code = "code_wrong"
    status = 422
    french = "Ce n’est pas le bon code. Essais restants : {tries_left}."


class CodeOver(DomainError):
    """This code was used, replaced, tried too often, or is too old."""

    code = "code_over"
    status = 422
    french = "Ce code ne sert plus : il a déjà servi ou il est trop vieux. Demandez-en un nouveau."


class TooManyCodes(DomainError):
    """Too many codes were asked for; the next one in {seconds} seconds."""

    code = "too_many_codes"
    status = 429
    french = "Vous venez de demander un code. Vous pourrez en demander un autre dans {seconds} s."


class NoApprover(DomainError):
    """No other telephone of this person answers for them."""

    code = "no_approver"
    status = 409
    french = "Aucun autre téléphone ne répond pour ce compte. Choisissez un autre moyen."


class ApproverRefused(DomainError):
    """This browser cannot answer for its owner: {reason}."""

    code = "approver_refused"
    status = 422
    french = "Ce téléphone ne peut pas donner votre accord : {reason}."


class ApprovalOver(DomainError):
    """This question was answered, replaced, used, or is too old."""

    code = "approval_over"
    status = 409
    french = "Cette demande est close : elle a eu sa réponse ou elle est trop vieille."


class ApprovalWaiting(DomainError):
    """No telephone has answered yet."""

    code = "approval_waiting"
    status = 409
    french = "Votre téléphone n’a pas encore répondu. Ouvrez-y la demande, puis revenez ici."


class ApprovalDenied(DomainError):
    """The telephone refused, or another number was typed on it."""

    code = "approval_denied"
    status = 403
    french = "Refusé sur votre téléphone, ou le nombre tapé n’était pas le bon. Rien n’a été fait."


class NumberWrong(DomainError):
    """Another number was typed than the one shown beside the question."""

    code = "number_wrong"
    status = 422
    french = (
        "Ce n’est pas le nombre affiché. La demande est close : si c’était bien vous, "
        "recommencez depuis l’autre appareil."
    )


class NoPhone(DomainError):
    """This person gave no telephone number."""

    code = "no_phone"
    status = 409
    french = "Aucun numéro de téléphone n’est enregistré pour ce compte."


class NoFactor(DomainError):
    """Recovery codes replace a second factor, and this person has none."""

    code = "no_factor"
    status = 409
    french = "Les codes de secours remplacent un second facteur : ajoutez-en d’abord un."


class GuardianRefused(DomainError):
    """Nobody vouches for themselves."""

    code = "guardian_refused"
    status = 422
    french = "Un garant est quelqu’un d’autre : cette adresse est la vôtre."


class RecoveryClosed(DomainError):
    """This recovery went further, was stopped, or is too old."""

    code = "recovery_closed"
    status = 409
    french = "Cette demande a avancé entre-temps, a été arrêtée ou a expiré. Rien n’a changé."


class RecoveryWrong(DomainError):
    """The guardian's code does not go with this link."""

    code = "recovery_wrong"
    status = 422
    french = "Ce n’est pas le code de votre garant. Demandez-lui de le relire avec vous."


class AccountIsFrozen(DomainError):
    """Somebody froze this account: nothing of it opens before it is reopened."""

    code = "account_frozen"
    status = 403
    french = "Ce compte est gelé : rien ne s’ouvre avant qu’un propriétaire le rouvre."
