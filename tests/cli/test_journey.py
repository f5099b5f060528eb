"""The journey against a whole demonstration: repeated, overlapping, and while things are killed."""

import json
import os
import signal
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from .conftest import Encaisse, find_free_port, wait_until
from .test_supervisor import Up

SETTLED = ("411", "4191", "511", "4458")


@pytest.fixture(scope="module")
def demo():
    with tempfile.TemporaryDirectory(prefix="encaisse-cli-") as folder:
        running = Up(
            Encaisse(Path(folder) / "data"), find_free_port(), "demo --new", environment={}
        )
        yield running
        running.stop(signal.SIGTERM)


def journey(demo, *arguments: str) -> subprocess.CompletedProcess[str]:
    return Encaisse(demo.data).run("journey", "--json", *arguments)


def proof(answer: subprocess.CompletedProcess[str]) -> dict:
    assert answer.returncode == 0, answer.stderr + answer.stdout
    return json.loads(answer.stdout)


class TestJourney:
    @pytest.mark.parametrize("balance", ["instant_transfer", "transfer", "card"])
    def test_ends_with_every_cent_accounted_for(self, demo, balance):
        document = proof(journey(demo, "--balance", balance))

        assert document["schema"] == "encaisse.journey/1"
        assert document["ok"] is True
        assert {account: document["balances"][account]["amount"] for account in SETTLED} == (
            dict.fromkeys(SETTLED, 0)
        )
        assert document["three_way"] == {"missing": [], "unexplained": []}
        assert [item["kind"] for item in document["invoices"]] == ["deposit", "final"]
        assert document["payments"][-1]["method"] == balance

    def test_every_entry_balances_and_the_bank_holds_what_the_customer_paid_less_fees(self, demo):
        document = proof(journey(demo))

        for entry in document["journal"]:
            assert sum(line["debit"] - line["credit"] for line in entry["lines"]) == 0
        held = document["balances"]["512"]["amount"] + document["balances"]["627"]["amount"]
        assert held == document["quote"]["total"]["amount"]
        assert (
            sum(line["amount"]["amount"] for line in document["bank_transactions"])
            == (document["balances"]["512"]["amount"])
        )

    def test_leaves_an_installation_that_passes_every_check(self, demo):
        answer = Encaisse(demo.data).run("check", "--json")

        statuses = {item["id"]: item["status"] for item in json.loads(answer.stdout)["checks"]}
        assert statuses.pop("disk.space") in {"ok", "warn"}
        # A demonstration is neither copied away nor backed up.
        assert (statuses.pop("keys.exported"), statuses.pop("backup.recent")) == ("warn", "warn")
        assert set(statuses.values()) == {"ok"}, answer.stdout

    def test_two_at_once_do_not_disturb_each_other(self, demo):
        with ThreadPoolExecutor(2) as pool:
            documents = [proof(answer) for answer in pool.map(lambda _: journey(demo), range(2))]

        assert len({document["organization_id"] for document in documents}) == 2

    def test_ends_the_same_while_each_process_is_killed_in_turn(self, demo):
        running = Encaisse(demo.data).start("journey", "--json", "--pace", "0.8")
        for name in ("worker", "web", "postgres"):
            time.sleep(1.2)
            victim = demo.children()[name]
            os.kill(victim, signal.SIGKILL)
            wait_until(lambda name=name, gone=victim: demo.children().get(name, gone) != gone)
        stdout, stderr = running.communicate(timeout=240)

        assert running.returncode == 0, stderr + stdout
        assert json.loads(stdout)["ok"] is True

    def test_says_when_nothing_runs(self, encaisse):
        answer = encaisse.run("journey", "--json")

        assert answer.returncode == 3
        assert json.loads(answer.stdout)["ok"] is False


class TestStories:
    @pytest.mark.parametrize(
        ("story", "says"),
        [
            ("stolen-cards", "carte"),
            ("electrician-5000", "n’a pas vérifié le porteur"),
            ("refund-fraud", "remboursements"),
            ("false-customer", "jette après usage"),
            ("joiner-link", "409,20"),
            ("late-payer", "en retard"),
            ("lost-answer", "n’est pas un refus"),
            ("double-payment", "à affecter"),
            ("payout-short", "15,00"),
        ],
    )
    def test_each_is_stopped_or_put_right_and_the_sentence_said(self, demo, story, says):
        answer = Encaisse(demo.data).run("sandbox", "story", story, "--cards", "6", "--json")

        told = proof(answer)
        assert told["schema"] == "encaisse.story/1"
        assert told["is_stopped"] is True
        assert says in told["sentence"]

    @pytest.mark.parametrize(
        "story",
        ["electrician-5000", "joiner-link", "late-payer", "lost-answer", "double-payment",
         "payout-short"],
    )  # fmt: skip
    def test_is_played_again_without_harm(self, demo, story):
        for _time in range(2):
            told = proof(Encaisse(demo.data).run("sandbox", "story", story, "--json"))

            assert told["is_stopped"] is True
            assert told["steps"]

    def test_is_of_a_demonstration_only(self, tmp_path):
        answer = Encaisse(tmp_path).run("sandbox", "story", "false-customer")

        assert answer.returncode == 3
        assert "Aucune démonstration" in answer.stderr


class TestExplain:
    def test_names_no_decision_that_is_not_there(self, demo):
        unknown = Encaisse(demo.data).run(
            "fraud", "explain", "01a22926-0530-7069-ba24-076a41deb61a"
        )
        unreadable = Encaisse(demo.data).run("fraud", "explain", "la dernière")

        assert (unknown.returncode, unreadable.returncode) == (1, 2)

    def test_is_played_from_the_first_page_of_the_sandbox(self, demo):
        with httpx.Client(base_url=demo.sandbox_url, trust_env=False) as visitor:
            offered = visitor.get("/").text
            page = visitor.post("/stories/joiner-link").headers["location"]
            wait_until(lambda: "En cours" not in visitor.get(page).text)
            told = visitor.get(page).text

        assert "Le lien d’un menuisier" in offered
        assert "Le devis part par courriel, avec un lien." in told
        assert "Tout est juste." in told

    def test_goes_on_after_its_teller_was_killed(self, demo):
        with httpx.Client(base_url=demo.sandbox_url, trust_env=False) as visitor:
            page = visitor.post("/stories/stolen-cards").headers["location"]
            killed = demo.children()["storyteller"]
            os.kill(killed, signal.SIGKILL)
            wait_until(lambda: "s’est interrompue" in visitor.get(page).text)
            again = visitor.post("/stories/joiner-link").headers["location"]
            wait_until(lambda: "En cours" not in visitor.get(again).text)

            assert "Tout est juste." in visitor.get(again).text
