"""The customer's side of the journey: real pages over HTTP, then the provider's scripted payer."""

import re
import time
from collections.abc import Callable
from typing import Any, TypeVar

import httpx

from encaisse.cli.errors import CommandFailed
from encaisse.cli.runtime import believed

CHALLENGE_CARD = "4000000000003220"
_PATIENCE_SECONDS = 60.0
_HIDDEN = re.compile(r'name="(csrfmiddlewaretoken|sha256)" value="([^"]*)"')
_T = TypeVar("_T")


class Payer:
    """A customer with a browser that keeps cookies and runs no script."""

    def __init__(self, *, base_url: str, sandbox_url: str) -> None:
        self._trusted = believed()
        self._browser = httpx.Client(
            base_url=base_url,
            # As a browser does: over HTTPS a form that does not say where it comes from is refused.
            headers={"Origin": base_url},
            timeout=30,
            trust_env=False,
            verify=self._trusted,
        )
        self._sandbox = Sandbox(sandbox_url)

    def accept_quote(self, token: str, *, name: str) -> None:
        """Read the quote, then accept exactly that document, unless it was answered already."""
        fields = self._read(f"/q/{token}")
        if "sha256" not in fields:
            return
        self._post(f"/q/{token}/accept", fields | {"name": name})

    def pay_by_card(self, token: str, provider_id_of: Callable[[], str]) -> str:
        """Go to the provider, type a card, answer the challenge, come back."""
        script = {"card_number": CHALLENGE_CARD, "otp": "auto"}
        return self._pay(token, "card", script, provider_id_of)

    def pay_from_bank(self, token: str, provider_id_of: Callable[[], str]) -> str:
        """Go to one's bank, approve the transfer there, come back."""
        return self._pay(token, "bank", {"sca": "approve"}, provider_id_of)

    def _pay(
        self, token: str, method: str, script: dict[str, str], provider_id_of: Callable[[], str]
    ) -> str:
        """
        Pay on the provider's page; one that expired meanwhile is left for a new one.

        Another journey may move the clock of the simulated world by a day at any moment.
        """

        def try_once() -> str | None:
            answer = eventually("l’ouverture du paiement", lambda: self._start(token, method))
            # The page itself is opened too, as a browser would: a broken one fails here.
            page = answer.headers["location"]
            _check(httpx.get(page, timeout=30, trust_env=False, verify=self._trusted))
            provider_id = provider_id_of()
            was_paid = self._sandbox.pay(provider_id, script)
            self._browser.get(f"/p/{token}/return", params={"payment": provider_id})
            return provider_id if was_paid else None

        return eventually("le paiement", try_once)

    def start(self, token: str, method: str) -> httpx.Response:
        """Choose a way to pay and return what the page answers, a refusal included."""
        fields = self._read(f"/p/{token}")
        return self._browser.post(f"/p/{token}/pay", data=fields | {"method": method})

    def _start(self, token: str, method: str) -> httpx.Response | None:
        """Choose a way to pay; while an earlier try is being verified, a second one is refused."""
        answer = self.start(token, method)
        return answer if answer.status_code == httpx.codes.SEE_OTHER else None

    def _read(self, path: str) -> dict[str, str]:
        return dict(_HIDDEN.findall(_check(self._browser.get(path)).text))

    def _post(self, path: str, fields: dict[str, str]) -> httpx.Response:
        answer = _check(self._browser.post(path, data=fields))
        if answer.status_code != 303:
            raise CommandFailed(f"{path} a répondu {answer.status_code}.")
        return answer


class Restarting(Exception):
    """The instance is there but not ready: the step is done again."""


class Sandbox:
    """The control plane of the simulated world."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(
            base_url=f"{url}/control",
            headers={"X-Encaisse-Sandbox": "control"},
            timeout=120,
            trust_env=False,
        )

    def pay(self, provider_id: str, script: dict[str, str]) -> bool:
        """Let the scripted payer pay; tell whether the page still waited for its payer."""
        answer = self._client.post(f"/payments/{provider_id}/pay", json=script)
        if answer.status_code == 409:
            return False
        _check(answer)
        return True

    def control(self, method: str, path: str, body: object = None, **params: str) -> Any:
        answer = self._client.request(method, path, json=body, params=params)
        return _check(answer).json()


def eventually(what: str, check: Callable[[], _T | None]) -> _T:
    """
    Return the first answer that is something.

    :raises CommandFailed: nothing within a minute
    """
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        found = check()
        if found:
            return found
        time.sleep(0.1)
    raise CommandFailed(f"{what} : rien après {_PATIENCE_SECONDS:.0f} s.")


def _check(answer: httpx.Response) -> httpx.Response:
    if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
        raise Restarting
    if answer.status_code >= 400:
        where = answer.request.url.path.split("/")[1]
        raise CommandFailed(f"« {where} » a répondu {answer.status_code} : {answer.text[:200]}")
    return answer
