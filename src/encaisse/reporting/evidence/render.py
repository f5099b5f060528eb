"""The evidence as one PDF: the same bytes for the same evidence, so that what was read is sent."""

from base64 import b64encode
from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from PIL import Image

from encaisse.invoicing.rendering.pdf import typeset
from encaisse.reporting.evidence.facts import Evidence
from encaisse.reporting.evidence.pack import pack_content

_TEMPLATE = Path(__file__).with_name("evidence.typ")


def render_pack(evidence: Evidence, photos: Sequence[bytes]) -> bytes:
    """Return the pack; photos are JPEG that we wrote ourselves."""
    today = evidence.today
    return typeset(
        _TEMPLATE,
        content=pack_content(evidence),
        pictures={f"photo-{number}": _drawing(content) for number, content in enumerate(photos)},
        dated_on=datetime(today.year, today.month, today.day, tzinfo=UTC),
    )


def _drawing(photo: bytes) -> str:
    """Wrap a photo in SVG: the typesetter takes pictures from memory as text only."""
    width, height = Image.open(BytesIO(photo), formats=["JPEG"]).size
    data = b64encode(photo).decode()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">'
        f'<image href="data:image/jpeg;base64,{data}" width="{width}" height="{height}"/></svg>'
    )
