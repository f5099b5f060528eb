import pytest
from hypothesis import given
from hypothesis import strategies as st

from encaisse.kernel.identifiers import (
    Iban,
    IbanInvalid,
    Siren,
    SirenInvalid,
    creditor_reference,
    creditor_reference_valid,
    luhn_valid,
)


class TestSiren:
    def test_reads_a_number_as_people_write_it(self):
        siren = Siren.parse(" 732 829 320 ")

        assert siren.digits == "732829320"
        assert str(siren) == "732 829 320"

    def test_derives_the_vat_number(self):
        assert Siren.parse("200000008").vat_number == "FR37200000008"

    @pytest.mark.parametrize(
        "text", ["", "732829321", "73282932", "7328293200", "73282932A", "000000000", "٧٣٢٨٢٩٣٢٠"]
    )
    def test_refuses_anything_that_fails_its_check(self, text):
        with pytest.raises(SirenInvalid):
            Siren.parse(text)

    @given(st.from_regex(r"[0-9]{8}", fullmatch=True))
    def test_has_exactly_one_check_digit(self, digits):
        assert sum(luhn_valid(f"{digits}{key}") for key in range(10)) == 1


class TestIban:
    def test_reads_groups_and_shows_a_mask(self):
        iban = Iban.parse("FR76 3000 6000 0112 3456 7890 189")

        assert iban.text == "FR7630006000011234567890189"
        assert iban.grouped == "FR76 3000 6000 0112 3456 7890 189"
        assert iban.masked == "FR76 •••• 0189"

    def test_never_prints_itself_whole(self):
        iban = Iban.parse("FR7630006000011234567890189")

        assert "30006000" not in f"{iban} {iban!r}"

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "FR7630006000011234567890188",
            "FR763000600001123456789018",
            "XX7630006000011234567890189",
            "FR76",
        ],
    )
    def test_refuses_anything_that_fails_its_check(self, text):
        with pytest.raises(IbanInvalid):
            Iban.parse(text)


class TestCreditorReference:
    def test_matches_the_standard_example(self):
        assert creditor_reference_valid("RF18 5390 0754 7034")
        assert creditor_reference("539007547034") == "RF18539007547034"

    @given(st.from_regex(r"[A-Z0-9]{1,21}", fullmatch=True))
    def test_always_passes_its_own_check(self, body):
        assert creditor_reference_valid(creditor_reference(body))

    @pytest.mark.parametrize("text", ["", "--", "A" * 22])
    def test_refuses_what_does_not_fit(self, text):
        with pytest.raises(ValueError, match="creditor reference"):
            creditor_reference(text)

    def test_refuses_a_mistyped_reference(self):
        assert not creditor_reference_valid("RF19539007547034")
        assert not creditor_reference_valid("FACTURE 12")
