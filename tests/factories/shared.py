"""Firms of one host that share what they learn of frauds, without a provider between."""

import random
from datetime import timedelta

from encaisse.fraud.core.cases import Label, LabelSource
from encaisse.fraud.models import FraudDecision, PassageRecord, SharedReport, Vigilance
from encaisse.fraud.services.arrivals import Answer, Arrival, Card, Payer
from encaisse.fraud.services.judge import judge_answers, judge_arrival
from encaisse.fraud.services.labels import learn
from encaisse.fraud.services.shared import forget_shared
from encaisse.fraud.services.sharing import join
from encaisse.kit.clock import business_now
from encaisse.kit.identifiers import new_id
from encaisse.kit.tenancy import acting_for
from factories.organizations import Firm


def somewhere() -> str:
    """An address of the internet that no other test pays from."""
    return f"81.{random.randrange(256)}.{random.randrange(256)}.{random.randrange(256)}"


def arrival(email: str = "", **values: object) -> Arrival:
    return Arrival(passage_id=new_id(), cents=6_000, method="card", email=email, **values)


def answer(came: Arrival, fingerprint: str = "", **values: object) -> Answer:
    card = Card(fingerprint=fingerprint, country="FR", is_same_everywhere=bool(fingerprint))
    defaults = {"authentication": "authenticated", "has_liability_shift": True}
    return Answer(arrival=came, card=card, **{**defaults, **values})


class SharingFirm(Firm):
    """A firm that has shared for forty days, and was paid `payments` times since."""

    def __init__(self, *, payments: int = 20, days: int = 40, **values: object) -> None:
        super().__init__(**values)
        self.now = business_now()
        self.share(days=days)
        self.be_paid(payments)
        self.pass_a_night()

    def share(self, *, days: int = 40) -> None:
        join(
            organization_id=self.id,
            actor=self.actor,
            has_accepted=True,
            now=self.now - timedelta(days=days),
        )

    def be_paid(self, number: int) -> None:
        honest = [answer(arrival(f"{new_id()}@example.test")) for _ in range(number)]
        judge_answers(organization_id=self.id, answers=honest, now=self.now - timedelta(days=1))

    def pass_a_night(self) -> None:
        forget_shared(organization_id=self.id, now=self.now)

    def ask(self, email: str, **values: object) -> FraudDecision:
        """Weigh somebody who is about to pay."""
        judged = judge_arrival(
            organization_id=self.id, arrival=arrival(email, **values), now=self.now
        )
        return self.decision(judged.decision_id)

    def take(self, email: str, fingerprint: str = "", **proof: object) -> FraudDecision:
        """Weigh money that the payer's bank agreed to."""
        came = arrival(email, payer=Payer(address=somewhere()))
        judge_arrival(organization_id=self.id, arrival=came, now=self.now)
        judged = judge_answers(
            organization_id=self.id, answers=[answer(came, fingerprint, **proof)], now=self.now
        )
        return self.decision(judged[came.passage_id].decision_id)

    def decision(self, decision_id) -> FraudDecision:
        with acting_for(self.id):
            return FraudDecision.objects.get(id=decision_id)

    def say(self, passage_id, label: Label, source: LabelSource = LabelSource.REVIEW) -> None:
        learn(
            organization_id=self.id, passage_id=passage_id, label=label, source=source, now=self.now
        )

    def report(self, email: str, fingerprint: str = "") -> None:
        """Be paid by somebody and call it a fraud."""
        self.say(self.take(email, fingerprint).passage_id, Label.FRAUD)

    def reports(self) -> list[SharedReport]:
        with acting_for(self.id):
            return list(SharedReport.objects.order_by("created_at", "kind"))

    def in_force(self) -> list[SharedReport]:
        return [row for row in self.reports() if row.ended_at is None]

    def passages(self) -> list[PassageRecord]:
        with acting_for(self.id):
            return list(PassageRecord.objects.all())

    def vigilance(self) -> Vigilance:
        with acting_for(self.id):
            return Vigilance.objects.get()
