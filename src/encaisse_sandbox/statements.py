"""The bank's statements, as camt.053.001.08 files."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from encaisse_sandbox import bank
from encaisse_sandbox.amounts import as_decimal
from encaisse_sandbox.clock import PARIS
from encaisse_sandbox.records import BankAccount, BankTransaction
from encaisse_sandbox.world import BANK_NAME, World

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"


@dataclass(frozen=True, slots=True)
class Statement:
    """A bank account between two days, both included."""

    account: BankAccount
    first: date
    last: date
    made_at: datetime
    opening: int
    transactions: Sequence[BankTransaction]

    @property
    def closing(self) -> int:
        """The balance once every line is booked."""
        return self.opening + sum(line.amount for line in self.transactions)


def read(world: World, account: BankAccount, first: date, last: date) -> Statement:
    """Return the statement of these days as it stands now."""
    return Statement(
        account=account,
        first=first,
        last=last,
        made_at=world.clock.now().astimezone(PARIS).replace(microsecond=0),
        opening=bank.balance_before(world, account.id, first),
        transactions=bank.transactions(world, account.id, first, last),
    )


def as_camt053(statement: Statement) -> bytes:
    """Write the statement as an ISO 20022 document."""
    document = Element("Document", xmlns=NAMESPACE)
    root = SubElement(document, "BkToCstmrStmt")
    header = SubElement(root, "GrpHdr")
    _text(header, "MsgId", f"CAMT{statement.made_at:%Y%m%d%H%M%S}{statement.account.id[-8:]}")
    _text(header, "CreDtTm", statement.made_at.isoformat())
    body = SubElement(root, "Stmt")
    _add_identity(body, statement)
    _add_balance(body, "OPBD", statement.opening, statement.first)
    _add_balance(body, "CLBD", statement.closing, statement.last)
    _add_summary(body, statement.transactions)
    for line in statement.transactions:
        _add_entry(body, line, statement.account)
    indent(document)
    written: bytes = tostring(document, encoding="UTF-8", xml_declaration=True)
    return written


def _add_identity(body: Element, statement: Statement) -> None:
    account = statement.account
    _text(body, "Id", f"{account.id[-11:]}-{statement.first:%Y%m%d}-{statement.last:%Y%m%d}")
    _text(body, "ElctrncSeqNb", str((statement.last - date(2020, 1, 1)).days))
    _text(body, "CreDtTm", statement.made_at.isoformat())
    period = SubElement(body, "FrToDt")
    _text(period, "FrDtTm", f"{statement.first.isoformat()}T00:00:00")
    _text(period, "ToDtTm", f"{(statement.last + timedelta(days=1)).isoformat()}T00:00:00")
    holder = SubElement(body, "Acct")
    _text(SubElement(holder, "Id"), "IBAN", account.id)
    _text(holder, "Ccy", "EUR")
    _text(SubElement(holder, "Ownr"), "Nm", account.holder_name[:140])
    servicer = SubElement(SubElement(holder, "Svcr"), "FinInstnId")
    _text(servicer, "BICFI", account.bic)
    _text(servicer, "Nm", BANK_NAME)


def _add_balance(body: Element, code: str, minor: int, day: date) -> None:
    balance = SubElement(body, "Bal")
    _text(SubElement(SubElement(balance, "Tp"), "CdOrPrtry"), "Cd", code)
    _add_amount(balance, minor, "EUR")
    _text(SubElement(balance, "Dt"), "Dt", day.isoformat())


def _add_summary(body: Element, lines: Sequence[BankTransaction]) -> None:
    summary = SubElement(body, "TxsSummry")
    total = SubElement(summary, "TtlNtries")
    _text(total, "NbOfNtries", str(len(lines)))
    _text(total, "Sum", as_decimal(sum(abs(line.amount) for line in lines)))
    net = sum(line.amount for line in lines)
    movement = SubElement(total, "TtlNetNtry")
    _text(movement, "Amt", as_decimal(net))
    _text(movement, "CdtDbtInd", _direction(net))
    for name, sign in (("TtlCdtNtries", 1), ("TtlDbtNtries", -1)):
        amounts = [abs(line.amount) for line in lines if line.amount * sign > 0]
        side = SubElement(summary, name)
        _text(side, "NbOfNtries", str(len(amounts)))
        _text(side, "Sum", as_decimal(sum(amounts)))


def _add_entry(body: Element, line: BankTransaction, account: BankAccount) -> None:
    entry = SubElement(body, "Ntry")
    _text(entry, "NtryRef", str(line.sequence))
    _add_amount(entry, line.amount, line.currency)
    _text(SubElement(entry, "Sts"), "Cd", "BOOK")
    for name in ("BookgDt", "ValDt"):
        _text(SubElement(entry, name), "Dt", line.booked_date)
    _text(entry, "AcctSvcrRef", line.id)
    _add_bank_transaction_code(entry, line.code)
    details = SubElement(SubElement(entry, "NtryDtls"), "TxDtls")
    references = SubElement(details, "Refs")
    _text(references, "AcctSvcrRef", line.id)
    _text(references, "EndToEndId", line.end_to_end_id or "NOTPROVIDED")
    _add_amount(details, line.amount, line.currency)
    _add_parties(details, line, account)
    _add_remittance(details, line.remittance)


def _add_bank_transaction_code(entry: Element, code: str) -> None:
    domain, family, sub_family = code.split("-")
    parent = SubElement(SubElement(entry, "BkTxCd"), "Domn")
    _text(parent, "Cd", domain)
    group = SubElement(parent, "Fmly")
    _text(group, "Cd", family)
    _text(group, "SubFmlyCd", sub_family)


def _add_parties(details: Element, line: BankTransaction, account: BankAccount) -> None:
    counterparty = (line.counterparty_name, line.counterparty_iban)
    if counterparty == (None, None):
        return
    holder = (account.holder_name, account.id)
    debtor, creditor = (counterparty, holder) if line.amount > 0 else (holder, counterparty)
    parties = SubElement(details, "RltdPties")
    for role, (name, iban) in (("Dbtr", debtor), ("Cdtr", creditor)):
        if name:
            _text(SubElement(SubElement(parties, role), "Pty"), "Nm", name[:140])
        if iban:
            _text(SubElement(SubElement(parties, f"{role}Acct"), "Id"), "IBAN", iban)


def _add_remittance(details: Element, remittance: str) -> None:
    """Write a creditor reference (ISO 11649) as structured, anything else as free text."""
    if not remittance:
        return
    information = SubElement(details, "RmtInf")
    if not _is_creditor_reference(remittance):
        _text(information, "Ustrd", remittance[:140])
        return
    reference = SubElement(SubElement(information, "Strd"), "CdtrRefInf")
    kind = SubElement(reference, "Tp")
    _text(SubElement(kind, "CdOrPrtry"), "Cd", "SCOR")
    _text(kind, "Issr", "ISO")
    _text(reference, "Ref", remittance.replace(" ", ""))


def _is_creditor_reference(text: str) -> bool:
    compact = text.replace(" ", "").upper()
    if not (compact.startswith("RF") and 5 <= len(compact) <= 25 and compact.isalnum()):
        return False
    if not compact.isascii() or not compact[2:4].isdigit():
        return False
    digits = "".join(str(int(character, 36)) for character in compact[4:] + compact[:4])
    return int(digits) % 97 == 1


def _add_amount(parent: Element, minor: int, currency: str) -> None:
    _text(parent, "Amt", as_decimal(minor), Ccy=currency)
    _text(parent, "CdtDbtInd", _direction(minor))


def _direction(minor: int) -> str:
    return "CRDT" if minor >= 0 else "DBIT"


def _text(parent: Element, name: str, content: str, **attributes: str) -> None:
    SubElement(parent, name, attributes).text = content
