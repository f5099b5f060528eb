from encaisse.kernel.errors import DomainError


class FreezeLinkInvalid(DomainError):
    """The link is unknown, too old, or was used."""

    code = "freeze_link_invalid"
    status = 404
    french = (
        "Ce lien n’est plus valable : il sert une fois, pendant sept jours. "
        "Connectez-vous pour geler un compte depuis « Activité de mes comptes »."
    )


class GraveNotSilenced(DomainError):
    """What is grave is told somewhere: "{title}" would not be."""

    code = "grave_not_silenced"
    status = 422
    french = "« {title} » est grave : gardez au moins une voie. Rien n’a été changé."
