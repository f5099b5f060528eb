"""From the link opened to the money: counted once a link, by people only, and added up alike."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from playwright.sync_api import expect

from encaisse.kit.clock import business_now, paris_date
from encaisse.kit.tenancy import acting_for
from encaisse.payments.services.requests import link_token
from encaisse.reporting.core import ANY_METHOD, FUNNEL, Device, Figure, last_days
from encaisse.reporting.funnel import device_of, is_robot
from encaisse.reporting.models import DailyFigure, LinkStep
from encaisse.reporting.queries import summary
from factories.payments import OK_CARD, PayableFirm
from functional.axe import complaints
from functional.web_people import cookie_of, signed_in
from plugins.world import eventually

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Mobile/15E148"
DESK = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
NOT_A_ROBOT = "Mozilla/5.0 (Linux; Android 13; CUBOT P80) AppleWebKit/537.36 Mobile Safari/537.36"
ROBOTS = [
    "", "curl/8.5", "python-httpx/0.28", "Googlebot/2.1 (+http://www.google.com/bot.html)",
    "facebookexternalhit/1.1", "WhatsApp/2.23.20", "TelegramBot (like TwitterBot)",
    "Slackbot-LinkExpanding 1.0", "Mozilla/5.0 (compatible; bingbot/2.0)",
    "Mozilla/5.0 (X11) HeadlessChrome/120.0", "Barracuda Sentinel scanner",
]  # fmt: skip
REFUSED_CARD, UNRECOGNISED_CARD = "4000000000009995", "4000000000003238"
BY_HAND = """
    SELECT step, method, device, count(*) FROM reporting_linkstep GROUP BY step, method, device
"""


@pytest.fixture
def firm(world):
    return PayableFirm(world)


def visit(firm, request, agent=PHONE, client=None, **headers):
    browser = client or Client()
    answer = browser.get(f"/p/{link_token(request)}", headers={"User-Agent": agent, **headers})
    assert answer.status_code == 200
    return browser


def choose(firm, request, method="card", agent=PHONE):
    browser = visit(firm, request, agent)
    answer = browser.post(
        f"/p/{link_token(request)}/pay", {"method": method}, headers={"User-Agent": agent}
    )
    assert answer.status_code == 303
    return answer


def pay(firm, request, card):
    """Pay as a person does: on the page, then at the provider."""
    url = choose(firm, request)["Location"]
    provider_id = next(part for part in url.split("/") if part.startswith("pay_"))
    firm.world.control(f"/payments/{provider_id}/pay", {"card_number": card, "otp": "auto"})


def counted(firm) -> dict[Figure, int]:
    with acting_for(firm.id):
        found = summary(
            organization_id=firm.id, period=last_days(2, until=paris_date(business_now()))
        )
    return {
        step: sum(
            count for (method, _), count in found.funnel[step].items() if method == ANY_METHOD
        )
        for step in FUNNEL
    }


def ways(firm) -> list[int]:
    return list(counted(firm).values())


class TestAPerson:
    def test_counts_once_however_often_they_come_back(self, firm):
        request = firm.request()

        for _ in range(3):
            visit(firm, request)

        assert ways(firm) == [1, 0, 0, 0]

    def test_is_counted_at_each_step_up_to_the_money(self, firm):
        visit(firm, firm.request())
        choose(firm, firm.request())
        pay(firm, firm.request(), REFUSED_CARD)
        pay(firm, firm.request(), "4242424242424242")

        eventually(lambda: ways(firm) == [4, 3, 2, 1])

    def test_not_recognised_by_their_bank_stops_there(self, firm):
        pay(firm, firm.request(), UNRECOGNISED_CARD)

        def refused():
            with connection.cursor() as cursor, acting_for(firm.id):
                cursor.execute("SELECT reason FROM payments_attemptrefusal")
                return cursor.fetchall()

        reasons = eventually(refused)

        assert reasons[0][0] in {"authentication_failed", "authentication_required"}
        assert ways(firm) == [1, 1, 0, 0]

    def test_who_chooses_two_ways_is_one_payer_and_two_ways(self, firm):
        request = firm.request()
        choose(firm, request, "bank")
        visit(firm, request).get(
            f"/p/{link_token(request)}/transfer", headers={"User-Agent": PHONE}
        )

        assert ways(firm)[:2] == [1, 1]
        assert by_hand(firm)[Figure.CHOSEN, "instant_transfer", Device.PHONE] == 1
        assert by_hand(firm)[Figure.CHOSEN, "transfer", Device.PHONE] == 1


class TestNobodyElse:
    @pytest.mark.parametrize("agent", ROBOTS)
    def test_a_robot_is_not_counted(self, firm, agent):
        visit(firm, firm.request(), agent)

        assert ways(firm) == [0, 0, 0, 0]

    def test_a_page_prepared_for_later_is_not_opened(self, firm):
        visit(firm, firm.request(), **{"Sec-Purpose": "prefetch;prerender"})

        assert ways(firm) == [0, 0, 0, 0]

    def test_the_firm_s_own_people_are_not_payers(self, firm):
        visit(firm, firm.request(), client=signed_in(firm))

        assert ways(firm) == [0, 0, 0, 0]

    def test_opens_the_page_of_a_transfer_for_the_payer(self, firm):
        request = firm.request()
        visit(firm, request)
        transfer = f"/p/{link_token(request)}/transfer"
        signed_in(firm).get(transfer, headers={"User-Agent": DESK})
        Client().get(transfer, headers={"User-Agent": "Barracuda Sentinel scanner"})

        assert ways(firm) == [1, 0, 0, 0]

    def test_a_member_of_another_firm_is(self, firm, world):
        visit(firm, firm.request(), client=signed_in(PayableFirm(world)))

        assert ways(firm) == [1, 0, 0, 0]

    def test_what_only_a_robot_opened_goes_no_further(self, firm):
        firm.pay(firm.request())

        def paid():
            with acting_for(firm.id):
                found = summary(
                    organization_id=firm.id,
                    period=last_days(2, until=paris_date(business_now())),
                )
                return found.captured_count

        eventually(paid)
        assert ways(firm) == [0, 0, 0, 0]


def opened_a_month_ago(firm):
    """Move what was counted so far to a month ago."""
    with acting_for(firm.id):
        LinkStep.objects.update(created_at=business_now() - timedelta(days=30))
        DailyFigure.objects.update(day=paris_date(business_now()) - timedelta(days=30))


def test_a_period_tells_how_far_the_links_opened_in_it_went(firm):
    """More links are never paid than were opened, though most are paid weeks later."""
    request = firm.request()
    visit(firm, request)
    opened_a_month_ago(firm)
    pay(firm, request, "4242424242424242")
    visit(firm, firm.request())

    eventually(lambda: by_hand(firm)[Figure.PAID, ANY_METHOD, Device.PHONE] == 1)

    assert ways(firm) == [1, 0, 0, 0]
    with acting_for(firm.id):
        month = last_days(31, until=paris_date(business_now()))
        found = summary(organization_id=firm.id, period=month)
    assert [found.funnel[step][ANY_METHOD, "phone"] for step in FUNNEL] == [2, 1, 1, 1]


def by_hand(firm) -> Counter:
    with connection.cursor() as cursor, acting_for(firm.id):
        cursor.execute(BY_HAND)
        return Counter({(step, method, device): n for step, method, device, n in cursor})


def test_figures_are_those_of_an_independent_count(firm):
    pay(firm, firm.request(), "4242424242424242")
    choose(firm, firm.request(), agent=DESK)
    eventually(lambda: counted(firm)[Figure.PAID] == 1)
    with acting_for(firm.id):
        found = summary(
            organization_id=firm.id, period=last_days(2, until=paris_date(business_now()))
        )

    told = {
        (step, method, device): count
        for step, parts in found.funnel.items()
        for (method, device), count in parts.items()
    }

    assert told == by_hand(firm)


class TestTheBoard:
    def test_names_the_step_that_loses_most_and_what_to_try(self, firm):
        for _ in range(3):
            visit(firm, firm.request())

        page = signed_in(firm).get("/tableau-de-bord/").content.decode()

        assert "Du lien ouvert au paiement" in page
        assert "3 liens ouverts" in page
        assert "moyen choisi" in page
        assert "dites dans votre message" in page

    def test_is_drawn_large_enough_to_be_read(self, firm, chromium, world):
        pay(firm, firm.request(), OK_CARD)
        eventually(lambda: ways(firm)[-1])
        context = chromium.new_context(base_url=world.url)
        context.add_cookies([cookie_of(firm, world)])
        tab = context.new_page()
        tab.goto("/tableau-de-bord/")
        expect(tab.get_by_role("img", name="Du lien ouvert au paiement")).to_be_visible()

        assert complaints(tab) == []
        context.close()

    def test_is_drawn_without_a_script(self, firm, chromium, world):
        request = firm.request()
        context = chromium.new_context(
            base_url=world.url, java_script_enabled=False, user_agent=PHONE
        )
        tab = context.new_page()
        tab.goto(f"/p/{link_token(request)}")
        expect(tab.get_by_role("button").first).to_be_visible()
        context.close()

        assert ways(firm) == [1, 0, 0, 0]


@pytest.mark.parametrize(
    ("agent", "device"),
    [(PHONE, Device.PHONE), (DESK, Device.DESK), (NOT_A_ROBOT, Device.PHONE)],
)
def test_devices_are_told_apart(agent, device):
    assert device_of(agent) is device
    assert not is_robot(agent)
