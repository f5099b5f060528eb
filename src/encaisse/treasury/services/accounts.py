"""The firm's bank accounts."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from encaisse.audit import services as audit
from encaisse.kernel.actor import Actor
from encaisse.kernel.errors import NotFound
from encaisse.kernel.identifiers import Iban
from encaisse.kernel.text import clean_text, required_text
from encaisse.kit.crypto import blind_index, blind_indexes, seal, unseal
from encaisse.kit.events import publish
from encaisse.kit.identifiers import new_id
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import OperationKind
from encaisse.organizations.operations import Content, Draft
from encaisse.treasury.events import CollectingAccountChanged
from encaisse.treasury.models import BankAccount


@dataclass(frozen=True, slots=True, kw_only=True)
class BankAccountDraft:
    """What the owner copies from a bank's RIB: the holder's name exactly as the bank has it."""

    iban: str
    holder_name: str
    label: str = ""
    bank_name: str = ""


def add_bank_account(
    *, organization_id: UUID, actor: Actor, draft: BankAccountDraft, now: datetime
) -> BankAccount:
    """
    Declare an account; the first one is where customers pay. Declaring it again changes nothing.

    The holder's name is printed with the IBAN: payers' banks compare it (verification of payee,
    regulation (EU) 2024/886 article 5c).

    :raises IbanInvalid: the number does not pass its check
    :raises Invalid: no holder's name
    """
    iban = Iban.parse(draft.iban)
    holder = required_text(draft.holder_name, largest=70, field="Titulaire du compte")
    with acting_for(organization_id):
        known = BankAccount.objects.filter(
            organization_id=organization_id, iban_index__in=iban_indexes(iban)
        ).first()
        if known is not None:
            return known
        is_first = not BankAccount.objects.filter(
            organization_id=organization_id, is_collecting=True
        ).exists()
        account = BankAccount(
            id=new_id(),
            organization_id=organization_id,
            iban_index=index_of_iban(iban.text),
            iban_masked=iban.masked,
            is_collecting=is_first,
            created_at=now,
        )
        account.label = clean_text(draft.label, largest=60, field="Libellé") or "Compte courant"
        account.bank_name = clean_text(draft.bank_name, largest=80, field="Banque")
        account.iban_sealed = seal(iban.text, account.place("iban"))
        account.holder_sealed = seal(holder, account.place("holder"))
        account.save(force_insert=True)
        audit.record(
            organization_id=organization_id,
            actor=actor,
            action="bank_account:added",
            target=f"bank_account:{account.id}",
            facts={"iban": iban.masked, "is_collecting": is_first},
            now=now,
        )
    return account


def collect_on(
    *, organization_id: UUID, actor: Actor, account_id: UUID, now: datetime
) -> BankAccount:
    """
    Ask customers to pay on this account from now on. What is already printed keeps its IBAN.

    :raises NotFound: no such account here
    """
    with acting_for(organization_id):
        rows = BankAccount.objects.select_for_update().filter(organization_id=organization_id)
        accounts = {account.id: account for account in rows.order_by("id")}
        account = accounts.get(account_id)
        if account is None:
            raise NotFound
        if account.is_collecting:
            return account
        former = next((row for row in accounts.values() if row.is_collecting), None)
        if former is not None:
            _set_collecting(former, value=False)
        _set_collecting(account, value=True)
        audit.record(
            organization_id=organization_id,
            actor=actor,
            action="bank_account:collecting:chosen",
            target=f"bank_account:{account.id}",
            facts={"iban": account.iban_masked, "former": former.iban_masked if former else ""},
            now=now,
        )
        publish(
            CollectingAccountChanged(
                organization_id=organization_id,
                account_id=account.id,
                by=actor.member_id,
                at=now,
            )
        )
    return account


def collecting_draft(account: BankAccount) -> Draft:
    """Describe what changing the account customers pay on means, for whoever signs it."""
    holder = unseal(account.holder_sealed, account.place("holder"))
    # Whole: whoever signs compares it with the bank's own paper.
    iban = Iban(unseal(account.iban_sealed, account.place("iban")))
    return Draft(
        kind=OperationKind.COLLECT_ON,
        title="Changer le compte où vos clients vous paient",
        payee=f"{iban.grouped}, au nom de {holder}",
        content={"account_id": str(account.id)},
        beneficiary=f"bank_account:{account.id}",
    )


def collect_as_signed(organization_id: UUID, actor: Actor, content: Content, now: datetime) -> UUID:
    account_id = UUID(content["account_id"])
    collect_on(organization_id=organization_id, actor=actor, account_id=account_id, now=now)
    return account_id


def _set_collecting(account: BankAccount, *, value: bool) -> None:
    account.is_collecting = value
    account.save(update_fields=["is_collecting"])


def index_of_iban(text: str) -> bytes:
    """Return what finds an IBAN, given without spaces, without storing it in clear."""
    return blind_index(text, purpose="iban")


def iban_indexes(iban: Iban) -> list[bytes]:
    """Return what finds an IBAN whichever key its row was written with."""
    return blind_indexes(iban.text, purpose="iban")
