"""An export that two people sign: what they read is what is taken away, by who asked, once."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import OperationState, Permission, Role
from encaisse.organizations.errors import FourEyesImpossible
from encaisse.organizations.models import ExportRight, Operation
from encaisse.organizations.team import remove_member
from factories.organizations import Firm
from functional.asking import choose, marked, state_of
from functional.signing import Signer, asked, words
from functional.web_people import audited

EXPORTS = frozenset({Permission.EXPORTS_READ})


@pytest.fixture
def firm():
    return Firm()


@pytest.fixture
def owner(firm):
    return Signer(firm, firm.owner)


@pytest.fixture
def manager(firm):
    return Signer(firm, role=Role.MANAGER)


@pytest.fixture
def _two(firm, manager):
    choose(firm, four_eyes=EXPORTS)


def export(who, **values):
    return who.client.post(reverse("audit_export"), marked(**values))


def allowed(firm, owner, manager, **values) -> str:
    """Ask for an export, have both sign it, and return the right it gives."""
    export(owner, **values)
    owner.sign(asked(firm))
    manager.sign(asked(firm))
    with acting_for(firm.id):
        return str(ExportRight.objects.latest("expires_at").id)


def is_table(answer) -> bool:
    return answer.status_code == 200 and answer["Content-Type"].startswith("text/csv")


def test_without_the_rule_nothing_changes(owner, manager):
    answer = owner.client.post(reverse("audit_export"))

    assert is_table(answer)
    assert "Exporter en tableau" in owner.client.get(reverse("audit")).content.decode()


@pytest.mark.usefixtures("_two")
class TestWithTheRule:
    def test_an_export_waits_for_two_people_and_is_then_taken_once(self, firm, owner, manager):
        answer = export(owner)
        operation = asked(firm)
        page = words(owner.page_of(operation))
        owner.sign(operation)
        between = owner.client.get(reverse("audit")).content.decode()
        manager.sign(operation)
        after = owner.client.get(reverse("audit")).content.decode()
        with acting_for(firm.id):
            right = ExportRight.objects.get()
        taken, again = export(owner, right=right.id), export(owner, right=right.id)

        assert answer["Location"] == reverse("operation", args=[operation.id])
        assert "tout le journal" in page
        assert "Télécharger le tableau" not in between
        assert "Télécharger le tableau" in after
        assert is_table(taken)
        assert again.status_code == 410
        assert audited(firm).count("journal:exported") == 1
        assert state_of(operation) == OperationState.DONE

    def test_ten_hands_at_once_take_it_once(self, firm, owner, manager):
        right, answers = allowed(firm, owner, manager), []

        def take():
            client = Client()
            client.cookies.update(owner.client.cookies)
            answers.append(is_table(client.post(reverse("audit_export"), {"right": right})))
            connection.close()

        threads = [threading.Thread(target=take) for _ in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)

        assert sorted(answers) == [False] * 9 + [True]

    def test_only_what_was_signed_is_taken_whatever_is_posted(self, firm, owner, manager):
        right = allowed(firm, owner, manager, quoi="safeguards:set")

        table = export(owner, right=right, quoi="").content.decode()

        assert "safeguards:set" in table
        assert "operation:signed" not in table

    def test_the_second_person_takes_nothing_with_the_right_of_the_first(
        self, firm, owner, manager
    ):
        right = allowed(firm, owner, manager)

        assert export(manager, right=right).status_code == 410
        assert is_table(export(owner, right=right))

    def test_the_right_is_over_after_a_day(self, firm, owner, manager):
        right = allowed(firm, owner, manager)
        with acting_for(firm.id):
            ExportRight.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

        assert export(owner, right=right).status_code == 410

    def test_an_invented_right_opens_nothing(self, owner):
        assert export(owner, right="x").status_code == 410
        assert export(owner, right=marked()["once"]).status_code == 410

    def test_the_right_of_another_firm_opens_nothing(self, firm, owner, manager):
        other = Firm()
        there, second = Signer(other, other.owner), Signer(other, role=Role.MANAGER)
        choose(other, four_eyes=EXPORTS)
        right = allowed(other, there, second)

        assert export(owner, right=right).status_code == 410

    def test_who_left_takes_nothing_any_more(self, firm, owner, manager):
        Signer(firm, role=Role.OWNER)
        export(manager)
        manager.sign(asked(firm))
        owner.sign(asked(firm))
        with acting_for(firm.id):
            right = ExportRight.objects.get()
        remove_member(
            organization_id=firm.id, actor=firm.actor, user_id=manager.user.id, now=business_now()
        )

        assert not is_table(export(manager, right=right.id))

    def test_one_person_alone_exports_nothing(self, firm, owner):
        export(owner)
        owner.sign(asked(firm))
        owner.sign(asked(firm))

        with acting_for(firm.id):
            assert not ExportRight.objects.exists()

    def test_an_auditor_asks_somebody_who_may_sign(self, firm):
        auditor = Signer(firm, role=Role.AUDITOR)

        page = auditor.client.get(reverse("audit")).content.decode()
        answer = export(auditor)

        assert "demandez-le à un propriétaire" in page
        assert answer.status_code == 403
        with acting_for(firm.id):
            assert not Operation.objects.exists()


def test_the_rule_takes_two_people_who_may_sign(firm):
    Signer(firm, role=Role.ACCOUNTANT)

    with pytest.raises(FourEyesImpossible):
        choose(firm, four_eyes=EXPORTS)
