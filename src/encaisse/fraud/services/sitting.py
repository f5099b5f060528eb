"""One sitting: all that a few decisions of one firm need, read in a handful of queries."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from encaisse.fraud.core.cases import CaseState
from encaisse.fraud.core.expected import Stakes
from encaisse.fraud.core.facts import VERSION, attempt_of, gather, stored
from encaisse.fraud.core.judgement import judge, sentences
from encaisse.fraud.core.passage import Passage, Stage, Subject, subjects_of
from encaisse.fraud.core.policy import (
    JUDGED_BY_RELEASE,
    NEVER_PAUSED,
    after_the_answer,
    policy_of,
)
from encaisse.fraud.core.shared import SharedKind
from encaisse.fraud.core.verdicts import Verdict
from encaisse.fraud.models import (
    FraudDecision,
    ListEntry,
    PassageRecord,
    ReviewCase,
    Snooze,
    Vigilance,
)
from encaisse.fraud.services.arrivals import NO_CARD, Answer, Arrival, Card
from encaisse.fraud.services.current_model import usable_model
from encaisse.fraud.services.memory import Memory, Tokens
from encaisse.fraud.services.own_rules import applies, live_rules
from encaisse.fraud.services.shared_reading import Others, marks_of
from encaisse.kernel.networks import is_public, plain_address
from encaisse.kit.identifiers import new_id
from encaisse.kit.places import address_range, country_of
from encaisse.risk import velocity
from encaisse.risk.decide import Decision
from encaisse.risk.presets import Preset
from encaisse.risk.rules import Value

Listed = tuple[str, str]
# As tallies count a day: the hour that runs and the twenty-four before.
_CARDS_COUNT_FOR = timedelta(hours=25)


@dataclass(frozen=True, slots=True)
class Try:
    """A passage with what its answer adds: the card, and the tokens of everything known."""

    record: PassageRecord
    tokens: Mapping[str, str]
    answer: Answer | None = None

    def subjects(self) -> dict[Subject, str]:
        return subjects_of(self.tokens)


class Sitting:
    """Tries of one firm, weighed one after the other."""

    def __init__(self, vigilance: Vigilance, tries: Sequence[Try], now: datetime) -> None:
        self._vigilance, self._now, self._model = vigilance, now, usable_model()
        organization_id = vigilance.organization_id
        self.memory = Memory(organization_id, [one.subjects() for one in tries])
        self._rules = live_rules(organization_id)
        self._listed = _lists(organization_id, tries, now)
        self._snoozed = _snoozes(organization_id, tries, now)
        self._reopened = _reopened(organization_id, tries, now)
        self._others = Others(vigilance, [one.record for one in tries], now)

    def decide(self, one: Try) -> tuple[FraudDecision, Decision]:
        """Return one decision, not yet written."""
        passage = self._passage(one)
        facts = gather(passage, self.memory.of(passage.subjects))
        left_out = self._left_out(one.record)
        own = self._rules.published
        preset = Preset(self._vigilance.preset)
        policy = policy_of(preset, rules=own.values(), without=left_out)
        judged = judge(policy, facts, self._model, stakes_of(self._vigilance, facts))
        decision = judged.decision
        answered = passage.stage is Stage.ANSWERED
        outcome = after_the_answer(decision, facts) if answered else Verdict(decision.verdict)
        row = FraudDecision(
            id=new_id(),
            organization_id=self._vigilance.organization_id,
            passage_id=one.record.id,
            stage=passage.stage,
            amount_minor=passage.cents,
            facts_version=VERSION,
            facts=stored(facts),
            policy=policy.name,
            policy_version=policy.version,
            left_out=left_out,
            own_rules=[str(rule_id) for rule_id in own],
            watched=[str(rule_id) for rule_id in self._watched_that_apply(facts)],
            model=self._model.sha256 if self._model else "",
            probability=judged.probability,
            margin_basis_points=self._vigilance.margin_basis_points,
            score=decision.score,
            verdict=decision.verdict,
            outcome=outcome,
            reasons=sentences(decision),
            broken=list(decision.broken),
            created_at=self._now,
        )
        return row, decision

    def _left_out(self, record: PassageRecord) -> list[str]:
        paused = self._snoozed.get(record.customer_id, set()) - NEVER_PAUSED
        judged = {JUDGED_BY_RELEASE} if record.link_id in self._reopened else set()
        return sorted(paused | judged)

    def _watched_that_apply(self, facts: Mapping[str, Value]) -> list[UUID]:
        return [rule_id for rule_id, rule in self._rules.watched.items() if applies(rule, facts)]

    def count(self, one: Try, *, is_refused: bool = False) -> None:
        """Add a try whose outcome is known to the memory of each of its subjects, once."""
        if one.record.counted_at is not None and not is_refused:
            return
        passage = self._passage(one)
        tallies = self.memory.to_change(passage.subjects)
        velocity.record(attempt_of(passage), tallies, refused=is_refused)
        if not is_refused:
            one.record.tokens, one.record.counted_at = dict(one.tokens), self._now

    def _passage(self, one: Try) -> Passage:
        record, answer, known = one.record, one.answer, one.record.known
        card = answer.card if answer else NO_CARD
        return Passage(
            at=self._now,
            stage=Stage.ANSWERED if answer else Stage.ASKED,
            cents=record.amount_minor,
            method=record.method,
            subjects=one.subjects(),
            address_country=known.get("address_country", ""),
            billing_country=known.get("billing_country", ""),
            email_domain=known.get("email_domain", ""),
            customer_since=_moment(known.get("customer_since")),
            link_since=_moment(known.get("link_since")),
            card_country=card.country,
            authentication=answer.authentication if answer else "",
            has_liability_shift=answer.has_liability_shift if answer else None,
            listed=self._lists_of(one),
            shared=self._others.of(record),
            lists_were_read=self._others.were_read,
        )

    def _lists_of(self, one: Try) -> dict[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for kind, token in one.tokens.items():
            for name in self._listed.get((kind, token), ()):
                found.setdefault(name, set()).add(kind)
        return {name: frozenset(kinds) for name, kinds in found.items()}


def stakes_of(vigilance: Vigilance, facts: Mapping[str, Value]) -> Stakes:
    """Return what one payment may cost this firm."""
    return Stakes(
        cents=int(facts["amount"] or 0),
        margin_basis_points=vigilance.margin_basis_points,
        preset=Preset(vigilance.preset),
        is_borne_by_bank=bool(facts["liability_shift"]),
    )


def recorded(vigilance: Vigilance, arrival: Arrival, now: datetime) -> PassageRecord:
    """Return what is kept of an arrival, not yet written."""
    payer, tokens = arrival.payer, Tokens.of(vigilance)
    # A private address is a neighbour's or a proxy's: everybody would seem to be one person.
    # Written in one way only, as lists write it: ::ffff:192.0.2.7 is 192.0.2.7.
    address = str(plain_address(payer.address)) if is_public(payer.address) else ""
    domain = arrival.email.rpartition("@")[2].lower()
    country = country_of(address) if address else ""
    values = {
        Subject.LINK: str(arrival.link_id or ""),
        Subject.CUSTOMER: str(arrival.customer_id or ""),
        Subject.EMAIL: arrival.email.strip().lower(),
        Subject.DEVICE: payer.device,
        Subject.ADDRESS: address,
        Subject.NETWORK: address_range(address) if address else "",
        "domain": domain,
        "country": country,
    }
    known = {
        "address_country": country,
        "billing_country": arrival.country,
        "email_domain": domain,
        "customer_since": _written(arrival.customer_since),
        "link_since": _written(arrival.link_since),
    }
    record = PassageRecord(
        id=arrival.passage_id,
        organization_id=vigilance.organization_id,
        method=arrival.method,
        amount_minor=arrival.cents,
        tokens={
            Subject.MERCHANT.value: "self",
            **{str(kind): tokens.token(kind, value) for kind, value in values.items() if value},
        },
        known={name: value for name, value in known.items() if value},
        customer_id=arrival.customer_id,
        link_id=arrival.link_id,
        created_at=now,
    )
    shared = {SharedKind.EMAIL: values[Subject.EMAIL], SharedKind.ADDRESS: address}
    record.marks = marks_of(vigilance, shared)
    if payer.address or payer.agent:
        record.seen = {"address": payer.address, "agent": payer.agent, "device": payer.device}
    return record


def tried(vigilance: Vigilance, record: PassageRecord, card: Card, answer: Answer | None) -> Try:
    """Return a passage together with the card it was tried with."""
    tokens = dict(record.tokens)
    if card.fingerprint:
        tokens[Subject.CARD.value] = Tokens.of(vigilance).token(Subject.CARD, card.fingerprint)
    if card.is_same_everywhere:
        record.marks |= marks_of(vigilance, {SharedKind.CARD: card.fingerprint})
    return Try(record, tokens, answer)


def _lists(
    organization_id: UUID, tries: Iterable[Try], now: datetime
) -> dict[Listed, frozenset[str]]:
    """Return which lists name each token of these tries."""
    tokens = {token for one in tries for token in one.tokens.values()}
    current = Q(ended_at__isnull=True) & (Q(expires_at__isnull=True) | Q(expires_at__gt=now))
    rows = ListEntry.objects.filter(current, organization_id=organization_id, token__in=tokens)
    found: dict[Listed, frozenset[str]] = {}
    for kind, subject, token in rows.values_list("kind", "subject", "token"):
        found[subject, token] = found.get((subject, token), frozenset()) | {kind}
    return found


def _snoozes(
    organization_id: UUID, tries: Iterable[Try], now: datetime
) -> dict[UUID | None, set[str]]:
    customers = {one.record.customer_id for one in tries if one.record.customer_id}
    rows = Snooze.objects.filter(
        organization_id=organization_id, customer_id__in=customers, until__gt=now
    )
    found: dict[UUID | None, set[str]] = {}
    for customer_id, rule in rows.values_list("customer_id", "rule"):
        found.setdefault(customer_id, set()).add(rule)
    return found


def _reopened(organization_id: UUID, tries: Iterable[Try], now: datetime) -> set[UUID | None]:
    """Return the links that a person opened again while the cards tried before still count."""
    rows = ReviewCase.objects.filter(
        organization_id=organization_id,
        link_id__in={one.record.link_id for one in tries if one.record.link_id},
        is_link=True,
        state=CaseState.RELEASED,
        decided_at__gt=now - _CARDS_COUNT_FOR,
    )
    return set(rows.values_list("link_id", flat=True))


def _written(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
