import json
from hashlib import sha256

import pytest

from encaisse.fraud.core.model import NotAModel, read_model, write_model
from encaisse.fraud.core.shipped import SHA256, shipped_model
from encaisse.fraud.core.words import MOST_REASONS, reasons, sentence_of
from encaisse.fraud.offline.cold_start import FEATURES, cold_start_model
from encaisse.fraud.offline.invented import invented_payments, with_facts
from encaisse.risk.calibration import Calibration
from encaisse.risk.features import feature_names


def written(**changed):
    content = {
        "features": ("amount", "card_count_1h"),
        "trees": [[0, 5_000.0, 0, -1.0, 1.0, 0.0], [1, 2.0, 0, -0.5, 2.0, 0.0]],
        "calibration": Calibration((-1.0, 3.0), (0.0, 1.0)),
        "metrics": {},
        "training": {},
    }
    return write_model(**{**content, **changed})


class TestModel:
    def test_scores_facts_by_name(self):
        model = read_model(written())

        scored = model.score({"amount": 9_000, "card_count_1h": 7, "unused": "word"})

        assert (scored.score, scored.probability) == (3.0, 1.0)

    def test_says_what_raised_the_score_most(self):
        model = read_model(written())

        told = model.contributions({"amount": 9_000, "card_count_1h": 7})

        assert told == [("card_count_1h", 2.0), ("amount", 1.0)]
        assert reasons(told) == [
            "Le nombre récent de paiements est inhabituel pour cette carte.",
            "Le montant lui-même.",
        ]

    def test_refuses_a_file_that_was_changed(self):
        document = json.loads(written())
        document["trees"][0][1] = 6_000.0

        with pytest.raises(NotAModel):
            read_model(json.dumps(document))

    def test_refuses_another_model_than_the_trusted_one(self):
        with pytest.raises(NotAModel):
            read_model(written(), trusted=SHA256)

    @pytest.mark.parametrize(
        "changed",
        [
            {"trees": [[0, 10**400, 0, -1.0, 1.0, 0.0]]},
            {"trees": [10**400]},
            {"trees": [float("nan")]},
            {"calibration": Calibration((float("-inf"), float("inf")), (0.0, 1.0))},
            {"calibration": Calibration((float("nan"),), (0.0,))},
            {"calibration": Calibration(("a", "b"), (0.0, 1.0))},
        ],
        ids=["threshold", "leaf", "nan", "no end", "nan score", "words"],
    )
    def test_refuses_what_no_payment_could_be_weighed_with(self, changed):
        with pytest.raises(NotAModel):
            read_model(written(**changed))

    @pytest.mark.parametrize("part", ["metrics", "training"])
    def test_refuses_one_that_says_nothing_readable_of_itself(self, part):
        document = {**json.loads(written()), part: "good"}
        del document["sha256"]
        text = json.dumps(document, sort_keys=True, separators=(",", ":"))
        document["sha256"] = sha256(text.encode()).hexdigest()

        with pytest.raises(NotAModel):
            read_model(json.dumps(document))

    @pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"schema":1}', "[" * 100_000])
    def test_refuses_what_is_no_model(self, text):
        with pytest.raises(NotAModel):
            read_model(text)


class TestShippedModel:
    def test_is_what_the_command_makes(self):
        assert read_model(cold_start_model()).sha256 == SHA256

    def test_finds_the_invented_frauds_of_another_seed(self):
        model = shipped_model()
        payments = with_facts(invented_payments(seed=1, firms=3))

        scored = [(model.score(facts), one.is_fraud) for one, facts in payments]

        frauds = [told.probability for told, is_fraud in scored if is_fraud]
        others = [told.probability for told, is_fraud in scored if not is_fraud]
        assert sum(frauds) / len(frauds) > 0.5 > 10 * sum(others) / len(others)


class TestWords:
    def test_has_a_sentence_for_whatever_a_model_may_look_at(self):
        kinds = {"payer": ("terminal",), "terminal": ("payer",)}

        for name in (*FEATURES, *feature_names(kinds)):
            assert sentence_of(name).endswith(".")

    def test_says_each_sentence_once_and_few_of_them(self):
        told = reasons([(name, 1.0) for name in FEATURES])

        assert len(told) == len(set(told)) == MOST_REASONS

    def test_says_nothing_of_what_lowered_the_score(self):
        assert reasons([("amount", -1.0)]) == []
