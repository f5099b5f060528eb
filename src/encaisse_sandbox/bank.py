"""The sandbox's bank: accounts, booked lines, balances."""

import re
from dataclasses import dataclass
from datetime import date

from encaisse_sandbox.clock import paris_date, stamp
from encaisse_sandbox.identifiers import SANDBOX_BIC, french_iban, new_french_iban, new_id
from encaisse_sandbox.records import BankAccount, BankTransaction, Json
from encaisse_sandbox.world import PROVIDER_NAME, World

PROVIDER_IBAN = french_iban("99998", "00001", "00000000042")

# ISO 20022 bank transaction codes: domain, family, sub-family.
INSTANT_CREDIT = "PMNT-RRCT-ESCT"
INSTANT_DEBIT = "PMNT-IRCT-ESCT"
TRANSFER_CREDIT = "PMNT-RCDT-ESCT"
TRANSFER_DEBIT = "PMNT-ICDT-ESCT"
OTHER_CREDIT = "PMNT-MCOP-OTHR"
OTHER_DEBIT = "PMNT-MDOP-OTHR"

# What SEPA carries in an end-to-end identification.
_SEPA_TEXT = re.compile(r"[A-Za-z0-9/\-?:().,'+ ]{1,35}")


@dataclass(frozen=True, slots=True)
class Line:
    """A line to book; the amount is positive for a credit."""

    iban: str
    amount: int
    remittance: str
    code: str
    currency: str = "EUR"
    counterparty_name: str | None = None
    counterparty_iban: str | None = None
    end_to_end_id: str | None = None


def open_account(world: World, account_id: str, holder_name: str) -> BankAccount:
    """Open a bank account for a merchant."""
    account = BankAccount(
        id=new_french_iban(), account_id=account_id, bic=SANDBOX_BIC, holder_name=holder_name
    )
    world.db.insert(account)
    return account


def find(world: World, iban: str) -> BankAccount | None:
    """Return the account with this IBAN, however it is spaced."""
    return world.db.first(BankAccount, "id = ?", iban.replace(" ", "").upper())


def account_of(world: World, account_id: str) -> BankAccount:
    """Return the bank account that a merchant's payouts go to."""
    return world.db.one(BankAccount, "account_id = ? ORDER BY rowid", account_id)


def book(world: World, line: Line) -> BankTransaction:
    """Book a line now."""
    now = world.clock.now()
    transaction = BankTransaction(
        id=new_id("btx"),
        sequence=world.db.next_number("bank_transaction"),
        iban=line.iban,
        booked_at=stamp(now),
        booked_date=paris_date(now).isoformat(),
        amount=line.amount,
        currency=line.currency,
        remittance=line.remittance,
        counterparty_name=line.counterparty_name,
        counterparty_iban=line.counterparty_iban,
        end_to_end_id=line.end_to_end_id,
        code=line.code,
    )
    world.db.insert(transaction)
    return transaction


def book_payout(world: World, account_id: str, net: int, bank_reference: str) -> None:
    """Book what the provider pays, or takes back when the net is negative."""
    if net == 0:
        return
    book(
        world,
        Line(
            iban=account_of(world, account_id).id,
            amount=net,
            remittance=bank_reference,
            code=TRANSFER_CREDIT if net > 0 else TRANSFER_DEBIT,
            counterparty_name=PROVIDER_NAME,
            counterparty_iban=PROVIDER_IBAN,
            end_to_end_id=bank_reference,
        ),
    )


def transactions(world: World, iban: str, first: date, last: date) -> list[BankTransaction]:
    """Return the lines booked between two Paris days, both included."""
    return world.db.all(
        BankTransaction,
        "iban = ? AND booked_date BETWEEN ? AND ? ORDER BY sequence",
        iban,
        first.isoformat(),
        last.isoformat(),
    )


def balance_before(world: World, iban: str, day: date) -> int:
    """Return the balance at the start of a Paris day."""
    query = (
        "SELECT coalesce(sum(amount), 0) FROM bank_transactions WHERE iban = ? AND booked_date < ?"
    )
    return int(world.db.scalar(query, iban, day.isoformat()) or 0)


def end_to_end_id(reference: str, otherwise: str) -> str:
    """Return the reference if SEPA can carry it, otherwise the other text."""
    return reference if _SEPA_TEXT.fullmatch(reference) else otherwise


def payload(transaction: BankTransaction) -> Json:
    """Return a line as the API shows it."""
    return {
        "object": "bank_transaction",
        "id": transaction.id,
        "iban": transaction.iban,
        "booked_at": transaction.booked_at,
        "booking_date": transaction.booked_date,
        "amount": transaction.amount,
        "currency": transaction.currency,
        "remittance": transaction.remittance,
        "counterparty_name": transaction.counterparty_name,
        "counterparty_iban": transaction.counterparty_iban,
        "end_to_end_id": transaction.end_to_end_id,
        "bank_transaction_code": transaction.code,
    }
