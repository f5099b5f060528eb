import pytest

from encaisse.kernel.phones import PhoneInvalid, PhoneNumber


class TestReading:
    @pytest.mark.parametrize(
        "typed",
        [
            "06 12 34 56 78", "0612345678", "06.12.34.56.78", "06-12-34-56-78", "+33612345678",
            "+33 6 12 34 56 78", "+33 (0)6 12 34 56 78", "0033612345678",
            "06\u202f12\u202f34\u202f56\u202f78", "\u200e+33 6 12 34 56 78",
        ],
    )  # fmt: skip
    def test_a_french_mobile_is_read_however_it_is_written(self, typed):
        assert PhoneNumber.parse(typed).e164 == "+33612345678"

    @pytest.mark.parametrize(
        ("typed", "e164"),
        [
            ("0690 12 34 56", "+590690123456"),
            ("0694 20 30 40", "+594694203040"),
            ("0696 20 30 40", "+596696203040"),
            ("0692 12 34 56", "+262692123456"),
            ("0639 12 34 56", "+262639123456"),
            ("06 39 98 00 42", "+33639980042"),
            ("07 56 12 34 56", "+33756123456"),
            ("+687 76 12 34 5", "+687761234 5".replace(" ", "")),
            ("+689 87 12 34 56", "+68987123456"),
            ("+41 79 123 45 67", "+41791234567"),
        ],
    )
    def test_overseas_and_neighbours_dial_under_their_own_code(self, typed, e164):
        assert PhoneNumber.parse(typed).e164 == e164

    @pytest.mark.parametrize(
        "typed",
        [
            "", "abc", "01 23 45 67 89", "+33123456789", "06 12 34 56", "+336123456789",
            "+1 900 555 0123", "+", "0", "+0612345678", "٠٦١٢٣٤٥٦٧٨", "06 12 34 56 78 a",
        ],
    )  # fmt: skip
    def test_what_receives_no_code_is_refused(self, typed):
        with pytest.raises(PhoneInvalid):
            PhoneNumber.parse(typed)


def test_a_masked_number_shows_its_last_four_digits():
    assert PhoneNumber.parse("06 12 34 56 78").masked == "•• •• •• 56 78"
