"""
Reading camt.053 and camt.052 statements (ISO 20022, versions 02 to 13).

Elements are found by local name, so that every version reads alike. Entities, DTDs and the network
are off; a file that holds no statement is an error, never zero lines in silence.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

from lxml import etree

from encaisse.kernel.money import LARGEST_MINOR, Currency, Money
from encaisse.treasury.core.statement import Statement, StatementLine
from encaisse.treasury.errors import StatementForbiddenContent, StatementUnreadable

LARGEST_FILE_BYTES = 20 * 1024 * 1024
_AMOUNT = re.compile(r"[0-9]{1,18}(?:\.[0-9]{1,5})?")
_CONTAINERS = {"BkToCstmrStmt": "Stmt", "BkToCstmrAcctRpt": "Rpt"}


def read_statements(content: bytes) -> list[Statement]:
    """
    Return the statements of a file.

    :raises StatementUnreadable: not camt, damaged, too large or without a statement
    :raises StatementForbiddenContent: DTD or entities
    :raises StatementUnbalanced: opening balance plus lines is not the closing balance
    """
    root = _parse(content)
    container = next((child for child in root if _name(child) in _CONTAINERS), None)
    if _name(root) != "Document" or container is None:
        raise StatementUnreadable(reason="ce n’est pas un relevé de compte camt")
    wanted = _CONTAINERS[_name(container)]
    statements = [_statement(node) for node in container if _name(node) == wanted]
    if not statements:
        raise StatementUnreadable(reason="il ne contient aucun relevé")
    return statements


def _parse(content: bytes) -> etree._Element:
    if len(content) > LARGEST_FILE_BYTES:
        raise StatementUnreadable(reason="il dépasse 20 Mo")
    if b"<!DOCTYPE" in content[:4096] or b"<!ENTITY" in content:
        raise StatementForbiddenContent(reason="entités XML")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise StatementUnreadable(reason="le XML est abîmé") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise StatementForbiddenContent(reason="entités XML")
    return root


def _statement(node: etree._Element) -> Statement:
    balances = {_text(balance, "Tp/CdOrPrtry/Cd"): balance for balance in _all(node, "Bal")}
    opening = _first_of(balances, "OPBD", "PRCD")
    closing = _first_of(balances, "CLBD", "ITBD")
    lines = tuple(
        line for entry in _all(node, "Ntry") if _is_booked(entry) for line in _lines(entry)
    )
    return Statement(
        iban=_required(node, "Acct/Id/IBAN"),
        statement_id=_text(node, "Id")[:70],
        opening=_signed(opening),
        closing=_signed(closing),
        first_day=_day(opening, "Dt"),
        last_day=_day(closing, "Dt"),
        lines=lines,
    )


def _first_of(balances: dict[str, etree._Element], *codes: str) -> etree._Element:
    for code in codes:
        if code in balances:
            return balances[code]
    raise StatementUnreadable(reason=f"le solde {codes[0]} manque")


def _is_booked(entry: etree._Element) -> bool:
    # v08 nests the status in Cd, v02 writes it flat.
    return (_text(entry, "Sts/Cd") or _text(entry, "Sts")) in {"BOOK", ""}


def _lines(entry: etree._Element) -> Iterator[StatementLine]:
    """Yield one line per entry; a batch whose details carry amounts yields one line per detail."""
    details = [detail for group in _all(entry, "NtryDtls") for detail in _all(group, "TxDtls")]
    whole = _signed(entry)
    amounts = [_detail_amount(detail, entry, whole.currency) for detail in details]
    parts = [amount for amount in amounts if amount is not None]
    adds_up = len(parts) == len(details) and Money.total(parts, whole.currency) == whole
    if len(details) > 1 and adds_up:
        for index, (detail, amount) in enumerate(zip(details, parts, strict=True)):
            yield _line(entry, detail, amount, suffix=f"/{index}")
    else:
        yield _line(entry, details[0] if len(details) == 1 else entry, whole, suffix="")


def _line(
    entry: etree._Element, detail: etree._Element, amount: Money, *, suffix: str
) -> StatementLine:
    party = "Dbtr" if amount.minor > 0 else "Cdtr"
    reference = _text(entry, "AcctSvcrRef") or _text(detail, "Refs/AcctSvcrRef")
    booked_on = _day(entry, "BookgDt")
    remittance = [
        *(_clean(node.text) for node in _all(detail, "RmtInf/Ustrd")),
        *(_clean(node.text) for node in _all(detail, "RmtInf/Strd/CdtrRefInf/Ref")),
        _text(entry, "AddtlNtryInf"),
    ]
    return StatementLine(
        amount=amount,
        booked_on=booked_on,
        value_on=_day(entry, "ValDt", default=booked_on),
        bank_reference=f"{reference}{suffix}" if reference else "",
        end_to_end_id=_text(detail, "Refs/EndToEndId").replace("NOTPROVIDED", "")[:35],
        remittance=" ".join(part for part in remittance if part)[:500],
        counterparty_name=(
            _text(detail, f"RltdPties/{party}/Nm") or _text(detail, f"RltdPties/{party}/Pty/Nm")
        )[:140],
        counterparty_iban=_text(detail, f"RltdPties/{party}Acct/Id/IBAN")[:34],
        bank_code="-".join(
            _text(entry, f"BkTxCd/Domn/{path}")
            for path in ("Cd", "Fmly/Cd", "Fmly/SubFmlyCd")
            if _text(entry, f"BkTxCd/Domn/{path}")
        )[:20],
    )


def _detail_amount(
    detail: etree._Element, entry: etree._Element, currency: Currency
) -> Money | None:
    """Return a detail's amount, or None where it has none in the account's currency."""
    for path in ("Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/InstdAmt/Amt"):
        node = _find(detail, path)
        if node is not None and node.get("Ccy") == currency.value:
            sign = _text(detail, "CdtDbtInd") or _text(entry, "CdtDbtInd")
            return _amount(node, is_debit=sign == "DBIT")
    return None


def _signed(node: etree._Element) -> Money:
    amount, sign = _find(node, "Amt"), _text(node, "CdtDbtInd")
    if amount is None or sign not in {"CRDT", "DBIT"}:
        raise StatementUnreadable(reason="un montant est sans valeur ou sans sens")
    return _amount(amount, is_debit=sign == "DBIT")


def _amount(node: etree._Element, *, is_debit: bool) -> Money:
    text = _clean(node.text)
    if not _AMOUNT.fullmatch(text):
        raise StatementUnreadable(reason="un montant est illisible")
    try:
        currency = Currency(node.get("Ccy", ""))
        scaled = Decimal(text).scaleb(currency.exponent)
    except ValueError as error:
        raise StatementUnreadable(reason="un montant est illisible") from error
    minor = int(scaled)
    if scaled != minor or minor > LARGEST_MINOR:
        raise StatementUnreadable(reason="un montant est illisible")
    return Money(-minor if is_debit else minor, currency)


def _day(node: etree._Element, path: str, *, default: date | None = None) -> date:
    text = _text(node, f"{path}/Dt") or _text(node, f"{path}/DtTm") or _text(node, path)
    if not text and default is not None:
        return default
    try:
        day = datetime.fromisoformat(text).date()
    except ValueError as error:
        raise StatementUnreadable(reason="une date manque ou est illisible") from error
    if not date(2000, 1, 1) <= day <= date(2099, 12, 31):
        raise StatementUnreadable(reason="une date est hors de ce siècle")
    return day


def _required(node: etree._Element, path: str) -> str:
    text = _text(node, path)
    if not text:
        raise StatementUnreadable(reason=f"il manque {path.rsplit('/', 1)[-1]}")
    return text


def _text(node: etree._Element, path: str) -> str:
    found = _find(node, path)
    return _clean(found.text) if found is not None else ""


def _clean(text: str | None) -> str:
    return " ".join((text or "").split())


def _find(node: etree._Element, path: str) -> etree._Element | None:
    return next(iter(_all(node, path)), None)


def _all(node: etree._Element, path: str) -> list[etree._Element]:
    nodes = [node]
    for step in path.split("/"):
        nodes = [child for parent in nodes for child in parent if _name(child) == step]
    return nodes


def _name(node: etree._Element) -> str:
    # Comments and processing instructions have no name; they never match a step.
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""
