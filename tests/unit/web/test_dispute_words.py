"""What a bank's reason means, and how long is left."""

from datetime import UTC, datetime, timedelta

import pytest

from encaisse.reporting.evidence.facts import Piece
from encaisse.web.disputes.words import REASONS, countdown, piece_lines, reason_of

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)


class TestReasons:
    def test_each_has_its_words_its_advice_and_what_convinces(self):
        assert len(REASONS) == 8
        for reason in REASONS.values():
            assert reason.title
            assert reason.said.endswith(".")
            assert reason.advice.endswith(".")
            assert reason.needs

    def test_one_a_provider_adds_later_reads_as_general(self):
        assert reason_of("visa_13_99") is REASONS["general"]

    def test_what_convinces_comes_first(self):
        lines = piece_lines(dict.fromkeys(Piece, False), reason_of("fraudulent"))

        needed = [line.is_needed for line in lines]
        assert needed == sorted(needed, reverse=True)
        assert len(lines) == len(Piece)


class TestCountdown:
    @pytest.mark.parametrize(
        ("left", "words", "is_urgent"),
        [
            (timedelta(days=13, hours=5), "encore 13 jours", False),
            (timedelta(days=2, hours=1), "encore 2 jours", True),
            (timedelta(hours=30), "encore 30 heures", True),
            (timedelta(minutes=5), "encore 1 heure", True),
        ],
    )
    def test_counts_days_then_hours(self, left, words, is_urgent):
        found = countdown(NOW + left, NOW)

        assert found.words.replace("\N{NO-BREAK SPACE}", " ") == words
        assert (found.is_urgent, found.is_over) == (is_urgent, False)

    def test_ends(self):
        assert countdown(NOW, NOW).is_over
        assert not countdown(None, NOW).is_over
