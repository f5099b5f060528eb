"""The sending of events: signed, in order, retried; one endpoint's failure holds up no other."""

import asyncio
import json
import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from time import monotonic

import httpx
from standardwebhooks import Webhook

from encaisse_sandbox.chaos import SHUFFLE_SECONDS
from encaisse_sandbox.clock import parse, stamp
from encaisse_sandbox.records import Delivery, Endpoint, Event
from encaisse_sandbox.records import dump as to_json
from encaisse_sandbox.world import World

TIMEOUT_SECONDS = 5.0
BACKOFF_SECONDS = (2, 10, 60, 300, 3600)
POLL_SECONDS = 0.5

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of one request to an endpoint."""

    status_code: int | None
    error: str | None = None

    @property
    def is_delivered(self) -> bool:
        """Whether the receiver said it has the event."""
        return self.status_code is not None and 200 <= self.status_code < 300


class Patience:
    """How much longer to wait, in real time, for receivers that may never answer."""

    def __init__(self, seconds: float) -> None:
        self._deadline = monotonic() + seconds

    @property
    def seconds_left(self) -> float:
        """The time left, zero when there is none."""
        return max(0.0, self._deadline - monotonic())

    @property
    def is_over(self) -> bool:
        """Whether waiting is no longer worth it."""
        return self.seconds_left == 0


class Deliverer:
    """Sends queued events. Each endpoint has its own queue and, when busy, its own task."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._client = httpx.AsyncClient(timeout=TIMEOUT_SECONDS, trust_env=False)
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._is_flushing = False

    async def run_forever(self) -> None:
        """Send what is due as it becomes due."""
        waiting = self._world.webhooks_waiting
        while True:
            waiting.clear()
            self._start_tasks()
            try:
                await asyncio.wait_for(waiting.wait(), POLL_SECONDS)
            except TimeoutError:
                continue

    async def close(self) -> None:
        """Stop at once; what was not delivered will be after the next start."""
        for task in self._busy.values():
            task.cancel()
        await self._client.aclose()

    async def flush(self, patience: Patience) -> None:
        """Send all that is due now; return once nothing is left to send, or out of patience."""
        self._is_flushing = True
        try:
            while not patience.is_over and (self._start_tasks() or self._busy):
                await asyncio.wait(set(self._busy.values()), timeout=patience.seconds_left)
        finally:
            self._is_flushing = False

    def next_attempt(self) -> datetime | None:
        """Return when the next delivery is due."""
        query = "SELECT min(next_attempt_at) FROM deliveries WHERE state = 'pending'"
        earliest = self._world.db.scalar(query)
        return parse(earliest) if isinstance(earliest, str) else None

    async def ping(self, endpoint: Endpoint, event: Event) -> Attempt:
        """Send one event to one endpoint at once, outside its queue."""
        return await self._post(endpoint, event)

    def _start_tasks(self) -> bool:
        due = self._due("1 GROUP BY endpoint_id")
        started = [item.endpoint_id for item in due if item.endpoint_id not in self._busy]
        for endpoint_id in started:
            task = asyncio.create_task(self._drain(endpoint_id))
            self._busy[endpoint_id] = task
            task.add_done_callback(partial(self._finish, endpoint_id))
        return bool(started)

    def _finish(self, endpoint_id: str, task: asyncio.Task[None]) -> None:
        del self._busy[endpoint_id]
        if not task.cancelled() and (error := task.exception()):
            logger.error("Deliveries to %s stopped", endpoint_id, exc_info=error)

    def _due(self, condition: str, *values: str) -> list[Delivery]:
        """Return due deliveries; a flush also hurries those that were only shuffled."""
        now = self._world.clock.now()
        horizon = now + timedelta(seconds=SHUFFLE_SECONDS) if self._is_flushing else now
        return self._world.db.all(
            Delivery,
            "state = 'pending' AND next_attempt_at <= ? AND flushable_at <= ? AND " + condition,
            stamp(horizon),
            stamp(now),
            *values,
        )

    async def _drain(self, endpoint_id: str) -> None:
        endpoint = self._world.db.one(Endpoint, "id = ?", endpoint_id)
        condition = "endpoint_id = ? ORDER BY next_attempt_at, sequence LIMIT 1"
        while due := self._due(condition, endpoint_id):
            attempt = await self._attempt(endpoint, due[0])
            if attempt.error == "timeout":
                self._rest(endpoint_id)
                return

    async def _attempt(self, endpoint: Endpoint, delivery: Delivery) -> Attempt:
        event = self._world.db.one(Event, "id = ?", delivery.event_id)
        attempt = await self._post(endpoint, event)
        self._record(delivery, attempt)
        return attempt

    async def _post(self, endpoint: Endpoint, event: Event) -> Attempt:
        """Send and sign; signatures carry real time, which is what receivers check."""
        sent_at = datetime.now(UTC)
        headers = {
            "content-type": "application/json",
            "webhook-id": event.id,
            "webhook-timestamp": str(int(sent_at.timestamp())),
            "webhook-signature": Webhook(endpoint.secret).sign(event.id, sent_at, event.body),
        }
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                response = await self._client.post(
                    endpoint.url, content=event.body.encode(), headers=headers
                )
        except (TimeoutError, httpx.TimeoutException):
            return Attempt(None, "timeout")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Attempt(None, type(error).__name__)
        return Attempt(response.status_code)

    def _record(self, delivery: Delivery, attempt: Attempt) -> None:
        now = self._world.clock.now()
        attempts = json.loads(delivery.attempts)
        outcome = {"status_code": attempt.status_code, "error": attempt.error}
        attempts.append({"at": stamp(now)} | outcome)
        if attempt.is_delivered:
            state, retry_at = "delivered", None
        elif len(attempts) > len(BACKOFF_SECONDS):
            state, retry_at = "failed", None
        else:
            backoff = timedelta(seconds=BACKOFF_SECONDS[len(attempts) - 1])
            state, retry_at = "pending", stamp(now + backoff)
        self._world.db.update(
            Delivery,
            delivery.id,
            state=state,
            attempts=to_json(attempts),
            next_attempt_at=retry_at,
            flushable_at=retry_at,
        )

    def _rest(self, endpoint_id: str) -> None:
        """Leave a receiver that does not answer alone for a moment, whatever waits for it."""
        moment = stamp(self._world.clock.now() + timedelta(seconds=BACKOFF_SECONDS[0]))
        self._world.db.execute(
            "UPDATE deliveries SET next_attempt_at = ?, flushable_at = ? "
            "WHERE endpoint_id = ? AND state = 'pending' AND next_attempt_at < ?",
            moment,
            moment,
            endpoint_id,
            moment,
        )
