"""The public API over HTTP: scopes, idempotency, pages, errors, and other firms' objects."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest

from encaisse.invoicing.queries import quote as quote_by_id
from encaisse.kit.clock import business_now, paris_date
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.api_keys import create_api_key, revoke_api_key
from encaisse.organizations.core import Permission
from encaisse.payments.models import PaymentIntent, PaymentRequest
from factories.invoicing import accept, make_invoice
from factories.payments import PayableFirm
from plugins.world import eventually


class Program:
    """A program with a key of a firm."""

    def __init__(self, firm, scopes=frozenset(Permission)) -> None:
        made = create_api_key(
            organization_id=firm.id,
            actor=firm.actor,
            name="Logiciel",
            scopes=scopes,
            expires_at=None,
            now=business_now(),
        )
        self.key_id = made.key.id
        self.base_url = f"{firm.world.url}/api/v1"
        self.headers = {"Authorization": f"Bearer {made.secret}"}

    def get(self, path, **params):
        url = f"{self.base_url}{path}"
        return httpx.get(url, params=params, headers=self.headers, timeout=30)

    def post(self, path, body, key=None):
        return self.post_without_key(path, body, {"Idempotency-Key": key or str(uuid4())})

    def post_without_key(self, path, body, headers=None):
        url = f"{self.base_url}{path}"
        return httpx.post(url, json=body, headers=self.headers | (headers or {}), timeout=30)


@pytest.fixture
def firm(world):
    return PayableFirm(world)


@pytest.fixture
def program(firm):
    return Program(firm)


def eur(minor: int) -> dict:
    return {"amount": minor, "currency": "EUR"}


def line(**values) -> dict:
    defaults = {
        "label": "Main-d’œuvre",
        "quantity": "6.5",
        "unit": "h",
        "unit_price": eur(4800),
        "vat_rate": "10",
    }
    return {**defaults, **values}


class TestObjects:
    def test_a_job_goes_through_the_api(self, firm, program):
        customer = program.post("/customers", {"name": "Élodie 🔧 Martin"}).json()
        today = paris_date(business_now())
        quote = program.post(
            "/quotes",
            {
                "customer_id": customer["id"],
                "subject": "Dépannage",
                "lines": [line()],
                "valid_until": str(today + timedelta(days=30)),
                "deposit_percent": 30,
            },
        ).json()
        with acting_for(firm.id):
            row = quote_by_id(organization_id=firm.id, quote_id=quote["id"])
        accept(firm, row)

        invoice = program.post(
            f"/quotes/{quote['id']}/invoice", {"due_on": str(today + timedelta(days=30))}
        )

        assert invoice.status_code == 201
        assert invoice.json()["total"] == eur(34_320)
        assert program.get(f"/invoices/{invoice.json()['id']}").json() == invoice.json()
        kinds = [event["type"] for event in program.get("/events").json()["data"]]
        assert kinds[:3] == ["invoice.issued", "quote.accepted", "quote.sent"]

    def test_a_payment_is_requested_paid_and_refunded(self, firm, program):
        made = program.post(
            "/payment-requests",
            {"amount": eur(5000), "description": "Acompte", "customer_id": str(firm.customer.id)},
        ).json()
        with acting_for(firm.id):
            request = PaymentRequest.objects.get(id=made["id"])
        firm.pay(request)
        eventually(lambda: program.get(f"/payment-requests/{made['id']}").json()["state"] == "paid")
        payment = program.get("/payments").json()["data"][0]

        refund = program.post("/refunds", {"payment_id": payment["id"], "amount": eur(1200)}).json()

        eventually(lambda: program.get(f"/refunds/{refund['id']}").json()["state"] == "succeeded")
        assert program.get(f"/payments/{payment['id']}").json()["refunded"] == eur(1200)

    def test_lists_are_read_page_by_page_without_a_gap_or_a_repeat(self, program):
        made = [program.post("/customers", {"name": f"C{i}"}).json()["id"] for i in range(7)]
        seen, cursor = [], None

        while True:
            params = {"limit": 3} | ({"cursor": cursor} if cursor else {})
            page = program.get("/customers", **params).json()
            seen += [item["id"] for item in page["data"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break

        assert [identifier for identifier in seen if identifier in made] == made[::-1]
        assert len(seen) == len(set(seen))


class TestIdempotency:
    BODY = {"amount": eur(100), "description": "Acompte"}

    def test_the_same_request_twice_makes_one_object(self, program):
        key = str(uuid4())
        first = program.post("/payment-requests", self.BODY, key)
        second = program.post("/payment-requests", self.BODY, key)

        assert first.json() == second.json()
        assert second.headers["Idempotent-Replayed"] == "true"

    def test_twenty_at_once_make_one_object(self, firm, program):
        key = str(uuid4())

        with ThreadPoolExecutor(10) as pool:
            answers = list(
                pool.map(lambda _: program.post("/payment-requests", self.BODY, key), range(20))
            )

        assert {answer.status_code for answer in answers} <= {201, 409}
        assert all("Retry-After" in a.headers for a in answers if a.status_code == 409)
        with acting_for(firm.id):
            assert PaymentRequest.objects.count() == 1

    def test_a_key_is_for_one_request(self, program):
        key = str(uuid4())
        program.post("/payment-requests", self.BODY, key)

        other = program.post("/payment-requests", {**self.BODY, "amount": eur(200)}, key)

        assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")

    def test_a_key_is_required(self, program):
        answer = program.post_without_key("/payment-requests", self.BODY)

        assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")


class TestWhoMayDoWhat:
    @pytest.mark.parametrize("header", ["", "Bearer", "Bearer ek_wrong", "Basic abc"])
    def test_without_a_key_nothing_is_told(self, world, header):
        answer = httpx.get(f"{world.url}/api/v1/customers", headers={"Authorization": header})

        assert (answer.status_code, answer.json()["code"]) == (401, "api_key_invalid")
        assert answer.headers["content-type"] == "application/problem+json"

    def test_a_key_does_only_what_its_scopes_say(self, firm):
        reader = Program(firm, {Permission.CUSTOMERS_READ})

        assert reader.get("/customers").status_code == 200
        assert reader.post("/customers", {"name": "X"}).json()["code"] == "permission_denied"
        assert reader.get("/payments").status_code == 403

    def test_a_revoked_key_opens_nothing(self, firm, program):
        revoke_api_key(
            organization_id=firm.id, actor=firm.actor, key_id=program.key_id, now=business_now()
        )

        assert program.get("/customers").status_code == 401

    def test_other_firms_objects_do_not_exist(self, firm, world):
        stranger = Program(PayableFirm(world))
        invoice = make_invoice(firm)
        request = firm.request()
        paths = [
            f"/customers/{firm.customer.id}",
            f"/invoices/{invoice.id}",
            f"/quotes/{invoice.id}",
            f"/payment-requests/{request.id}",
            f"/payments/{request.id}",
            f"/refunds/{request.id}",
        ]

        assert [stranger.get(path).status_code for path in paths] == [404] * len(paths)
        posts = [
            stranger.post(f"/invoices/{invoice.id}/credit-note", {}),
            stranger.post(f"/payment-requests/{request.id}/close", {}),
            stranger.post("/refunds", {"payment_id": str(request.id), "amount": eur(1)}),
            stranger.post(
                "/payment-requests",
                {"amount": eur(1), "description": "x", "customer_id": str(firm.customer.id)},
            ),
        ]
        assert [answer.status_code for answer in posts] == [404] * len(posts)
        with acting_for(firm.id):
            assert PaymentIntent.objects.count() == 0


class TestBadInput:
    @pytest.mark.parametrize(
        "amount",
        [0, -5, 10**13, 1.5, "100", None, True, {"amount": 1}],
    )
    def test_absurd_amounts_are_refused(self, program, amount):
        body = {"amount": {"amount": amount, "currency": "EUR"}, "description": "x"}

        answer = program.post("/payment-requests", body)

        assert (answer.status_code, answer.json()["code"]) == (422, "request_invalid")

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("unknown", 1),
            ("description", "x" * 10_000_000),
            ("due_on", "2026-02-30"),
            ("customer_id", "x"),
        ],
    )
    def test_wrong_fields_are_named_but_never_repeated(self, program, field, value):
        body = {"amount": eur(1), "description": "x", field: value}

        answer = program.post("/payment-requests", body)

        assert answer.status_code == 422
        assert len(answer.content) < 2000

    def test_a_date_in_the_past_is_refused_in_french(self, firm, program):
        answer = program.post(
            "/invoices",
            {
                "customer_id": str(firm.customer.id),
                "subject": "x",
                "lines": [line()],
                "due_on": "2020-01-01",
            },
        )

        assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
        assert "échéance" in answer.json()["detail"]

    @pytest.mark.parametrize("cursor", ["x", "ÿ", "YQ==", "MjAyNnx4"])
    def test_a_made_up_cursor_is_refused(self, program, cursor):
        assert program.get("/customers", cursor=cursor).json()["code"] == "cursor_invalid"

    def test_an_unknown_identifier_answers_in_json(self, program):
        assert program.get("/customers/not-a-uuid").json()["code"] == "request_invalid"
        assert program.get(f"/customers/{uuid4()}").json()["code"] == "not_found"
