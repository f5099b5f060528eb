"""QR codes as vector drawings."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

import segno
from segno import helpers

from encaisse.kernel.money import Currency, Money

_LARGEST_EPC_MINOR = 99_999_999_999  # 999 999 999.99 € (EPC069-12, AT-04)


def web_code(url: str) -> str:
    """Return the drawing of a code that opens an address."""
    return _drawing(segno.make_qr(url, error="m"))


def transfer_code(*, holder_name: str, iban: str, reference: str, amount: Money) -> str | None:
    """
    Return the drawing of a code that fills a credit transfer in a bank's application (EPC069-12).

    None without an IBAN, or where the format cannot carry the amount: it is in euros, from one
    cent to a billion.
    """
    if (
        not iban
        or amount.currency is not Currency.EUR
        or not 0 < amount.minor <= _LARGEST_EPC_MINOR
    ):
        return None
    code = helpers.make_epc_qr(
        name=holder_name[:70],
        iban=iban.replace(" ", ""),
        amount=Decimal(amount.as_decimal_text()),
        reference=reference.replace(" ", ""),
        encoding="utf-8",
    )
    return _drawing(code)


def _drawing(code: segno.QRCode) -> str:
    """
    Return an SVG whose dark modules are drawn as rows, then again as columns.

    Rows alone would show hairlines between them in viewers that smooth edges.
    """
    rows = [bytes(row) for row in code.matrix]
    columns = [bytes(column) for column in zip(*rows, strict=True)]
    size = len(rows)
    path = "".join(
        [f"M{x} {y}h{n}v1h-{n}z" for y, x, n in _runs(rows, shortest=1)]
        + [f"M{x} {y}h1v{n}h-1z" for x, y, n in _runs(columns, shortest=2)]
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}">'
        f'<path d="{path}"/></svg>'
    )


def _runs(lines: Sequence[bytes], *, shortest: int) -> Iterator[tuple[int, int, int]]:
    """List the runs of dark modules: line, start and length."""
    for number, line in enumerate(lines):
        start = 0
        for light in (*(i for i, module in enumerate(line) if not module), len(line)):
            if light - start >= shortest:
                yield number, start, light - start
            start = light + 1
