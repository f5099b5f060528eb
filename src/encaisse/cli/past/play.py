"""Living through the plan: each act by the services, at its moment, with the simulated world."""

import gc
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from time import monotonic

from django.db import connection

from encaisse.cli.journey_payer import Sandbox
from encaisse.cli.output import PROGRESS, say
from encaisse.cli.past import others, plumber
from encaisse.cli.past.life import everything, spare_jobs
from encaisse.cli.past.memory import Firm, Past
from encaisse.cli.past.plan import Act, Job, Step
from encaisse.kit.clock import business_now
from encaisse.kit.jobs import set_aside

# What a worker would have done at once. Mails are not sent again, nor safety nets spread.
_DONE_AT_ONCE = frozenset(
    {
        "payments.capture_attempt",
        "payments.cancel_attempt",
        "payments.close_page",
        "payments.send_refund",
    }
)
_ALERTS = frozenset({"security.look_at_case", "security.look_at_dispute"})
_RECENT = timedelta(days=14)
# How long a life may take to live, and what the start of it may take more.
_PATIENCE_SECONDS, _HEAD_START_SECONDS = 80, 10


def live_through(firm: Firm, sandbox: Sandbox, *, until: datetime) -> None:
    """
    Live through the firm's past, and leave the world's clock at the present.

    Nobody listens yet: what the provider would tell meanwhile is dropped, and fetched instead.
    """
    with connection.cursor() as cursor:
        # Cut short, it begins again: no act has to be on the disk before the next one.
        cursor.execute("SET synchronous_commit TO off")
    # A short life that makes few cycles: looking for them costs more than they hold.
    gc.set_threshold(100_000, 50, 50)
    silence = {"webhooks": {"drop": 1}, "account_id": firm.account_id}
    sandbox.control("POST", "/chaos", silence)
    _play(Past(firm, sandbox), everything(until))
    behind = -sandbox.control("GET", "/clock")["offset_seconds"]
    sandbox.control("POST", "/clock/advance", {"minutes": max(0, behind) / 60})
    sandbox.control("DELETE", "/chaos")


def _play(past: Past, acts: Sequence[Act]) -> None:
    """
    Live through acts in order; the recent ones also leave their alerts.

    Nobody waits longer for a slow machine: there, some ordinary jobs of before never come.
    """
    month, started, turned_away = 0, monotonic(), set[Job]()
    spare = spare_jobs(acts)
    for place, act in enumerate(acts):
        late = monotonic() - started - _HEAD_START_SECONDS > _PATIENCE_SECONDS * place / len(acts)
        if late and act.job in spare and act.job not in past.jobs:
            turned_away.add(act.job)
        if act.job in turned_away:
            continue
        if act.at.month != month:
            month = act.at.month
            say(f"{PROGRESS}{act.at:%m/%Y}")
        _reach(past, act.at)
        is_recent = acts[-1].at - act.at < _RECENT
        _act(past, act, _DONE_AT_ONCE | _ALERTS if is_recent else _DONE_AT_ONCE)


def _reach(past: Past, moment: datetime) -> None:
    """Move the world's clock: what it does by itself meanwhile, such as payouts, happens too."""
    ahead = moment - business_now()
    if ahead > timedelta(0):
        minutes = ahead.total_seconds() / 60
        past.sandbox.control("POST", "/clock/advance", {"minutes": minutes})


def _act(past: Past, act: Act, wanted: frozenset[str]) -> None:
    with set_aside() as queued:
        _ACTS[act.step](past, act)
        while queued:
            job = queued.pop(0)
            if job.name in wanted:
                job.run()


_ACTS: Mapping[Step, Callable[[Past, Act], object]] = {
    Step.QUOTE: plumber.quote,
    Step.ACCEPT: others.accept,
    Step.REFUSE: others.turn_down,
    Step.INVOICE: plumber.invoice,
    Step.LINK: plumber.link,
    Step.LOOK: others.look,
    Step.PAY_DEPOSIT: others.pay,
    Step.PAY: others.pay,
    Step.TRY_REFUSED: others.try_refused,
    Step.REFUND: plumber.refund,
    Step.CREDIT: plumber.credit,
    Step.RELEASE: plumber.release,
    Step.GIVE_UP_AS_FRAUD: plumber.give_up_as_fraud,
    Step.DISPUTE: others.dispute,
    Step.LOSE_DISPUTE: others.lose_dispute,
    Step.SHORT_PAYOUT: others.short_payout,
    Step.RECONCILE: plumber.reconcile,
}
