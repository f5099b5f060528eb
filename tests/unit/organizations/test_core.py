import pytest
from hypothesis import given
from hypothesis import strategies as st

from encaisse.kernel.errors import Invalid
from encaisse.organizations.core import (
    PERMISSIONS,
    Permission,
    Role,
    allows,
    contrast,
    ink_on,
    parse_colour,
    readable_on,
)

colours = st.from_regex(r"#[0-9a-f]{6}", fullmatch=True)


class TestRoles:
    def test_every_role_has_a_row_and_the_owner_has_everything(self):
        assert set(PERMISSIONS) == set(Role)
        assert PERMISSIONS[Role.OWNER] == frozenset(Permission)

    @pytest.mark.parametrize(
        "permission",
        [
            Permission.BANK_READ,
            Permission.BANK_WRITE,
            Permission.PAYMENTS_REFUND,
            Permission.LEDGER_READ,
        ],
    )
    def test_a_collector_sees_no_bank_details_and_returns_no_money(self, permission):
        assert not allows(Role.COLLECTOR, permission)

    @pytest.mark.parametrize("role", [Role.ACCOUNTANT, Role.AUDITOR])
    def test_those_who_read_do_not_write(self, role):
        writes = ("write", "issue", "refund", "request", "manage", "credit", "connect", "allocate")

        assert not [p for p in PERMISSIONS[role] if p.value.split(":")[1] in writes]


class TestColours:
    @given(colour=colours, background=st.sampled_from(["#ffffff", "#0f1815", "#17221e"]))
    def test_a_corrected_colour_is_always_readable(self, colour, background):
        assert contrast(readable_on(colour, background), background) >= 4.5

    @given(colour=colours)
    def test_ink_on_a_colour_is_always_readable(self, colour):
        assert contrast(ink_on(colour), colour) >= 4.5

    def test_a_readable_colour_is_left_alone(self):
        assert readable_on("#0b6e4f", "#ffffff") == "#0b6e4f"

    @pytest.mark.parametrize("text", ["red", "#fff", "#0b6e4g", "url(x)", "#0b6e4f;}"])
    def test_refuses_what_is_not_a_colour(self, text):
        with pytest.raises(Invalid):
            parse_colour(text)
