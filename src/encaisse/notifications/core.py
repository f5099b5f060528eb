"""Words of a mail: kinds, and the plain text every mail is written in. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class MailKind(StrEnum):
    """What a mail is about; one mail per kind and object, and one template per kind."""

    RECEIPT = "receipt"
    REFUND = "refund"
    PAYMENT_HELD = "payment_held"
    IDENTITY_ASKED = "identity_asked"
    PAYMENT_NOT_TAKEN = "payment_not_taken"
    QUOTE = "quote"
    QUOTE_ACCEPTED = "quote_accepted"
    QUOTE_REFUSED = "quote_refused"
    QUOTE_WITHDRAWN = "quote_withdrawn"
    WITHDRAWAL_RECEIPT = "withdrawal_receipt"
    INVOICE = "invoice"
    DEPOSIT_INVOICE = "deposit_invoice"
    CREDIT_NOTE = "credit_note"
    DISPUTE = "dispute"
    INVITATION = "invitation"
    ALERT = "alert"
    RECOVERY_APPROVED = "recovery_approved"
    RECOVERY_CANCELLED = "recovery_cancelled"
    RECOVERY_DONE = "recovery_done"
    OPERATION_ASKED = "operation_asked"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A few lines of a mail; the one that holds the link is its button, `lines[0]` its label."""

    lines: tuple[str, ...]
    is_action: bool


@dataclass(frozen=True, slots=True)
class Words:
    """A mail as written: its subject, its text, and the text's paragraphs."""

    subject: str
    text: str
    paragraphs: tuple[Paragraph, ...]


def read_words(written: str, *, link: str) -> Words:
    """Read a rendered template: the subject on the first line, then paragraphs."""
    subject, _, body = written.strip().partition("\n")
    blocks = tuple(_blocks(body))
    return Words(
        subject=subject.strip(),
        text="\n\n".join("\n".join(block) for block in blocks) + "\n",
        paragraphs=tuple(
            Paragraph(lines=block, is_action=bool(link) and block[-1] == link and len(block) == 2)
            for block in blocks
        ),
    )


def _blocks(body: str) -> Iterator[tuple[str, ...]]:
    for block in body.strip().split("\n\n"):
        lines = tuple(line.strip() for line in block.splitlines() if line.strip())
        if lines:
            yield lines
