from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encaisse.kernel.identifiers import creditor_reference
from encaisse.treasury.core.references import creditor_references_in, uuids_in

bodies = st.from_regex(r"[A-Z0-9]{12}", fullmatch=True)


class TestCreditorReferences:
    @given(body=bodies)
    def test_a_reference_is_found_alone_grouped_or_in_a_sentence(self, body):
        reference = creditor_reference(body)
        grouped = " ".join(reference[i : i + 4] for i in range(0, len(reference), 4))

        for text in (reference, f"FACTURE {reference}", grouped, reference.lower()):
            assert reference in creditor_references_in(text)

    @pytest.mark.parametrize("text", ["", "FACTURE 12", "RF00ABC", "RF18", "VIREMENT RF99XYZ"])
    def test_nothing_is_made_up(self, text):
        assert creditor_references_in(text) == []


class TestUuids:
    def test_our_identifiers_are_found_with_or_without_dashes(self):
        identifier = uuid4()

        assert uuids_in(f"REF {identifier} MERCI") == [identifier]
        assert uuids_in(identifier.hex.upper()) == [identifier]
        assert uuids_in("rien") == []
