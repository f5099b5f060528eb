"""Stories asked for on the first page, told by a program of this machine."""

import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from encaisse.cli.storyteller import fit
from sandbox.harness import CONTROL

STORIES = {"flood": "Une fuite <b>inventée</b>.", "drought": "Un chauffe-eau à sec."}
ENDING = {
    "saw": "De l’eau partout.",
    "did": "La vanne est fermée.",
    "would_have_cost": 120_000,
    "verdict": "Arrêté.",
    "is_well": True,
}


def until(condition):
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


class Teller:
    """A program that plays stories, and the page's visitor who asks for them."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self._pool = ThreadPoolExecutor(1)

    def listen(self):
        """Wait for a story in the background, from the moment the sandbox has heard it."""
        body = {"stories": STORIES, "site": "http://localhost:8000"}
        waiting = self._pool.submit(self.sandbox.control, "POST", "/stories/next", body)
        until(lambda: self.sandbox.client.get("/stories").status_code == 200)
        return waiting

    def ask(self, name="flood"):
        answer = self.sandbox.client.post(f"/stories/{name}")
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    def tell(self, play, what, body):
        return self.sandbox.client.post(
            f"/control/stories/plays/{play['id']}/{what}", json=body, headers=CONTROL
        )


@pytest.fixture
def teller(own_sandbox):
    return Teller(own_sandbox)


@pytest.fixture
def played(teller):
    """A story asked for and given to its teller, with its page."""
    waiting = teller.listen()
    address = teller.ask()
    return waiting.result(timeout=10)["play"], address


def read(teller, address):
    return teller.sandbox.client.get(address).text


class TestStories:
    def test_are_not_offered_while_nobody_plays_them(self, own_sandbox):
        assert "encaisse demo" in own_sandbox.client.get("/").text
        assert own_sandbox.client.get("/stories").status_code == 503
        assert own_sandbox.client.post("/stories/flood").status_code == 404

    def test_that_fail_say_why_however_long_and_coloured_the_reason(self, teller, played):
        play, address = played
        reason = "\x1b[31mLe site\u202f: " + "fin du journal\n" * 300

        answer = teller.tell(play, "end", {"failure": fit(reason)})

        assert answer.status_code == 200, answer.text
        assert "Le site\u202f: fin du journal" in read(teller, address)

    def test_are_told_step_by_step_to_their_end(self, teller, played):
        play, address = played

        teller.tell(play, "steps", {"step": "L’eau monte <i>vite</i> : « partez » !"})
        during = read(teller, address)
        teller.tell(play, "end", ENDING)
        after = read(teller, address)

        assert play["story"] == "flood"
        assert "L’eau monte &lt;i&gt;vite&lt;/i&gt;\u202f: «\u202fpartez\u202f»\u202f!" in during
        assert "&lt;b&gt;inventée&lt;/b&gt;" in during
        assert "En cours…" in during
        assert "En cours…" not in after
        assert "La vanne est fermée." in after
        assert "1\u202f200,00\xa0€" in after

    def test_say_to_a_page_whether_it_shows_everything(self, teller, played):
        play, address = played
        ask = teller.sandbox.client.get

        assert ask(f"{address}/progress?shown=0").json() == {"is_waiting": True}
        teller.tell(play, "steps", {"step": "L’eau monte."})
        assert ask(f"{address}/progress?shown=0").json() == {"is_waiting": False}

    def test_are_played_one_at_a_time(self, teller, played):
        _, address = played

        assert teller.ask("drought") == address

    def test_say_when_they_could_not_be_played(self, teller, played):
        play, address = played

        teller.tell(play, "end", {"failure": "La base ne répond pas."})

        assert "La base ne répond pas." in read(teller, address)
        assert teller.tell(play, "steps", {"step": "Trop tard."}).status_code == 409

    def test_left_by_their_teller_are_over_once_it_is_back(self, teller, played):
        _, address = played

        waiting = teller.listen()
        until(lambda: "s’est interrompue" in read(teller, address))
        teller.ask("drought")

        assert waiting.result(timeout=10)["play"]["story"] == "drought"

    def test_are_not_started_by_another_site(self, teller):
        waiting = teller.listen()

        refused = teller.sandbox.client.post(
            "/stories/flood", headers={"Sec-Fetch-Site": "cross-site"}
        )
        accepted = teller.ask()

        assert refused.status_code == 403
        assert waiting.result(timeout=10)["play"]["id"] == accepted.rpartition("/")[2]

    def test_are_not_told_by_a_page(self, teller, played):
        play, _ = played

        answer = httpx.post(
            f"{teller.sandbox.url}/control/stories/plays/{play['id']}/end", json=ENDING
        )

        assert answer.status_code == 403
