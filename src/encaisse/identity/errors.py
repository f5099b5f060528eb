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
        "Cette clé d’accès n’ouvre pas ce compte, ou la demande a expiré. Rien n’a changé : "
        "recommencez, ou entrez par un autre moyen."
    )
