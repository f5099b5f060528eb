"""Ten thousand stolen passwords from five hundred addresses on a real server: who comes in."""

import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random

import httpx
from django.conf import settings

from stage import instance, percentiles

TRIES, PLACES, AT_ONCE = 10_000, 500, 16
PATIENCE_SECONDS = 300
CSRF = "c5RfBancDesMotsDePasse8Zq1LrT7uV"
HOME, FIREFOX = "82.64.10.1", "Mozilla/5.0 (Windows NT 10.0; rv:130.0) Gecko/20100101 Firefox/130.0"
TOO_MANY, ENTRANCE = "too_many_tries", "/compte/verification/"


def main(tries: int) -> None:
    # Addresses are told by the header that a proxy of ours would write.
    os.environ["ENCAISSE_TRUSTED_PROXIES"] = "1"
    with instance() as folder:
        from plugins.world import World

        world = World(folder)
        try:
            world.start_web()
            attack(world, tries)
        finally:
            world.stop()


@dataclass
class Tally:
    refused: int = 0
    entered: int = 0
    seconds: list[float] = field(default_factory=list)


def attack(world: object, tries: int) -> None:
    from functional.test_entrance import Person
    from functional.web_people import PASSWORD

    victims = [Person() for _ in range(20)]
    owner = Visitor(world, victims[0], PASSWORD)
    print(f"the owner, before anything: {'in' if owner.comes_in() else 'OUT'}", flush=True)
    each = range(tries // 100)
    pairs = [(person.user.email, f"motdepasse{i}") for person in victims for i in each]
    pairs += [(victims[1].user.email, PASSWORD), (victims[2].user.email, PASSWORD)]
    pairs += [(f"nul{i}@example.test", "motdepasse") for i in range(tries - len(pairs))]
    Random(20261123).shuffle(pairs)
    tally, known, started = Tally(), [], time.perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = pool.map(lambda one: knock(world.url, *one), enumerate(pairs))
        for number, (code, seconds) in enumerate(answers):
            tally.seconds.append(seconds)
            tally.refused += code == TOO_MANY
            tally.entered += code == "in"
            if number % (tries // 5) == tries // 10:
                known.append(owner.comes_in())
    seconds = time.perf_counter() - started
    print(f"{tries} tries from {PLACES} addresses, {AT_ONCE} at once: {tries / seconds:.0f}/s")
    print(f"refused before any password was compared: {tally.refused}")
    print(f"the thief entered: {tally.entered}")
    print(f"the owner, on a known device, meanwhile: {sum(known)} of {len(known)}")
    print(f"an answer took {percentiles(tally.seconds)}", flush=True)
    print(f"the owner, on a new device: in after {wait_for(owner.on_a_new_device()):.0f} s")


def knock(url: str, number: int, pair: tuple[str, str]) -> tuple[str, float]:
    place = number % PLACES
    visitor = Tab(url, f"200.{140 + place // 250}.{place % 250}.9")
    started = time.perf_counter()
    answer = visitor.post("/compte/login/", {"login": pair[0], "password": pair[1]})
    seconds = time.perf_counter() - started
    if TOO_MANY in answer.text:
        return TOO_MANY, seconds
    return ("in" if visitor.is_in() else "out"), seconds


class Tab(httpx.Client):
    """A browser at some address, which holds a token for forms."""

    def __init__(self, url: str, address: str, cookies: dict[str, str] | None = None) -> None:
        super().__init__(
            base_url=url,
            timeout=60,
            headers={"X-Forwarded-For": address, "User-Agent": FIREFOX},
        )
        for name, value in {settings.CSRF_COOKIE_NAME: CSRF, **(cookies or {})}.items():
            self.cookies.set(name, value, domain="127.0.0.1", path="/")

    def post(self, path: str, data: dict[str, str]) -> httpx.Response:  # type: ignore[override]
        token = self.cookies.get(settings.CSRF_COOKIE_NAME)
        return super().post(path, data={**data, "csrfmiddlewaretoken": token})

    def is_in(self) -> bool:
        return self.get("/compte/activite/").status_code == 200


class Visitor:
    """The owner, who has a password and spare codes, on one device or another."""

    def __init__(self, world: object, person: object, password: str) -> None:
        self.world, self.person, self.password = world, person, password
        self.device: dict[str, str] = {}

    def on_a_new_device(self) -> "Visitor":
        return Visitor(self.world, self.person, self.password)

    def comes_in(self) -> bool:
        with Tab(self.world.url, HOME, self.device) as tab:
            typed = {"login": self.person.user.email, "password": self.password}
            answer = tab.post("/compte/login/", typed)
            if answer.headers.get("Location") == ENTRANCE:
                code = self.person.factor.recovery_codes.pop()
                tab.post(ENTRANCE, {"code": code})
            if not tab.is_in() and answer.headers.get("Location") == ENTRANCE:
                self._answer_by_mail(tab)
            token = tab.cookies.get(settings.DEVICE_COOKIE_NAME)
            self.device = {settings.DEVICE_COOKIE_NAME: token} if token else self.device
            return tab.is_in()

    def _answer_by_mail(self, tab: Tab) -> None:
        tab.post(f"{ENTRANCE}?par=mail", {"envoyer": "1"})
        letters = self.world.control(f"/mail?to={self.person.user.email}", method="GET")["data"]
        latest = max(letters, key=lambda letter: letter["received_at"])
        tab.post(f"{ENTRANCE}?par=mail", {"code": latest["subject"].rpartition(" ")[2]})


def wait_for(owner: Visitor) -> float:
    started = time.perf_counter()
    while not owner.comes_in():
        if time.perf_counter() - started > PATIENCE_SECONDS:
            sys.exit(f"still out after {PATIENCE_SECONDS} s")
        time.sleep(2)
    return time.perf_counter() - started


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else TRIES)
