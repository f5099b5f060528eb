"""Payouts: each morning the provider pays what it owes for the days before."""

from datetime import datetime, timedelta

from encaisse_sandbox import bank, chaos, events, ledger
from encaisse_sandbox.clock import paris_date, paris_moment, parse, stamp
from encaisse_sandbox.errors import missing
from encaisse_sandbox.identifiers import new_id, readable_code
from encaisse_sandbox.records import BalanceItem, Json, Payout
from encaisse_sandbox.world import World

PAYOUT_HOUR = 6
_NEXT_RUN = "next_payout_at"


def next_run(world: World) -> datetime:
    """Return when the next payouts are made; the first time, the coming 6 a.m. in Paris."""
    stored = world.db.scalar("SELECT value FROM settings WHERE name = ?", _NEXT_RUN)
    if isinstance(stored, str):
        return parse(stored)
    first = _following_run(world.clock.now())
    _remember(world, first)
    return first


def run(world: World) -> list[Payout]:
    """Pay every merchant what was captured before the day of this run, and plan the next."""
    due = next_run(world)
    start_of_day = stamp(paris_moment(paris_date(due)))
    items = world.db.all(
        BalanceItem,
        "payout_id IS NULL AND created_at < ? ORDER BY account_id, rowid",
        start_of_day,
    )
    by_account: dict[str, list[BalanceItem]] = {}
    for item in items:
        by_account.setdefault(item.account_id, []).append(item)
    paid = [_pay(world, account_id, owed) for account_id, owed in by_account.items()]
    _remember(world, _following_run(due))
    return paid


def _pay(world: World, account_id: str, items: list[BalanceItem]) -> Payout:
    now = world.clock.now()
    payout = Payout(
        id=new_id("po"),
        account_id=account_id,
        gross=sum(item.gross for item in items),
        fee=sum(item.fee for item in items),
        currency="EUR",
        status="paid",
        bank_reference=f"PO{paris_date(now):%y%m%d}{readable_code(8)}",
        paid_at=stamp(now),
        updated_at=stamp(now),
    )
    world.db.insert(payout)
    for item in items:
        world.db.update(BalanceItem, item.id, payout_id=payout.id)
    arrived = payout.net - chaos.missing_cents(world, account_id)
    bank.book_payout(world, account_id, arrived, payout.bank_reference)
    events.emit(world, account_id, "payout.paid", payload(world, payout))
    return payout


def _following_run(moment: datetime) -> datetime:
    day = paris_date(moment)
    today = paris_moment(day, PAYOUT_HOUR)
    return today if today > moment else paris_moment(day + timedelta(days=1), PAYOUT_HOUR)


def _remember(world: World, moment: datetime) -> None:
    world.db.execute(
        "INSERT INTO settings (name, value) VALUES (?, ?) "
        "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        _NEXT_RUN,
        stamp(moment),
    )


def forget_next_run(world: World) -> None:
    """Plan the coming payouts anew: the clock is about to be set."""
    world.db.execute("DELETE FROM settings WHERE name = ?", _NEXT_RUN)


def find(world: World, account_id: str, payout_id: str) -> Payout:
    """
    Return a payout of the account.

    :raises ApiError: there is none with this id
    """
    payout = world.db.first(Payout, "id = ? AND account_id = ?", payout_id, account_id)
    if payout is None:
        raise missing("payout", payout_id)
    return payout


def updated_since(world: World, account_id: str, since: str) -> list[Payout]:
    """Return the account's payouts since a moment, newest last."""
    return world.db.all(
        Payout, "account_id = ? AND updated_at >= ? ORDER BY updated_at, id", account_id, since
    )


def payload(world: World, payout: Payout) -> Json:
    """Return the payout with every item that makes its amount."""
    items = world.db.all(BalanceItem, "payout_id = ? ORDER BY rowid", payout.id)
    return {
        "object": "payout",
        "id": payout.id,
        "amount": payout.net,
        "gross": payout.gross,
        "fee": payout.fee,
        "currency": payout.currency,
        "status": payout.status,
        "paid_at": payout.paid_at,
        "bank_reference": payout.bank_reference,
        "items": [ledger.payload(item) for item in items],
    }
