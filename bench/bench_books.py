"""Journal entries single and batched, invoices issued and posted, bank lines matched."""

import random
from collections.abc import Iterator
from datetime import date, timedelta

from stage import instance, report, timed, yardstick

ENTRIES, BATCH, INVOICES, BANK_LINES = 1000, 500, 300, 10_000


def postings(count: int) -> list:
    from uuid import uuid4

    from encaisse.kernel.money import Money
    from encaisse.ledger.core import (
        Account,
        Journal,
        Voucher,
        credit,
        debit,
        entry_of,
    )
    from encaisse.ledger.services import Posting

    def one() -> Posting:
        minor = random.randint(100, 10**6)
        lines = (
            debit(Account.CUSTOMERS, Money(minor + 20)),
            credit(Account.SERVICES, Money(minor)),
            credit(Account.VAT_PENDING, Money(20)),
        )
        day = date(2026, random.randint(1, 12), random.randint(1, 28))
        voucher = Voucher(
            journal=Journal.SALES,
            entry_date=day,
            piece_reference="B",
            piece_date=day,
            label="Banc d’essai",
        )
        return Posting(entry=entry_of("bench", *lines), voucher=voucher, source=f"b:{uuid4()}")

    return [one() for _ in range(count)]


def batches(items: list, size: int) -> Iterator[list]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def statement(iban: str, references: list[str], amount_minor: int) -> bytes:
    """A camt.053 of plain transfers, each with the reference of the request it pays."""
    amount = f"{amount_minor / 100:.2f}"
    entries = "".join(
        f"<Ntry><Amt Ccy='EUR'>{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>"
        f"<BookgDt><Dt>2026-11-23</Dt></BookgDt><AcctSvcrRef>L{index}</AcctSvcrRef><NtryDtls>"
        f"<TxDtls><RmtInf><Ustrd>{reference}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
        for index, reference in enumerate(references)
    )
    closing = f"{amount_minor * len(references) / 100:.2f}"

    def balance(code: str, value: str) -> str:
        return (
            f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy='EUR'>{value}</Amt>"
            "<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-23</Dt></Dt></Bal>"
        )

    return (
        "<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.053.001.08'><BkToCstmrStmt><Stmt>"
        f"<Id>1</Id><Acct><Id><IBAN>{iban}</IBAN></Id></Acct>{balance('OPBD', '0.00')}"
        f"{balance('CLBD', closing)}{entries}</Stmt></BkToCstmrStmt></Document>"
    ).encode()


def main() -> None:
    with instance():
        from encaisse.kit.tenancy import acting_for
        from encaisse.ledger.services import post_entries, post_entry
        from factories.organizations import NOW, Firm

        reference = yardstick()
        print(f"pgbench simple-update, one client: {reference:.0f}/s", flush=True)
        firm = Firm()
        single = postings(ENTRIES)

        def post_single() -> None:
            for item in single:
                with acting_for(firm.id):
                    post_entry(organization_id=firm.id, posting=item, now=NOW)

        report(
            "journal entries, one a commit",
            ENTRIES,
            timed(post_single),
            reference=reference,
            aim=400,
        )
        many = postings(ENTRIES * 10)

        def post_batched() -> None:
            for batch in batches(many, BATCH):
                with acting_for(firm.id):
                    post_entries(organization_id=firm.id, postings=batch, now=NOW)

        report(
            "journal entries, batched",
            len(many),
            timed(post_batched),
            reference=reference,
            aim=5000,
        )
        bench_invoices(firm, reference)
        bench_bank(firm, reference)


def bench_invoices(firm: object, reference: float) -> None:
    from encaisse.counterparties.services import CustomerDraft, create_customer
    from encaisse.invoicing.core.amounts import Line, VatRate
    from encaisse.invoicing.services.invoices import InvoiceDraft, issue_invoice
    from encaisse.kernel.money import Money
    from encaisse.kit.clock import business_now, paris_date

    now = business_now()
    customer = create_customer(
        organization_id=firm.id, actor=firm.actor, draft=CustomerDraft(name="Leroy"), now=now
    )
    draft = InvoiceDraft(
        customer_id=customer.id,
        subject="Dépannage",
        lines=tuple(Line("Heure", 1000, "h", Money(4800), rate) for rate in list(VatRate)[1:]),
        due_on=paris_date(now) + timedelta(days=30),
    )

    def issue() -> None:
        for _ in range(INVOICES):
            issue_invoice(organization_id=firm.id, actor=firm.actor, draft=draft, now=now)

    report(
        "invoices issued and posted, one a commit",
        INVOICES,
        timed(issue),
        reference=reference,
        aim=100,
    )


def bench_bank(firm: object, reference: float) -> None:
    from encaisse.kernel.identifiers import Iban
    from encaisse.kernel.money import Money
    from encaisse.kit.clock import business_now
    from encaisse.kit.tenancy import acting_for
    from encaisse.ledger.core import Account
    from encaisse.payments.services.requests import RequestDraft, create_request
    from encaisse.treasury.services.accounts import (
        BankAccountDraft,
        add_bank_account,
    )
    from encaisse.treasury.services.imports import import_statement

    now, iban = business_now(), Iban.parse("FR7630006000011234567890189").text
    add_bank_account(
        organization_id=firm.id,
        actor=firm.actor,
        draft=BankAccountDraft(iban=iban, holder_name="Plomberie"),
        now=now,
    )
    draft = RequestDraft(amount=Money(1234), description="Banc", credit_account=Account.CUSTOMERS)
    references = []
    for batch in batches(list(range(BANK_LINES)), 500):
        with acting_for(firm.id):
            references += [
                create_request(
                    organization_id=firm.id, actor=firm.actor, draft=draft, now=now
                ).creditor_reference
                for _ in batch
            ]
    content = statement(iban, references, 1234)

    def load() -> None:
        outcome = import_statement(
            organization_id=firm.id, actor=firm.actor, name="banc.xml", content=content, now=now
        )
        assert outcome.matched == BANK_LINES

    report(
        "bank lines imported, matched and posted",
        BANK_LINES,
        timed(load),
        reference=reference,
        aim=2000,
    )


if __name__ == "__main__":
    main()
