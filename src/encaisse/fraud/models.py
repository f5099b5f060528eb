from django.db import models

from encaisse.fraud.core.cases import CaseState, Label, LabelSource
from encaisse.fraud.core.lists import ListKind
from encaisse.fraud.core.own_rules import RuleState
from encaisse.fraud.core.passage import Stage
from encaisse.fraud.core.shared import Ending, ReportReason, SharedKind
from encaisse.fraud.core.starter_rules import REPORTED
from encaisse.fraud.core.verdicts import Verdict
from encaisse.kit.crypto import Place
from encaisse.kit.models import TenantForeignKey, TenantRecord
from encaisse.kit.sealed import sealed_json, sealed_text


def _choices(words: type) -> list[tuple[str, str]]:
    return [(word, word) for word in words]  # type: ignore[attr-defined]  # a StrEnum


class Vigilance(TenantRecord):
    """
    How careful a firm wants to be with payments.

    Its row is what every decision of the firm locks: two payments at once see each other.
    `rules_version` is another one whenever the rules that count change: a process that read them
    under the same version has them still.
    """

    preset = models.CharField(max_length=10)
    trade = models.CharField(max_length=12, blank=True, default="", db_default="")
    review_ceiling_minor = models.BigIntegerField(null=True)
    margin_basis_points = models.PositiveIntegerField()
    rules_version = models.UUIDField(null=True)
    token_key_sealed = models.BinaryField()
    # Since when the list between firms is shared; null: nothing is sent, nothing is asked.
    sharing_since = models.DateTimeField(null=True)
    sharing_accepted_by_id = models.UUIDField(null=True)
    sharing_assessment = models.CharField(max_length=10, blank=True)
    sharing_weight = models.PositiveSmallIntegerField(default=0)
    token_key = sealed_text("token_key")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization_id"], name="vigilance_one_per_firm")
        ]

    def place(self, column: str) -> Place:
        return Place("fraud_vigilance", column, self.id, self.organization_id)


class SubjectTally(TenantRecord):
    """What one subject tried, counted in bounded memory (`risk.tallies`)."""

    kind = models.CharField(max_length=10)
    token = models.CharField(max_length=64)
    state = models.JSONField()
    touched_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "kind", "token"], name="tally_one_per_subject"
            )
        ]


class PassageRecord(TenantRecord):
    """
    What was known of one try when its payer chose a way to pay. Its id is the attempt's.

    `tokens` gives its subjects as keyed digests; what names somebody is sealed, for whoever
    reviews it.
    """

    method = models.CharField(max_length=16)
    amount_minor = models.BigIntegerField()
    tokens = models.JSONField()
    known = models.JSONField()
    # What other firms could recognise, by kind and by key; empty where the firm does not share.
    marks = models.JSONField(default=dict)
    customer_id = models.UUIDField(null=True)
    link_id = models.UUIDField(null=True)
    # When it was counted in the memory of its subjects, with the card that paid.
    counted_at = models.DateTimeField(null=True)
    seen_sealed = models.BinaryField(null=True)
    seen = sealed_json("seen")

    class Meta:
        indexes = [
            models.Index(fields=["organization_id", "customer_id"], name="passage_by_customer"),
            models.Index(fields=["organization_id", "link_id"], name="passage_by_link"),
        ]

    def place(self, column: str) -> Place:
        return Place("fraud_passagerecord", column, self.id, self.organization_id)


class FraudDecision(TenantRecord):
    """One verdict, with all it was made from: it can be made again, and must come out the same."""

    passage_id = models.UUIDField()
    stage = models.CharField(max_length=8, choices=_choices(Stage))
    amount_minor = models.BigIntegerField()
    facts_version = models.PositiveIntegerField()
    facts = models.JSONField()
    policy = models.CharField(max_length=10)
    policy_version = models.PositiveIntegerField()
    trade = models.CharField(max_length=12, blank=True, default="", db_default="")
    left_out = models.JSONField()
    # The firm's own rules: those that counted, and those only watched that would have.
    own_rules = models.JSONField()
    watched = models.JSONField()
    model = models.CharField(max_length=64, blank=True)
    probability = models.FloatField(null=True)
    margin_basis_points = models.PositiveIntegerField()
    score = models.IntegerField()
    verdict = models.CharField(max_length=9, choices=_choices(Verdict))
    outcome = models.CharField(max_length=9, choices=_choices(Verdict))
    reasons = models.JSONField()
    broken = models.JSONField()

    class Meta:
        indexes = [
            models.Index(fields=["organization_id", "-created_at", "-id"], name="decision_by_date"),
            models.Index(fields=["organization_id", "passage_id"], name="decision_by_passage"),
            models.Index(
                fields=["organization_id", "-created_at", "-id"],
                condition=models.Q(reasons__contains=[{"code": REPORTED}]),
                name="decision_on_reports",
            ),
        ]


class ReviewCase(TenantRecord):
    """Money authorized and not taken, or a link closed to cards, until somebody has looked."""

    decision = TenantForeignKey(FraudDecision, related_name="+")
    passage_id = models.UUIDField()
    link_id = models.UUIDField(null=True)
    intent_id = models.UUIDField(null=True)
    amount_minor = models.BigIntegerField()
    is_link = models.BooleanField()
    state = models.CharField(max_length=9, choices=_choices(CaseState))
    deadline_at = models.DateTimeField(null=True)
    agreed_by_id = models.UUIDField(null=True)
    identity_asked_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by_id = models.UUIDField(null=True)
    note_sealed = models.BinaryField(null=True)
    note = sealed_text("note")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "passage_id"],
                condition=models.Q(state=CaseState.WAITING, is_link=False),
                name="case_one_open_per_passage",
            ),
            models.UniqueConstraint(
                fields=["organization_id", "link_id"],
                condition=models.Q(state=CaseState.WAITING, is_link=True),
                name="case_one_open_per_link",
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization_id", "created_at"],
                condition=models.Q(state=CaseState.WAITING),
                name="case_waiting",
            ),
            models.Index(fields=["organization_id", "-created_at", "-id"], name="case_by_date"),
            models.Index(fields=["organization_id", "passage_id"], name="case_by_passage"),
            models.Index(
                fields=["organization_id", "link_id"],
                condition=models.Q(is_link=True),
                name="case_by_link",
            ),
        ]

    def place(self, column: str) -> Place:
        return Place("fraud_reviewcase", column, self.id, self.organization_id)


class PassageLabel(TenantRecord):
    """What a try turned out to be, and who says so. The latest word on a passage counts."""

    passage_id = models.UUIDField()
    label = models.CharField(max_length=6, choices=_choices(Label))
    source = models.CharField(max_length=8, choices=_choices(LabelSource))

    class Meta:
        indexes = [
            models.Index(
                fields=["organization_id", "passage_id", "-created_at"], name="label_by_passage"
            )
        ]


class ListEntry(TenantRecord):
    """Somebody or something always let through, or never. Found by its keyed digest."""

    kind = models.CharField(max_length=5, choices=_choices(ListKind))
    # No choices here: another kind of value must change no table.
    subject = models.CharField(max_length=10)
    token = models.CharField(max_length=64)
    value_sealed = models.BinaryField(null=True)
    reason_sealed = models.BinaryField(null=True)
    author_id = models.UUIDField(null=True)
    expires_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    value = sealed_text("value")
    reason = sealed_text("reason")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "kind", "subject", "token"],
                condition=models.Q(ended_at__isnull=True),
                name="list_entry_once",
            )
        ]

    def place(self, column: str) -> Place:
        return Place("fraud_listentry", column, self.id, self.organization_id)


class Snooze(TenantRecord):
    """A rule that does not count for one customer until a day: they are on holiday abroad, say."""

    customer_id = models.UUIDField()
    rule = models.CharField(max_length=40)
    until = models.DateTimeField()
    author_id = models.UUIDField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["organization_id", "customer_id", "until"], name="snooze_of")
        ]


class OwnRule(TenantRecord):
    """A rule that the firm wrote. Its text never changes: another text is another rule."""

    written = models.JSONField()
    state = models.CharField(max_length=9, choices=_choices(RuleState))
    author_id = models.UUIDField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["organization_id", "state"], name="own_rule_by_state")]


class SharedReport(TenantRecord):
    """
    What this firm told the others of the host. They never read it: they ask what a mark weighs.

    Once it no longer counts its mark is gone, and the row says only that there was a report.
    """

    kind = models.CharField(max_length=5, choices=_choices(SharedKind))
    mark = models.CharField(max_length=64, blank=True)
    # The key of the host that made the mark.
    key_id = models.BigIntegerField()
    reason = models.CharField(max_length=8, choices=_choices(ReportReason))
    passage_id = models.UUIDField()
    expires_at = models.DateTimeField()
    # When the firm was told of the last contest.
    told_at = models.DateTimeField(null=True)
    upheld_at = models.DateTimeField(null=True)
    upheld_by_id = models.UUIDField(null=True)
    note_sealed = models.BinaryField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_why = models.CharField(max_length=10, blank=True, choices=_choices(Ending))
    note = sealed_text("note")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "kind", "mark"],
                condition=models.Q(ended_at__isnull=True),
                name="shared_report_once",
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True, ended_why="") & ~models.Q(mark="")
                | models.Q(ended_at__isnull=False, mark="") & ~models.Q(ended_why=""),
                name="shared_report_forgets",
            ),
        ]
        indexes = [
            models.Index(fields=["mark"], name="shared_report_by_mark"),
            models.Index(fields=["organization_id", "passage_id"], name="shared_report_of"),
        ]

    def place(self, column: str) -> Place:
        return Place("fraud_sharedreport", column, self.id, self.organization_id)


class SharedAppeal(TenantRecord):
    """A payer contests, at this firm, what others report: it weighs nothing until they look."""

    kind = models.CharField(max_length=5, choices=_choices(SharedKind))
    mark = models.CharField(max_length=64)
    key_id = models.BigIntegerField()
    passage_id = models.UUIDField()
    opened_by_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "passage_id", "kind", "key_id"],
                name="shared_appeal_once",
            )
        ]
        indexes = [models.Index(fields=["mark"], name="shared_appeal_by_mark")]
