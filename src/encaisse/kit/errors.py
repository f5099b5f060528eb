"""What can go wrong with keys, told to whoever looks after an installation."""

from encaisse.kernel.errors import DomainError


class RotationRunning(DomainError):
    """Another rotation of the keys is running on this database."""

    code = "rotation_running"
    status = 409
    french = "Un renouvellement des clés est déjà en cours sur cette base."


class RotationHeldBack(DomainError):
    """{count} values are held by other work; run the rotation again."""

    code = "rotation_held_back"
    status = 409
    french = "{count} valeurs sont tenues par un autre travail : relancez « encaisse keys rotate »."


class KeysStillInUse(DomainError):
    """{count} values are still sealed under former keys."""

    code = "keys_still_in_use"
    status = 409
    french = (
        "{count} valeurs sont encore scellées avec d’anciennes clés : lancez d’abord "
        "« encaisse keys rotate »."
    )


class KeysInEnvironment(DomainError):
    """The keyset comes from ENCAISSE_KEYSET, which no command can replace."""

    code = "keys_in_environment"
    status = 409
    french = (
        "Les clés viennent de la variable ENCAISSE_KEYSET, que nulle commande ne peut remplacer : "
        "mettez-les dans un fichier (ENCAISSE_KEYSET_FILE)."
    )


class PassphraseTooShort(DomainError):
    """A passphrase has at least {least} characters."""

    code = "passphrase_too_short"
    status = 422
    french = "Une phrase secrète a au moins {least} caractères."


class PassphraseWrong(DomainError):
    """The passphrase is not the one this was sealed with, or the content was changed."""

    code = "passphrase_wrong"
    status = 422
    french = "Ce n’est pas la phrase secrète de ce fichier, ou le fichier a été modifié."


class SealedFileUnreadable(DomainError):
    """The file is not one of ours, is cut short, or was changed: {reason}."""

    code = "sealed_file_unreadable"
    status = 422
    french = "Ce fichier n’est pas l’un des nôtres, est incomplet ou a été modifié : {reason}."
