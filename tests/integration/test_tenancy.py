import pytest
from django.db import connection, transaction

from encaisse.kit.files import read_file, store_file
from encaisse.kit.models import StoredFile
from encaisse.kit.tenancy import TenantMismatch, acting_as_user, acting_for, current_organization
from encaisse.organizations.models import Membership, Profile
from encaisse.organizations.queries import places_of
from factories.organizations import NOW, Firm


def setting() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('encaisse.organization_id', true)")
        return cursor.fetchone()[0] or ""


class TestIsolation:
    def test_without_a_tenant_no_row_is_visible(self):
        Firm()

        assert Profile.objects.count() == 0

    def test_the_database_hides_other_firms_even_from_an_unfiltered_query(self):
        mine, other = Firm(), Firm()

        with acting_for(mine.id):
            seen = set(Profile.objects.values_list("organization_id", flat=True))

        assert seen == {mine.id}
        assert other.id not in seen

    def test_a_row_cannot_be_written_for_another_firm(self):
        mine, other = Firm(), Firm()

        with pytest.raises(Exception, match="row-level security"), acting_for(mine.id):
            StoredFile.objects.create(
                organization_id=other.id, kind="x", name="x", media_type="x", size_bytes=0,
                sha256="", created_at=NOW,
            )  # fmt: skip

    def test_a_person_sees_their_own_firms_and_no_others(self):
        mine, _other = Firm(), Firm()

        assert [place.organization_id for place in places_of(user_id=mine.owner.id)] == [mine.id]
        with acting_as_user(mine.owner.id):
            assert Membership.objects.count() == 1
        assert Membership.objects.count() == 0


class TestActingFor:
    def test_joins_the_same_organization(self):
        firm = Firm()

        with acting_for(firm.id), acting_for(firm.id):
            assert Profile.objects.count() == 1

    def test_refuses_another_organization(self):
        mine, other = Firm(), Firm()

        with acting_for(mine.id), pytest.raises(TenantMismatch), acting_for(other.id):
            pass

    def test_leaves_no_tenant_behind_in_an_outer_transaction(self):
        firm = Firm()

        with transaction.atomic():
            with acting_for(firm.id):
                assert setting() == str(firm.id)
            assert setting() == ""
            assert Profile.objects.count() == 0
        assert setting() == ""

    def test_an_inner_block_that_fails_leaves_the_outer_tenant_in_place(self):
        firm = Firm()

        with acting_for(firm.id):
            with pytest.raises(RuntimeError), acting_for(firm.id):
                raise RuntimeError
            assert setting() == str(firm.id)

    def test_a_failure_leaves_no_tenant_behind(self):
        firm = Firm()

        with transaction.atomic():
            with pytest.raises(RuntimeError), acting_for(firm.id):
                raise RuntimeError
            assert setting() == ""
            assert current_organization() is None


class TestFiles:
    def test_a_file_reads_back_and_is_not_stored_in_clear(self):
        firm = Firm()
        content = b"%PDF- confidential " * 10

        with acting_for(firm.id):
            stored = store_file(
                organization_id=firm.id, kind="invoice", name="f.pdf",
                media_type="application/pdf", content=content, now=NOW,
            )  # fmt: skip
            read, back = read_file(organization_id=firm.id, file_id=stored.id)
            with connection.cursor() as cursor:
                cursor.execute("SELECT sealed FROM kit_filecontent WHERE file_id = %s", [stored.id])
                sealed = bytes(cursor.fetchone()[0])

        assert (read.id, back) == (stored.id, content)
        assert b"confidential" not in sealed
