"""The journal searched and taken away, by those who may read it and nobody else."""

import csv
import io
from datetime import timedelta

import pytest

from encaisse.audit.services import record
from encaisse.kernel.actor import SYSTEM
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import Role
from factories.organizations import NOW, Firm
from functional.web_people import signed_in

TRAP = '=HYPERLINK("http://evil.example";"clic")'


@pytest.fixture
def firm():
    firm = Firm()
    with acting_for(firm.id):
        for days, action, target in (
            (-9, "quote:sent", "quote:1"), (-2, "quote:accepted", "quote:1"), (0, TRAP, "-1+1"),
        ):  # fmt: skip
            record(
                organization_id=firm.id, actor=SYSTEM, action=action, target=target,
                facts={"number": days}, now=NOW + timedelta(days=days),
            )  # fmt: skip
    return firm


def table(answer) -> list[list[str]]:
    text = answer.content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text), delimiter=";"))[1:]


def found(client, **query: str) -> list[str]:
    answer = client.get("/journal/", query)
    assert answer.status_code == 200
    return [line["entry"].action for line in answer.context["lines"]]


class TestSearch:
    def test_narrows_by_who_what_object_and_days(self, firm):
        client = signed_in(firm)

        assert found(client, qui="system") == [TRAP, "quote:accepted", "quote:sent"]
        assert found(client, qui=f"member:{firm.owner.id}") == ["organization:created"]
        assert found(client, quoi="quote:sent") == ["quote:sent"]
        assert found(client, objet="quote:1") == ["quote:accepted", "quote:sent"]
        assert found(client, du="2026-11-20", au="2026-11-21") == ["quote:accepted"]
        assert found(client, quoi="quote:sent", du="2026-11-20") == []

    def test_tells_what_it_cannot_read_and_narrows_by_the_rest(self, firm):
        answer = signed_in(firm).get("/journal/", {"du": "hier", "quoi": "quote:sent"})

        assert answer.status_code == 422
        assert [line["entry"].action for line in answer.context["lines"]] == ["quote:sent"]

    def test_shows_nothing_of_another_firm(self, firm):
        assert found(signed_in(Firm()), objet="quote:1") == []


class TestTable:
    def test_holds_what_was_found_and_computes_nothing(self, firm):
        rows = table(signed_in(firm).post("/journal/exporter/", {"qui": "system"}))

        assert [row[0] for row in rows] == ["4", "3", "2"]
        assert rows[0][4:6] == [f"'{TRAP}", "'-1+1"]
        assert rows[2][1:5] == [
            "2026-11-14 10:00:00",
            "Encaisse",
            "a envoyé un devis",
            "quote:sent",
        ]
        assert len(rows[0][7]) == 64

    def test_is_itself_a_line_of_the_journal(self, firm):
        client = signed_in(firm)
        client.post("/journal/exporter/")

        assert found(client, quoi="journal:exported") == ["journal:exported"]

    def test_is_not_given_by_a_link_nor_to_who_may_not_read(self, firm):
        assert signed_in(firm).get("/journal/exporter/").status_code == 405
        collector = signed_in(firm, Role.COLLECTOR)
        assert collector.post("/journal/exporter/").status_code == 403
        assert signed_in(firm, Role.AUDITOR).post("/journal/exporter/").status_code == 200
