"""One sitting: a few tries of one firm, weighed one after the other on what was read together."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from encaisse.fraud.core.domains import is_disposable
from encaisse.fraud.core.expected import Stakes
from encaisse.fraud.core.facts import VERSION, attempt_of, gather, stored
from encaisse.fraud.core.judgement import judge, sentences
from encaisse.fraud.core.lists import plain_phone
from encaisse.fraud.core.passage import Passage, Stage, Subject
from encaisse.fraud.core.policy import (
    JUDGED_BY_RELEASE,
    NEVER_PAUSED,
    after_the_answer,
    policy_of,
)
from encaisse.fraud.core.shared import SharedKind
from encaisse.fraud.core.verdicts import Verdict
from encaisse.fraud.models import FraudDecision, PassageRecord, Vigilance
from encaisse.fraud.services.arrivals import NO_CARD, Answer, Arrival, Card
from encaisse.fraud.services.current_model import usable_model
from encaisse.fraud.services.firms import Firm
from encaisse.fraud.services.memory import Tokens
from encaisse.fraud.services.own_rules import applies
from encaisse.fraud.services.reading import Surroundings, Try
from encaisse.fraud.services.shared_reading import Others, marks_of
from encaisse.kernel.networks import is_public, plain_address
from encaisse.kernel.trades import Trade
from encaisse.kit.identifiers import new_id
from encaisse.kit.places import address_range, country_of
from encaisse.risk import velocity
from encaisse.risk.decide import Decision
from encaisse.risk.presets import Preset
from encaisse.risk.rules import Value


class Sitting:
    """Tries of one firm, weighed one after the other."""

    def __init__(
        self, firm: Firm, around: Surroundings, tries: Sequence[Try], now: datetime
    ) -> None:
        self._firm, self._around, self._now = firm, around, now
        self._vigilance, self._model = firm.vigilance, usable_model()
        self._others = Others(firm.vigilance, [one.record for one in tries], now)
        self.memory = around.memory

    def decide(self, one: Try) -> tuple[FraudDecision, Decision]:
        """Return one decision, not yet written."""
        passage = self._passage(one)
        facts = gather(passage, self.memory.of(passage.subjects))
        left_out = self._left_out(one.record)
        own = self._firm.rules.published
        preset = Preset(self._vigilance.preset)
        trade = Trade(self._vigilance.trade)
        policy = policy_of(preset, trade=trade, rules=own.values(), without=left_out)
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
            trade=trade,
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
        snoozed = self._around.snoozed.get(record.customer_id) if record.customer_id else None
        paused = (snoozed or frozenset()) - NEVER_PAUSED
        judged = {JUDGED_BY_RELEASE} if record.link_id in self._around.reopened else set()
        return sorted(paused | judged)

    def _watched_that_apply(self, facts: Mapping[str, Value]) -> list[UUID]:
        return [
            rule_id for rule_id, rule in self._firm.rules.watched.items() if applies(rule, facts)
        ]

    def count(self, one: Try, *, is_refused: bool = False, is_accepted: bool = True) -> None:
        """
        Add a try whose outcome is known to the memory of each of its subjects, once.

        Held or blocked, it is counted, and makes nobody known until a person lets it through.
        """
        if one.record.counted_at is not None and not is_refused:
            return
        passage = self._passage(one)
        tallies = self.memory.to_change(passage.subjects)
        velocity.record(attempt_of(passage), tallies, refused=is_refused, accepted=is_accepted)
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
            is_email_disposable=known.get("email_disposable"),
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
            for name in self._around.listed.get((kind, token), ()):
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


def recorded(
    organization_id: UUID, tokens: Tokens, arrival: Arrival, now: datetime
) -> PassageRecord:
    """Return what is kept of an arrival, not yet written."""
    payer = arrival.payer
    address = _public_address(arrival)
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
        "phone": plain_phone(arrival.phone),
    }
    known = {
        "address_country": country,
        "billing_country": arrival.country,
        # Not the domain itself: a family's or a one-person firm's names somebody.
        "email_disposable": is_disposable(domain) if domain else None,
        "customer_since": _written(arrival.customer_since),
        "link_since": _written(arrival.link_since),
    }
    record = PassageRecord(
        id=arrival.passage_id,
        organization_id=organization_id,
        method=arrival.method,
        amount_minor=arrival.cents,
        tokens={
            Subject.MERCHANT.value: "self",
            **{str(kind): tokens.token(kind, value) for kind, value in values.items() if value},
        },
        known={name: value for name, value in known.items() if value not in {"", None}},
        customer_id=arrival.customer_id,
        link_id=arrival.link_id,
        created_at=now,
    )
    if payer.address or payer.agent:
        record.seen = {"address": payer.address, "agent": payer.agent, "device": payer.device}
    return record


def mark(record: PassageRecord, vigilance: Vigilance, arrival: Arrival) -> None:
    """Keep what other firms could recognise of an arrival, where this firm shares with them."""
    values = {
        SharedKind.EMAIL: arrival.email.strip().lower(),
        SharedKind.ADDRESS: _public_address(arrival),
    }
    record.marks = marks_of(vigilance, values)


def tried(firm: Firm, record: PassageRecord, card: Card, answer: Answer | None) -> Try:
    """Return a passage together with the card it was tried with."""
    known = dict(record.tokens)
    if card.fingerprint:
        known[Subject.CARD.value] = firm.tokens.token(Subject.CARD, card.fingerprint)
    if card.is_same_everywhere:
        record.marks |= marks_of(firm.vigilance, {SharedKind.CARD: card.fingerprint})
    return Try(record, known, answer)


def _public_address(arrival: Arrival) -> str:
    """
    Return where a payer is on the internet, written as lists write it (::ffff:192.0.2.7 is
    192.0.2.7).

    A private address is a neighbour's or a proxy's: everybody would seem to be one person.
    """
    address = arrival.payer.address
    return str(plain_address(address)) if is_public(address) else ""


def _written(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
