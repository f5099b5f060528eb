"""p50, p95 and p99 of the pages that must not slow down as payments pile up."""

import sys
from functools import partial

from django.conf import settings

from bench_payments import Catcher, deliver, pay_invoices, record
from fill import fill
from stage import instance, percentiles, sandbox_world, timed

SIZES = (1_000, 1_000_000)
TRIES, WARM_UP = 300, 20
DASHBOARD = "/tableau-de-bord/?du=2026-01-01&au=2026-12-31"


def main(sizes: tuple[int, ...]) -> None:
    with instance() as folder, sandbox_world(folder) as world:
        from encaisse.payments.core import Method
        from factories.payments import PayableFirm

        settings.ALLOWED_HOSTS = ["testserver"]
        catcher = Catcher()
        world.url = catcher.url
        for size in sizes:
            firm = PayableFirm(world)
            pay_invoices(firm, Method.INSTANT_TRANSFER, 1)
            world.control("/flush")
            while catcher.kept:
                deliver(catcher.kept.pop())
            record(firm)
            fill(organization_id=firm.id, count=size)
            visit(firm, size)


def visit(firm: object, size: int) -> None:
    from functional.web_people import signed_in

    back_office = signed_in(firm)
    story = story_of_first(firm)
    pages = {
        "payer page": lambda number: get(payer(), f"/p/{tokens[number % len(tokens)]}"),
        "Aujourd’hui": lambda _: get(back_office, "/"),
        "dashboard, this year": lambda _: get(back_office, DASHBOARD),
        "story of a payment": lambda _: get(back_office, story),
        "payments, first page": lambda _: get(back_office, "/paiements/"),
        "search, a name": lambda _: get(back_office, "/chercher/?q=leroy"),
        "search, an amount": lambda _: get(back_office, "/chercher/?q=120,00"),
        "POST /api/v1/payment-requests": asker(firm),
    }
    tokens = open_links(firm)
    for name, visit_page in pages.items():
        for number in range(WARM_UP):
            visit_page(number)
        samples = [timed(partial(visit_page, number)) for number in range(TRIES)]
        print(f"{size:>9,} payments  {name:32} {percentiles(samples)}", flush=True)


def story_of_first(firm: object) -> str:
    from encaisse.kit.tenancy import acting_for
    from encaisse.payments.queries import payments

    with acting_for(firm.id):
        return f"/paiements/{payments(organization_id=firm.id)[0].id}/"


def payer() -> object:
    from django.test import Client

    return Client()


def get(client: object, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    assert b"".join(answer) if answer.streaming else answer.content


def open_links(firm: object) -> list[str]:
    from encaisse.payments.services.requests import link_token

    return [link_token(firm.request()) for _ in range(20)]


def asker(firm: object) -> object:
    from uuid import uuid4

    from django.test import Client

    from encaisse.kit.clock import business_now
    from encaisse.organizations.api_keys import create_api_key
    from encaisse.organizations.core import Permission

    made = create_api_key(
        organization_id=firm.id,
        actor=firm.actor,
        name="Banc",
        scopes=frozenset(Permission),
        expires_at=None,
        now=business_now(),
    )
    client = Client(headers={"Authorization": f"Bearer {made.secret}"})

    def ask(_: int) -> None:
        answer = client.post(
            "/api/v1/payment-requests",
            {"amount": {"amount": 12_345, "currency": "EUR"}, "description": "Banc"},
            content_type="application/json",
            headers={"Idempotency-Key": str(uuid4())},
        )
        assert answer.status_code == 201, answer.content

    return ask


if __name__ == "__main__":
    main(tuple(int(text) for text in sys.argv[1:]) or SIZES)
