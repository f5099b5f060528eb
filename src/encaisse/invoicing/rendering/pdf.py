"""Typesetting: one template, one typesetter per thread, the same bytes for the same document."""

import json
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import cast

import typst

from encaisse.invoicing.core.snapshot import Snapshot, day
from encaisse.invoicing.rendering.codes import transfer_code, web_code
from encaisse.invoicing.rendering.document import Content, PaymentBlock, document_content
from encaisse.invoicing.rendering.glyphs import FONTS, printable
from encaisse.invoicing.rendering.words import words_in
from encaisse.kernel.language import Language

_FOLDER = Path(__file__).parent
_STANDARDS: list["typst.PDFStandard"] = ["a-3b", "ua-1"]
# A typesetter is borrowed mutably while it works: two threads never share one.
_of_thread = threading.local()


def render_document(
    snapshot: Snapshot, *, payment: PaymentBlock | None, language: Language = Language.FRENCH
) -> bytes:
    """Return the document as PDF/A-3b, tagged; equal arguments give equal bytes."""
    content = _printable(document_content(snapshot, payment, words_in(language)))
    pdf = _typesetter().compile(
        format="pdf",
        # Data, never markup: whatever a customer is called, it is only ever a text.
        sys_inputs={
            "document": json.dumps(content, ensure_ascii=False),
            **_payment_inputs(payment),
        },
        pdf_standards=_STANDARDS,
        timestamp=_date_of(snapshot),
    )
    return cast("bytes", pdf)  # one format, no output path: bytes


def _payment_inputs(payment: PaymentBlock | None) -> dict[str, str]:
    """Return what machines follow or scan, where not one character may be replaced."""
    if payment is None:
        return {}
    transfer = transfer_code(
        holder_name=payment.holder_name,
        iban=payment.iban_grouped,
        reference=payment.creditor_reference,
        amount=payment.amount,
    )
    return {
        "link": payment.link_url,
        "web_code": web_code(payment.link_url),
        "transfer_code": transfer or "",
    }


def _date_of(snapshot: Snapshot) -> datetime:
    issued_on = day(snapshot.issued_on)
    if issued_on is None:
        return datetime(1970, 1, 1, tzinfo=UTC)
    return datetime(issued_on.year, issued_on.month, issued_on.day, tzinfo=UTC)


def typeset(
    template: Path, *, content: Content, pictures: Mapping[str, str], dated_on: datetime
) -> bytes:
    """
    Return another document as PDF/A-3b, tagged; equal arguments give equal bytes.

    Pictures are SVG texts, read from memory: what somebody sent is never written in clear.
    """
    compiler = typst.Compiler(
        template, root=template.parent, font_paths=_fonts(), ignore_system_fonts=True
    )
    document = json.dumps(_printable(content), ensure_ascii=False)
    pdf = compiler.compile(
        format="pdf",
        sys_inputs={"document": document, **pictures},
        pdf_standards=_STANDARDS,
        timestamp=dated_on,
    )
    return cast("bytes", pdf)


def _printable(value: object) -> object:
    """Make every text below this value printable."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {key: _printable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(item) for item in value]
    return value


def _typesetter() -> typst.Compiler:
    if not hasattr(_of_thread, "typesetter"):
        _of_thread.typesetter = typst.Compiler(
            _FOLDER / "document.typ",
            root=_FOLDER,
            font_paths=_fonts(),
            ignore_system_fonts=True,
        )
    return cast("typst.Compiler", _of_thread.typesetter)


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])
