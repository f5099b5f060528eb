"""Another account of the provider is signed first: customers' money would go there."""

import pytest
from django.urls import reverse
from django.utils import timezone

from encaisse.kit.clock import business_now
from encaisse.kit.crypto import unseal
from encaisse.kit.tenancy import acting_for
from encaisse.organizations import operations
from encaisse.organizations.core import OperationState, Permission, Role
from encaisse.organizations.models import Operation
from encaisse.providers.errors import OtherAccountConnected
from encaisse.providers.models import Connection, ConnectionState
from encaisse.providers.queries import active_connection
from encaisse.providers.services import connect_provider
from factories.organizations import Firm
from factories.payments import PayableFirm
from functional.asking import choose, marked, state_of
from functional.signing import Signer, asked, words
from functional.web_people import audited, signed_in


@pytest.fixture
def firm(world):
    return PayableFirm(world)


@pytest.fixture
def owner(firm):
    return Signer(firm, firm.owner)


@pytest.fixture
def other(world):
    return world.control("/accounts", {"name": "Autre SARL"})


def ask_for(who, account, **values):
    return who.client.post(
        reverse("provider"), marked(api_key=account["api_key"], **values), follow=False
    )


def in_use(firm):
    with acting_for(firm.id):
        return active_connection(organization_id=firm.id)


def proposals(firm):
    with acting_for(firm.id):
        return list(Connection.objects.exclude(id=firm.connection.id))


class TestAnotherAccount:
    def test_is_used_once_signed_and_its_name_and_number_are_read_first(self, firm, owner, other):
        answer = ask_for(owner, other)
        operation = asked(firm)
        page = owner.page_of(operation)

        assert answer["Location"] == reverse("operation", args=[operation.id])
        assert "Autre SARL" in page
        assert other["bank_account"]["iban"] in page.replace(" ", "")
        assert other["account_id"] in page
        assert other["api_key"] not in page
        assert in_use(firm).id == firm.connection.id

        signed = owner.sign(operation)

        assert signed["Location"] == reverse("provider")
        assert in_use(firm).account_id == other["account_id"]
        assert audited(firm).count("provider:connected") == 2

    def test_given_up_leaves_no_key_behind(self, firm, owner, other):
        ask_for(owner, other)
        owner.client.post(reverse("operation_stop", args=[asked(firm).id]))
        (proposal,) = proposals(firm)

        assert proposal.state == ConnectionState.DISCONNECTED
        assert unseal(proposal.credentials_sealed, proposal.place("credentials")) == ""
        assert proposal.webhook_secret_sealed is None
        assert in_use(firm).id == firm.connection.id

    def test_nobody_signs_in_time_leaves_no_key_behind(self, firm, owner, other):
        ask_for(owner, other)
        with acting_for(firm.id):
            Operation.objects.update(expires_at=timezone.now())

        operations.close_expired_operations(
            organization_id=firm.id, now=business_now(), real_now=timezone.now()
        )

        (proposal,) = proposals(firm)
        assert unseal(proposal.credentials_sealed, proposal.place("credentials")) == ""

    def test_is_asked_once_by_a_form_sent_twice(self, firm, owner, other):
        mark = marked()
        first, again = ask_for(owner, other, **mark), ask_for(owner, other, **mark)

        assert first["Location"] == again["Location"]
        assert len(proposals(firm)) == 1

    def test_signed_after_another_was_connected_replaces_nothing(self, firm, owner, other, world):
        third = world.control("/accounts", {"name": "Troisième SARL"})
        ask_for(owner, other)
        late = asked(firm)
        ask_for(owner, third)
        owner.sign(asked(firm))

        owner.sign(late)

        assert state_of(late) == OperationState.FAILED
        assert in_use(firm).account_id == third["account_id"]

    def test_takes_two_people_where_the_account_customers_pay_on_does(self, firm, owner, other):
        second = Signer(firm, role=Role.OWNER)
        choose(firm, four_eyes=frozenset({Permission.BANK_WRITE}))
        ask_for(owner, other)
        operation = asked(firm)

        owner.sign(operation)
        between = in_use(firm).id
        second.sign(operation)

        assert between == firm.connection.id
        assert in_use(firm).account_id == other["account_id"]

    def test_of_an_unknown_key_asks_nothing(self, firm, owner):
        answer = ask_for(owner, {"api_key": "sk_inconnue"})

        assert answer.status_code == 422
        assert asked(firm) is None

    def test_is_not_put_in_place_by_the_service_without_a_signature(self, firm, other):
        with pytest.raises(OtherAccountConnected):
            connect_provider(
                organization_id=firm.id, actor=firm.actor, provider="sandbox",
                api_key=other["api_key"], public_url=firm.world.url, now=business_now(),
            )  # fmt: skip

        assert in_use(firm).id == firm.connection.id


def test_the_same_account_takes_another_key_at_once(firm, owner):
    ask_for(owner, {"api_key": firm.api_key})

    assert asked(firm) is None
    assert in_use(firm).id != firm.connection.id
    assert in_use(firm).account_id == firm.connection.account_id


def test_a_first_account_is_connected_at_once(world, other):
    firm = Firm()
    client = signed_in(firm, proven=True)

    client.post(reverse("provider"), marked(api_key=other["api_key"]))

    assert in_use(firm).account_id == other["account_id"]


def test_the_page_says_that_it_is_signed(owner):
    page = words(owner.client.get(reverse("provider")).content.decode())

    assert "le changement se signe" in page
