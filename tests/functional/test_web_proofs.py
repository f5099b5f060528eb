"""The public page of proofs: off by default, each figure measured, dated, and over when old."""

import itertools
import json
import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from encaisse.kernel.actor import Actor, ActorKind
from encaisse.kit.clock import business_now, paris_date
from encaisse.kit.notes import BACKUPS, PUBLIC_CHECKS
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import Role
from encaisse.organizations.errors import PermissionDenied
from encaisse.organizations.proofs import publish_proofs, withdraw_proofs
from encaisse.organizations.team import add_member
from encaisse.payments.services.requests import link_token
from encaisse.providers.models import Connection
from encaisse.reporting.core import Figure, name_of
from encaisse.reporting.models import DailyFigure
from factories.organizations import make_user
from factories.payments import PayableFirm
from functional.web_people import audited, signed_in

_TOKEN = re.compile(r"//[^/]+/preuves/([\w-]{20,})")


_HERE = settings.PUBLIC_URL


@pytest.fixture
def firm(world):
    return PayableFirm(world, name="Plomberie du Lavoir")


@pytest.fixture
def notes(tmp_path, settings):
    settings.DATA_DIR = tmp_path
    return tmp_path


def publish(firm) -> str:
    return publish_proofs(organization_id=firm.id, actor=firm.actor, now=business_now())


def read(token, language="fr"):
    return Client().get(f"/preuves/{token}", {"lang": language})


def text_of(token, language="fr"):
    answer = read(token, language)
    assert answer.status_code == 200
    return answer.content.decode()


def arrived(firm, spread, *, day=None):
    """Count payments as they become funds, by days."""
    with acting_for(firm.id):
        for days, count in spread.items():
            DailyFigure.objects.create(
                organization_id=firm.id,
                created_at=business_now(),
                day=day or paris_date(business_now()),
                name=name_of(Figure.FUNDS_HOURS, str(days * 24)),
                count=count,
                total=days * 24 * count,
            )


def note(folder, name, content):
    (folder / name).write_text(json.dumps(content))


def checked(days_ago=0, grade="A+"):
    at = timezone.now() - timedelta(days=days_ago)
    seen = {
        "url": settings.PUBLIC_URL,
        "grade": grade,
        "checks": [
            {"id": "tls.old", "status": "ok", "message": "Aucun vieux protocole.", "cure": ""}
        ],
        "at": at.isoformat(),
    }
    return {settings.PUBLIC_URL: seen}


def drilled(days_ago=0):
    at = timezone.now() - timedelta(days=days_ago)
    return {"drill": {"at": at.isoformat(), "restore_seconds": 3.6}}


class TestThePage:
    def test_is_closed_until_the_firm_opens_it_and_gone_once_it_closes_it(self, firm):
        browser = signed_in(firm)
        before = browser.get(reverse("proofs")).content.decode()
        browser.post(reverse("proofs_publish"))
        opened = browser.get(reverse("proofs")).content.decode()
        token = _TOKEN.search(opened)[1]
        status = [read(token).status_code]
        browser.post(reverse("proofs_withdraw"))
        status += [read(token).status_code, Client().get(f"/preuves/{token}/logo").status_code]

        assert "Ouvrir la page" in before
        assert _TOKEN.search(before) is None
        assert status == [200, 404, 404]

    def test_never_comes_back_at_an_address_that_was_closed(self, firm):
        first = publish(firm)
        withdraw_proofs(organization_id=firm.id, actor=firm.actor, now=business_now())
        second = publish(firm)

        assert publish(firm) == second != first
        assert read(first).status_code == 404
        assert read(second).status_code == 200

    def test_is_opened_and_closed_by_those_who_may_only_and_the_journal_says_who(self, firm):
        refused = signed_in(firm, Role.ACCOUNTANT).post(reverse("proofs_publish"))
        publish(firm)

        assert refused.status_code == 403
        assert audited(firm).count("proofs:published") == 1

    def test_is_refused_to_who_loses_the_right_meanwhile(self, firm):
        bookkeeper = make_user()
        add_member(
            organization_id=firm.id, actor=firm.actor, user_id=bookkeeper.id,
            role=Role.ACCOUNTANT, now=business_now(),
        )  # fmt: skip

        with pytest.raises(PermissionDenied):
            publish_proofs(
                organization_id=firm.id,
                actor=Actor(ActorKind.MEMBER, bookkeeper.id),
                now=business_now(),
            )

    def test_is_led_to_by_payment_pages_while_it_is_open(self, firm):
        link = f"/p/{link_token(firm.request())}"
        before = Client().get(link).content.decode()
        token = publish(firm)

        assert "/preuves/" not in before
        assert f"/preuves/{token}" in Client().get(link).content.decode()

    def test_says_what_was_never_measured(self, firm, notes):
        page = text_of(publish(firm))

        assert page.count("Pas encore mesuré.") == 3  # the provider is attested

    @pytest.mark.parametrize(
        ("language", "words"),
        [("fr", ["Chiffrement de ce site", "Mesuré le", "le jour même", "Aucun vieux protocole."]),
         ("en", ["Encryption of this site", "Measured on", "the same day", "tls.old"])],
    )  # fmt: skip
    def test_tells_each_proof_in_the_readers_language(self, firm, notes, language, words):
        note(notes, PUBLIC_CHECKS, checked())
        note(notes, BACKUPS, drilled())
        arrived(firm, {0: 6, 2: 4})

        page = text_of(publish(firm), language)

        assert [word for word in words if word not in page] == []
        assert "A+" in page

    def test_says_when_a_proof_is_over(self, firm, notes):
        note(notes, PUBLIC_CHECKS, checked(days_ago=40))
        note(notes, BACKUPS, drilled(days_ago=100))
        with acting_for(firm.id):
            Connection.objects.filter(organization_id=firm.id).update(
                pci_expires_on=paris_date(business_now()) - timedelta(days=1)
            )

        page = text_of(publish(firm))

        assert page.count('class="proof over"') == 3
        assert page.count("Périmé") == 3

    def test_does_not_show_what_was_seen_of_another_site(self, firm, notes):
        other = {"https://autre.example": next(iter(checked().values()))}
        note(notes, PUBLIC_CHECKS, other)

        assert "A+" not in text_of(publish(firm))

    @pytest.mark.parametrize(
        "damaged",
        ["", "{", "[]", "[1, 2]", '"x"', "null", "[" * 9000,
         json.dumps({settings.PUBLIC_URL: None, "drill": 3}),
         json.dumps({settings.PUBLIC_URL: {"grade": "A+"}, "drill": {"at": "hier"}}),
         json.dumps({settings.PUBLIC_URL: checked()[settings.PUBLIC_URL] | {"at": "2026-01-01"}}),
         json.dumps({settings.PUBLIC_URL: checked()[settings.PUBLIC_URL] | {"checks": [{}]}}),
         json.dumps({"drill": drilled()["drill"] | {"restore_seconds": "vite"}})],
        ids=itertools.count(),
    )  # fmt: skip
    def test_takes_a_note_that_cannot_be_read_for_no_measure(self, firm, notes, damaged):
        damaged = damaged.replace(_HERE, settings.PUBLIC_URL)
        for name in (PUBLIC_CHECKS, BACKUPS):
            (notes / name).write_text(damaged)

        page = text_of(publish(firm))

        assert page.count("Pas encore mesuré.") == 3
        assert signed_in(firm).get(reverse("proofs")).status_code == 200

    def test_leads_to_nothing_but_an_https_attestation(self, firm, notes, settings):
        settings.DEMO = False
        token = publish(firm)
        pages = []
        for url in ("javascript:alert(1)", "http://exemple.fr/x", "https://exemple.fr/pci.pdf"):
            with acting_for(firm.id):
                Connection.objects.filter(organization_id=firm.id).update(pci_certificate_url=url)
            pages.append(text_of(token))

        assert ['rel="noreferrer"' in page for page in pages] == [False, False, True]

    def test_is_no_way_into_another_firm(self, firm, world, notes):
        other = PayableFirm(world, name="Menuiserie du Lac")
        arrived(other, {0: 50})
        page = text_of(publish(firm))

        assert "Menuiserie" not in page
        assert "le jour même" not in page


class TestTheMedian:
    def test_is_what_the_database_itself_finds(self, firm, notes):
        arrived(firm, {0: 3, 1: 4, 2: 5, 9: 1})
        page = text_of(publish(firm))

        with acting_for(firm.id), connection.cursor() as cursor:
            cursor.execute(
                "SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY split_part(name, '.', 2)::int)"
                " FROM reporting_dailyfigure, generate_series(1, count)"
                " WHERE organization_id = %s AND name LIKE 'funds_hours.%%'",
                [firm.id],
            )
            assert cursor.fetchone() == (24,)
        assert '<p class="value">1 jour</p>' in page

    def test_is_kept_quiet_below_five_payments(self, firm, notes):
        arrived(firm, {1: 4})

        assert '<p class="value">1 jour</p>' not in text_of(publish(firm))

    def test_leaves_out_what_is_older_than_ninety_days(self, firm, notes):
        arrived(firm, {1: 5}, day=paris_date(business_now()) - timedelta(days=90))

        assert '<p class="value">1 jour</p>' not in text_of(publish(firm))

    def test_does_not_tell_how_many_payments_there_were(self, firm, notes):
        arrived(firm, {1: 613, 3: 204})
        page = text_of(publish(firm))

        assert "613" not in page
        assert "817" not in page
        assert "75\xa0%" in page
        assert ">75%<" in text_of(publish(firm), "en")
