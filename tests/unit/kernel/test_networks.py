import pytest
from hypothesis import given
from hypothesis import strategies as st

from encaisse.kernel.errors import Invalid
from encaisse.kernel.networks import LARGEST_NUMBER, is_within, parse_networks


class TestParseNetworks:
    def test_reads_addresses_and_ranges_however_they_are_separated(self):
        typed = " 192.0.2.7,\n198.51.100.9/24 ; 2001:DB8:0::1\n2001:db8:7::5/48 192.0.2.7/32 "

        assert parse_networks(typed) == (
            "192.0.2.7", "198.51.100.0/24", "2001:db8::1", "2001:db8:7::/48",
        )  # fmt: skip

    def test_nothing_is_nothing(self):
        assert parse_networks(" \n,; ") == ()

    def test_an_ipv4_address_inside_ipv6_is_itself(self):
        assert parse_networks("::ffff:192.0.2.7 ::ffff:198.51.100.0/120") == (
            "192.0.2.7", "198.51.100.0/24",
        )  # fmt: skip

    @pytest.mark.parametrize(
        "typed",
        ["x", "300.1.1.1", "192.0.2.7/33", "example.com", "0.0.0.0/0", "::/0", "10.0.0.0/7",
         "192.0.2.07", "2001:db8::/129", "1" * 70],
    )  # fmt: skip
    def test_refuses_what_is_no_network_or_opens_everywhere(self, typed):
        with pytest.raises(Invalid):
            parse_networks(typed)

    def test_refuses_a_list_too_long(self):
        typed = " ".join(f"192.0.2.{number}" for number in range(LARGEST_NUMBER + 1))

        with pytest.raises(Invalid):
            parse_networks(typed)

    @given(addresses=st.lists(st.ip_addresses(), max_size=20))
    def test_what_was_read_reads_again_the_same(self, addresses):
        once = parse_networks(" ".join(str(address) for address in addresses))

        assert parse_networks(" ".join(once)) == once


class TestIsWithin:
    @pytest.mark.parametrize(
        ("address", "found"),
        [("192.0.2.7", True), ("192.0.2.8", False), ("198.51.100.255", True),
         ("198.51.101.0", False), ("2001:db8:7:ffff::1", True), ("2001:db8:8::1", False),
         ("::ffff:192.0.2.7", True), ("", False), ("unknown", False), ("192.0.2.7:80", False)],
    )  # fmt: skip
    def test_tells_where_an_address_stands(self, address, found):
        assert is_within(address, ("192.0.2.7", "198.51.100.0/24", "2001:db8:7::/48")) is found

    @given(address=st.ip_addresses())
    def test_an_address_is_within_itself_and_nothing_is_within_nothing(self, address):
        assert is_within(str(address), parse_networks(str(address)))
        assert not is_within(str(address), ())
