"""What the tables of this package hold once the disk is stolen."""

from encaisse.kit.at_rest import (
    Row,
    Sealing,
    clear,
    declare,
    digest,
    sealed,
    sealed_as,
    sealed_for_subject,
)
from encaisse.kit.envelopes import WRAPPED_KEY
from encaisse.kit.subjects import context_of

_OURS = "A word of ours, from a list."


def _data_key(row: Row) -> bytes:
    if row.organization_id is None:
        raise ValueError("A data key belongs to an organization.")
    return context_of(row.organization_id, row.values["subject"])


declare(
    "kit_subjectkey",
    clear("Whose key it is: a kind and an identifier.", "subject"),
    sealed_as(
        "The key of a subject, wrapped by the instance's.",
        "wrapped",
        Sealing(_data_key, WRAPPED_KEY, needs=("subject",)),
    ),
)
declare(
    "kit_storedfile",
    clear(_OURS, "kind", "media_type"),
    clear("A name that lists show: a document's number, or what the person called it.", "name"),
    digest("Proof that the file is the one that was stored.", "sha256"),
)
declare("kit_filecontent", sealed_for_subject("What the file holds.", "sealed"))
declare(
    "kit_idempotentanswer",
    clear("Chosen by the calling program to name its request.", "key"),
    digest("Tells whether two requests are the same.", "request_digest"),
    sealed("May hold the secret of a payment link.", "body_sealed"),
)
declare(
    "kit_keyrotation",
    clear("Which column was renewed, how far.", "table_name", "column_name", "last_key"),
)
declare(
    "kit_cache",
    clear(
        "Counts of tries by network address or by the digest of an e-mail; gone within the day.",
        "cache_key",
        "value",
    ),
)

# Tables of the libraries we stand on.
declare("django_migrations", clear("Names of our own migrations.", "app", "name"))
declare("django_content_type", clear("Names of our own models.", "app_label", "model"))
declare(
    "procrastinate_jobs",
    clear("Which job, in which state.", "queue_name", "task_name", "status", "lock"),
    clear("A job's name and an identifier.", "queueing_lock"),
    clear("Identifiers of rows, nothing they hold: jobs read it again.", "args"),
)
declare("procrastinate_events", clear(_OURS, "type"))
declare(
    "procrastinate_periodic_defers", clear("Names of our own jobs.", "task_name", "periodic_id")
)
