"""`encaisse sandbox`: drive the simulated outside world over its control plane."""

import argparse
import json
from collections.abc import Mapping

import httpx

from encaisse.cli.errors import CommandFailed, ExitCode, NothingRunning, UsageError
from encaisse.cli.output import print_document, say
from encaisse.cli.runtime import data_directory, sandbox_url
from encaisse.kernel.money import AmountInvalid, Currency, Money

# Advancing by weeks settles, pays and retries everything due on the way.
_TIMEOUT_SECONDS = 120.0
_LARGEST_SHOWN = 2000


def run_advance(arguments: argparse.Namespace) -> int:
    """Move the sandbox's clock; everything due on the way happens, in order."""
    lengths = {name: getattr(arguments, name) for name in ("days", "hours", "minutes")}
    if not any(lengths.values()):
        lengths["days"] = 1
    return _control(arguments, "POST", "/clock/advance", lengths)


def run_chaos(arguments: argparse.Namespace) -> int:
    """Make the network or the provider misbehave, or tell how it does."""
    if arguments.reset:
        return _control(arguments, "DELETE", "/chaos", None)
    wanted = _chaos(arguments)
    if not wanted:
        return _control(arguments, "GET", "/chaos", None)
    return _control(arguments, "POST", "/chaos", wanted)


def run_transfer(arguments: argparse.Namespace) -> int:
    """Let somebody send money to a bank account of the sandbox."""
    transfer: dict[str, object] = {
        "to_iban": arguments.iban.replace(" ", ""),
        "amount": _amount_minor(arguments.amount),
        "currency": Currency.EUR.value,
        "remittance": arguments.label,
        "from_name": arguments.sender,
        "instant": arguments.instant,
    }
    return _control(arguments, "POST", "/transfers", transfer)


def run_status(arguments: argparse.Namespace) -> int:
    """Tell the sandbox's time."""
    return _control(arguments, "GET", "/clock", None)


def _chaos(arguments: argparse.Namespace) -> dict[str, object]:
    webhooks = _given(
        drop=arguments.drop,
        duplicate=arguments.duplicate,
        delay_seconds=arguments.delay,
        shuffle=arguments.shuffle or None,
    )
    api = _given(
        error_500=arguments.error, timeout=arguments.timeout, drop_after=arguments.drop_after
    )
    found = _given(webhooks=webhooks or None, api=api or None)
    limits = _given(
        account_id=arguments.account, next=arguments.next, drop_types=arguments.drop_type
    )
    return found | limits


def _given(**values: object) -> dict[str, object]:
    return {name: value for name, value in values.items() if value is not None}


def _amount_minor(text: str) -> int:
    try:
        amount = Money.parse(text)
    except AmountInvalid as error:
        raise UsageError(f"« {text} » n’est pas un montant (exemple : 1234,56).") from error
    if amount.minor <= 0:
        raise UsageError("Le montant doit être positif.")
    return amount.minor


def _control(
    arguments: argparse.Namespace, method: str, path: str, body: Mapping[str, object] | None
) -> int:
    base = sandbox_url(data_directory(arguments.data_dir), arguments.url)
    answer = _ask(method, f"{base}/control{path}", body)
    content = _content(answer)
    if arguments.json:
        print_document("encaisse.sandbox/1", ok=answer.is_success, content={"answer": content})
    else:
        _show(content)
    if answer.is_error:
        say(f"Le bac à sable a refusé (réponse {answer.status_code}).")
        return ExitCode.FAILED
    return ExitCode.OK


def _ask(method: str, url: str, body: Mapping[str, object] | None) -> httpx.Response:
    headers = {"X-Encaisse-Sandbox": "control"}
    try:
        return httpx.request(
            method, url, json=body, headers=headers, timeout=_TIMEOUT_SECONDS, trust_env=False
        )
    except httpx.ConnectError as error:
        raise NothingRunning(f"Le bac à sable ne répond pas à {url}.") from error
    except httpx.TransportError as error:
        raise CommandFailed(f"Le bac à sable n’a pas répondu à temps ({url}).") from error


def _content(answer: httpx.Response) -> object:
    if not answer.content:
        return None
    try:
        return json.loads(answer.content)
    except ValueError as error:
        raise CommandFailed(
            f"Réponse illisible du bac à sable : {answer.text[:_LARGEST_SHOWN]}"
        ) from error


def _show(content: object) -> None:
    if not isinstance(content, dict):
        print(json.dumps(content, ensure_ascii=False, indent=2))
        return
    for name, value in content.items():
        if isinstance(value, list):
            for item in value:
                print(f"{name} : {item if isinstance(item, str) else json.dumps(item)}")
        else:
            print(f"{name} : {value if isinstance(value, str) else json.dumps(value)}")
