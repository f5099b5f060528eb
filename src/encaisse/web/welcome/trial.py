"""An account in the simulated world, for whoever tries Encaisse."""

import json
from dataclasses import dataclass, field

from django.conf import settings

from encaisse.kernel.errors import DomainError
from encaisse.kit.http import AnswerLost, NothingSent, ask


class TrialUnavailable(DomainError):
    """The simulated world does not answer, or this is no demo."""

    code = "trial_unavailable"
    status = 503
    french = "Le monde simulé ne répond pas. Rien n’a été créé : recommencez dans un instant."


@dataclass(frozen=True, slots=True)
class TrialAccount:
    api_key: str = field(repr=False)
    iban: str = field(repr=False)
    holder_name: str


def open_trial_account(name: str) -> TrialAccount:
    """:raises TrialUnavailable: not in demo mode, or no answer"""
    if not settings.DEMO or not settings.ENCAISSE_SANDBOX_URL:
        raise TrialUnavailable
    url = f"{settings.ENCAISSE_SANDBOX_URL}/control/accounts"
    try:
        answer = ask("POST", url, json={"name": name}, headers={"X-Encaisse-Sandbox": "control"})
    except (NothingSent, AnswerLost) as error:
        raise TrialUnavailable from error
    if answer.status not in {200, 201}:
        raise TrialUnavailable
    account = json.loads(answer.body)
    return TrialAccount(
        api_key=account["api_key"],
        iban=account["bank_account"]["iban"],
        holder_name=account["bank_account"]["holder_name"],
    )
