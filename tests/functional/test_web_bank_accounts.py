"""Several bank accounts, one of which collects."""

import threading

import pytest
from django.db import connection
from django.urls import reverse

from encaisse.audit.queries import entries
from encaisse.kernel.errors import NotFound
from encaisse.kit.clock import business_now
from encaisse.kit.files import read_file
from encaisse.kit.tenancy import acting_for
from encaisse.notifications.documents import invoice_pdf
from encaisse.treasury.queries import bank_accounts, collecting_account
from encaisse.treasury.services.accounts import BankAccountDraft, add_bank_account, collect_on
from factories.invoicing import make_invoice
from factories.organizations import Firm
from factories.payments import PayableFirm
from functional.asking import marked
from functional.signing import Signer, asked
from functional.web_people import signed_in

FIRST, SECOND = "FR7630006000011234567890189", "FR2814508000303788767810101"


def declare(firm, iban):
    return add_bank_account(
        organization_id=firm.id,
        actor=firm.actor,
        draft=BankAccountDraft(iban=iban, holder_name="PLOMBERIE MARTIN SARL"),
        now=business_now(),
    )


def collecting(firm):
    with acting_for(firm.id):
        return collecting_account(organization_id=firm.id).iban


def stored_pdf(firm, invoice):
    file_id = invoice_pdf(organization_id=firm.id, invoice=invoice, now=business_now())
    with acting_for(firm.id):
        return read_file(organization_id=firm.id, file_id=file_id)[1]


@pytest.fixture
def firm():
    return Firm()


@pytest.fixture
def accounts(firm):
    return [declare(firm, FIRST), declare(firm, SECOND)]


def test_the_first_account_collects_until_another_is_chosen(firm, accounts):
    owner = Signer(firm, firm.owner)
    before = collecting(firm)

    page = owner.client.get(
        reverse("bank_collect", args=[accounts[1].id]), marked()
    ).content.decode()
    owner.client.post(reverse("bank_collect", args=[accounts[1].id]), marked())
    unsigned = collecting(firm)
    signing = owner.page_of(asked(firm))
    answer = owner.sign(asked(firm))

    assert unsigned == FIRST
    assert " ".join(SECOND[i : i + 4] for i in range(0, len(SECOND), 4)) in signing
    assert "gardent l’IBAN qu’elles impriment" in page
    assert accounts[0].iban_masked in page
    assert answer["Location"] == reverse("bank")
    assert (before, collecting(firm)) == (FIRST, SECOND)
    with acting_for(firm.id):
        actions = [entry.action for entry in entries(organization_id=firm.id)[:3]]
    assert "bank_account:collecting:chosen" in actions


def test_choosing_it_again_writes_nothing(firm, accounts):
    collect_on(
        organization_id=firm.id, actor=firm.actor, account_id=accounts[0].id, now=business_now()
    )

    with acting_for(firm.id):
        assert entries(organization_id=firm.id).first().action == "bank_account:added"


def test_two_choices_at_once_leave_one_account(firm, accounts):
    third = declare(firm, "FR8210278060610002023770101")
    start = threading.Barrier(2)

    def choose(account):
        start.wait()
        collect_on(
            organization_id=firm.id, actor=firm.actor, account_id=account.id, now=business_now()
        )
        connection.close()

    threads = [threading.Thread(target=choose, args=[row]) for row in (accounts[1], third)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    with acting_for(firm.id):
        assert bank_accounts(organization_id=firm.id).filter(is_collecting=True).count() == 1
    assert collecting(firm) != FIRST


def test_an_invoice_already_issued_keeps_its_iban(world):
    firm = PayableFirm(world)
    issued = make_invoice(firm)
    printed = stored_pdf(firm, issued)
    other = declare(firm, SECOND)

    collect_on(organization_id=firm.id, actor=firm.actor, account_id=other.id, now=business_now())

    assert stored_pdf(firm, issued) == printed
    assert collecting(firm) == SECOND


@pytest.mark.parametrize("name", ["bank_new", "bank_collect"])
def test_where_money_arrives_is_changed_by_whoever_proves_it_again(firm, accounts, name):
    arguments = [accounts[1].id] if name == "bank_collect" else []

    answer = signed_in(firm).get(reverse(name, args=arguments))

    assert answer["Location"].startswith("/compte/reauthenticate/")


def test_an_account_of_another_firm_collects_nothing_here(firm, accounts):
    with pytest.raises(NotFound):
        collect_on(
            organization_id=Firm().id,
            actor=firm.actor,
            account_id=accounts[0].id,
            now=business_now(),
        )
