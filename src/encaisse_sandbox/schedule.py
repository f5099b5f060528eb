"""What happens by itself when its time comes, one thing after the other in time order."""

import asyncio
import math
from collections.abc import Callable
from datetime import datetime, timedelta

from encaisse_sandbox import disputes, payments, payouts, refunds
from encaisse_sandbox.amounts import in_euros
from encaisse_sandbox.clock import parse, stamp
from encaisse_sandbox.errors import conflict
from encaisse_sandbox.records import Payment, Refund
from encaisse_sandbox.webhooks import Deliverer, Patience
from encaisse_sandbox.world import World

TICK_SECONDS = 0.5
ADVANCE_PATIENCE_SECONDS = 30.0

_DUE_QUERY = """
SELECT min(moment) FROM (
    SELECT min(due_at) AS moment FROM payments WHERE due_at IS NOT NULL
    UNION ALL SELECT min(dispute_due_at) FROM payments WHERE dispute_due_at IS NOT NULL
    UNION ALL SELECT min(due_at) FROM refunds WHERE due_at IS NOT NULL
)
"""


class Scheduler:
    """Runs what is due, whether time passes by itself or is advanced."""

    def __init__(self, world: World, deliverer: Deliverer) -> None:
        self._world = world
        self._deliverer = deliverer
        self._turn = asyncio.Lock()

    async def run_forever(self) -> None:
        """Run what is due as real time passes."""
        while True:
            async with self._turn:
                run_due(self._world)
            await asyncio.sleep(TICK_SECONDS)

    async def advance(self, by: timedelta) -> list[str]:
        """Move the clock forward, stopping at each thing due to do it and tell of it."""
        clock, happened = self._world.clock, list[str]()
        async with self._turn:
            patience = Patience(ADVANCE_PATIENCE_SECONDS)
            offset_at_end = clock.offset_seconds + math.ceil(by.total_seconds())
            target = clock.now() + by
            while (due := self._next_moment(patience)) <= target:
                clock.move_to(due)
                happened += run_due(self._world)
                await self._deliverer.flush(patience)
            clock.reach_offset(offset_at_end)
            await self._deliverer.flush(patience)
        return happened

    def _next_moment(self, patience: Patience) -> datetime:
        """Return when the next thing happens; receivers that never answer stop being one."""
        next_step = next_due(self._world)
        retry = None if patience.is_over else self._deliverer.next_attempt()
        return next_step if retry is None else min(next_step, retry)


def begin_at(world: World, moment: datetime) -> None:
    """
    Let a world in which nothing happened yet begin at another moment.

    :raises ApiError: something happened already: its dates would lie
    """
    started = "SELECT 1 FROM payments UNION ALL SELECT 1 FROM bank_transactions LIMIT 1"
    if world.db.scalar(started) is not None:
        raise conflict("world_begun", "Something happened already in this world.")
    with world.db.transaction():
        payouts.forget_next_run(world)
        world.clock.begin_at(moment)


def next_due(world: World) -> datetime:
    """Return when something next happens by itself."""
    earliest = world.db.scalar(_DUE_QUERY)
    payout_run = payouts.next_run(world)
    return min(parse(earliest), payout_run) if isinstance(earliest, str) else payout_run


def run_due(world: World) -> list[str]:
    """Do everything whose time has come, and say in French what happened."""
    happened: list[str] = []
    while next_due(world) <= world.clock.now():
        with world.db.transaction():
            happened += _run_next(world, next_due(world))
    return happened


def _run_next(world: World, moment: datetime) -> list[str]:
    due = stamp(moment)
    for step in _STEPS:
        happened = step(world, due)
        if happened is not None:
            return happened
    paid = payouts.run(world)
    return [f"Versement {payout.bank_reference} : {in_euros(payout.net)}." for payout in paid]


def _payment_step(world: World, due: str) -> list[str] | None:
    payment = world.db.first(Payment, "due_at <= ? ORDER BY due_at", due)
    if payment is None:
        return None
    match payment.status:
        case "requires_action":
            payments.expire(world, payment)
            return [f"Le paiement {payment.reference} a expiré sans être payé."]
        case "authorized":
            payments.cancel(world, payment, "authorization_expired")
            return [f"L’autorisation du paiement {payment.reference} a expiré."]
        case _:
            payments.receive_transfer(world, payment)
            return [f"Le virement {payment.reference} est arrivé."]


def _dispute_step(world: World, due: str) -> list[str] | None:
    payment = world.db.first(Payment, "dispute_due_at <= ? ORDER BY dispute_due_at", due)
    if payment is None:
        return None
    dispute = disputes.open_scheduled(world, payment)
    if dispute is None:
        return []
    return [f"Le paiement {payment.reference} est contesté ({in_euros(dispute.amount)})."]


def _refund_step(world: World, due: str) -> list[str] | None:
    refund = world.db.first(Refund, "due_at <= ? ORDER BY due_at", due)
    if refund is None:
        return None
    refunds.complete(world, refund)
    return [f"Le remboursement de {in_euros(refund.amount)} est arrivé."]


_STEPS: tuple[Callable[[World, str], list[str] | None], ...] = (
    _payment_step,
    _dispute_step,
    _refund_step,
)
