"""A host's own past, the model learnt from it, and what happens when somebody touches that file."""

import csv
import json
import stat
from hashlib import sha256
from uuid import UUID

import pytest

from encaisse.cli.files import write_private
from encaisse.cli.fraud_history import _write
from encaisse.fraud.core.cases import Label, LabelSource
from encaisse.fraud.core.model import NotAModel, read_model
from encaisse.fraud.core.shipped import SHA256
from encaisse.fraud.core.verdicts import Verdict
from encaisse.fraud.models import FraudDecision, PassageRecord
from encaisse.fraud.offline.files import kinds_in, read_transactions
from encaisse.fraud.offline.lifecycle import model_learnt_from
from encaisse.fraud.services.current_model import (
    IN_USE,
    INSTALLED,
    LARGEST_BYTES,
    usable_model,
)
from encaisse.fraud.services.explaining import remake
from encaisse.fraud.services.history import COLUMNS, past_of
from encaisse.fraud.services.installing import install_model
from encaisse.fraud.services.labels import learn
from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.risk.velocity import KINDS
from encaisse.web.vigilance.words import model_lines
from factories.fraud import card_transactions
from factories.payments import PayableFirm
from functional.asking import card_payment


@pytest.fixture
def firm(world):
    return PayableFirm(world)


@pytest.fixture(scope="module")
def learnt(tmp_path_factory):
    """A model learnt from an invented past that has the columns of a history."""
    path = tmp_path_factory.mktemp("past") / "past.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for one in card_transactions(days=50):
            card, place = f"card-{one.payer_id}", f"place-{one.terminal_id}"
            known = {"merchant": "firm", "link": place, "ip": place, "network": place}
            writer.writerow((*one.as_row(), *(known.get(name[:-3], card) for name in COLUMNS[6:])))
    return model_learnt_from([path], delay_days=7, last_days=14)


@pytest.fixture
def folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    return tmp_path


def install(folder, text):
    return install_model(text, folder=folder, write=write_private)


def decisions(firm):
    with acting_for(firm.id):
        return list(FraudDecision.objects.order_by("created_at", "id"))


class TestTheModelOfAHost:
    def test_looks_at_nothing_but_what_a_payment_is_weighed_on(self, learnt):
        features = read_model(learnt).features

        assert "card_count_1d" in features
        assert not [name for name in features if name.startswith(("payer_", "terminal_"))]

    def test_weighs_payments_once_installed_and_is_named_in_their_decisions(
        self, firm, folder, learnt
    ):
        model = install(folder, learnt)

        firm.start(firm.request(5_000))

        (row,) = decisions(firm)
        assert row.model == model.sha256 != SHA256
        assert row.probability is not None
        with acting_for(firm.id):
            assert remake(row).is_same

    def test_leaves_decisions_made_before_it_repeatable(self, firm, folder, learnt):
        firm.start(firm.request(5_000))
        install(folder, learnt)
        (row,) = decisions(firm)

        assert row.model == SHA256
        with acting_for(firm.id):
            assert remake(row).is_same

    def test_leaves_its_own_decisions_repeatable_once_taken_away(self, firm, folder, learnt):
        install(folder, learnt)
        firm.start(firm.request(5_000))
        (folder / IN_USE).unlink()
        (row,) = decisions(firm)

        assert usable_model().sha256 == SHA256
        with acting_for(firm.id):
            assert remake(row).is_same

    def test_is_read_by_its_owner_only(self, folder, learnt):
        install(folder, learnt)

        modes = [stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*") if path.is_file()]
        assert modes == [0o600] * 3

    def test_says_on_its_card_what_it_learnt_from(self, folder, learnt):
        released = {line.value for line in model_lines(usable_model())}
        install(folder, learnt)

        lines = {line.label: line.value for line in model_lines(usable_model())}

        assert "Des paiements inventés, les mêmes pour tous" in released
        assert "installé et signé" in lines["Appris sur"]
        assert lines["Empreinte"] == read_model(learnt).sha256[:16]
        assert "Précision moyenne sur ses derniers jours" in lines

    def test_of_something_else_is_not_installed(self, folder, learnt):
        with pytest.raises(NotAModel):
            install(folder, learnt.replace("card_count_1d", "shoe_size"))
        with pytest.raises(NotAModel):
            install(folder, "{}")

        assert not (folder / IN_USE).exists()


class TestAModelThatSomebodyTouched:
    def held(self, firm):
        firm.start(firm.request(5_000))
        (row,) = decisions(firm)
        return row.verdict == Verdict.HOLD and row.broken == ["model"] and not row.model

    def test_has_payments_wait(self, firm, folder, learnt):
        install(folder, learnt)
        text = (folder / IN_USE).read_text(encoding="utf-8")
        (folder / IN_USE).write_text(text[:-30] + text[-29:], encoding="utf-8")

        assert usable_model() is None
        assert self.held(firm)

    @pytest.mark.parametrize(
        "size", [10**400, "NaN", "Infinity"], ids=["huge", "none", "without end"]
    )
    def test_with_a_number_that_is_none_has_payments_wait(self, firm, folder, learnt, size):
        document = json.loads(learnt)
        del document["sha256"]
        document["trees"] = [float(size) if isinstance(size, str) else size]
        text = json.dumps(document, sort_keys=True, separators=(",", ":"))
        document["sha256"] = sha256(text.encode()).hexdigest()
        write_private(folder / IN_USE, json.dumps(document))

        assert self.held(firm)

    def test_far_too_large_is_not_even_read(self, folder, caplog):
        with (folder / IN_USE).open("wb") as file:
            file.truncate(LARGEST_BYTES + 1)

        assert usable_model() is None
        assert "Too large." in caplog.text

    def test_without_a_signature_has_payments_wait(self, firm, folder, learnt):
        write_private(folder / IN_USE, learnt)

        assert self.held(firm)

    def test_signed_by_another_has_payments_wait(self, folder, learnt):
        model = install(folder, learnt)
        other = folder / INSTALLED / f"{model.sha256}.sig"
        other.write_text("00" * 64, encoding="ascii")
        write_private(folder / IN_USE, learnt)

        assert usable_model() is None

    def test_is_told_in_the_log_and_on_its_card(self, folder, caplog):
        write_private(folder / IN_USE, "not a model")

        lines = model_lines(usable_model())

        assert "fraud_model_unreadable" in caplog.text
        assert lines[0].value == "Illisible : chaque paiement attend quelqu’un"


class TestAHistory:
    def passages(self, firm):
        with acting_for(firm.id):
            return list(PassageRecord.objects.filter(counted_at__isnull=False))

    def test_is_what_training_reads_with_what_payments_turned_out_to_be(self, firm, tmp_path):
        card_payment(firm, 12_345)
        (passage,) = self.passages(firm)
        learn(
            organization_id=firm.id, passage_id=passage.id, label=Label.FRAUD,
            source=LabelSource.MERCHANT, now=business_now(),
        )  # fmt: skip
        out = tmp_path / "past.csv"

        counted = _write(out, firm.id)

        (row,) = read_transactions([out])
        assert counted == (1, 1)
        assert row.is_fraud
        assert row.attempt.cents == 12_345
        assert row.attempt.at == int(passage.counted_at.timestamp())
        assert kinds_in([out])[0] == KINDS
        assert stat.S_IMODE(out.stat().st_mode) == 0o600

    def test_names_nobody(self, firm, tmp_path):
        card_payment(firm, 12_345)
        (passage,) = self.passages(firm)

        _write(tmp_path / "past.csv", firm.id)

        text = (tmp_path / "past.csv").read_text(encoding="utf-8")
        assert "@" not in text
        assert "4242" not in text
        assert str(passage.id) not in text
        assert str(firm.id) not in text

    def test_of_one_firm_holds_nothing_of_another(self, firm, world, tmp_path):
        other = PayableFirm(world)
        card_payment(firm, 12_345)
        card_payment(other, 6_789)

        one = _write(tmp_path / "one.csv", UUID(str(firm.id)))
        both = _write(tmp_path / "both.csv", None)

        amounts = {row.attempt.cents for row in read_transactions([tmp_path / "one.csv"])}
        assert amounts == {12_345}
        assert one[1] == 1
        assert both[1] >= 2
        with acting_for(other.id):
            assert {row.values[4] for row in past_of(organization_id=other.id)} == {"67.89"}
