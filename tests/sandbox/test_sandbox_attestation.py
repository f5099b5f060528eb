"""The provider's attestation of PCI DSS: one is always in force, and it ends after a year."""

from datetime import date

import pytest

from encaisse_sandbox.accounts import attestation


@pytest.mark.parametrize(
    ("today", "attested", "expires"),
    [
        (date(2027, 3, 11), "2026-03-12", "2027-03-11"),
        (date(2027, 3, 12), "2027-03-12", "2028-03-11"),
        (date(2026, 12, 31), "2026-03-12", "2027-03-11"),
        (date(2028, 2, 29), "2027-03-12", "2028-03-11"),
    ],
)
def test_the_attestation_of_a_day_is_the_last_one_given(today, attested, expires):
    given = attestation(today)

    assert (given["attested_on"], given["expires_on"]) == (attested, expires)
    assert attested <= f"{today}" <= expires
