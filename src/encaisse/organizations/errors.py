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
