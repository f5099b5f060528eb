from encaisse.kernel.errors import DomainError


class FreezeLinkInvalid(DomainError):
    """The link is unknown, too old, or was used."""

    code = "freeze_link_invalid"
    status = 404
    french = (
        "Ce lien n’est plus valable : il sert une fois, pendant sept jours. "
        "Connectez-vous pour geler un compte depuis « Activité de mes comptes »."
    )


class FreezeReachesElsewhere(DomainError):
    """Freezing would close firms that are not the asker's, and nothing says the account stolen."""

    code = "freeze_reaches_elsewhere"
    status = 409
    french = (
        "Cette personne travaille aussi dans une entreprise qui n’est pas à vous, et rien ne dit "
        "que son compte est volé. Retirez-la de votre équipe : elle n’entre plus chez vous."
    )


class GraveNotSilenced(DomainError):
    """What is grave is told somewhere: "{title}" would not be."""

    code = "grave_not_silenced"
    status = 422
    french = "« {title} » est grave : gardez au moins une voie. Rien n’a été changé."
