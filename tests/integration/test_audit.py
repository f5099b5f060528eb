from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from encaisse.audit import queries, services
from encaisse.audit.models import AuditEntry
from encaisse.kernel.actor import SYSTEM
from encaisse.kit.models import SubjectKey
from encaisse.kit.tenancy import acting_for
from factories.organizations import NOW, Firm


def record(firm: Firm, **values: object) -> AuditEntry:
    defaults = {"actor": SYSTEM, "action": "test:done", "facts": {"amount": 12}, "now": NOW}
    with acting_for(firm.id):
        services.record(organization_id=firm.id, **{**defaults, **values})
        return AuditEntry.objects.filter(organization_id=firm.id).latest("sequence")


class TestChain:
    def test_parallel_entries_form_one_chain(self):
        firm = Firm()

        def write(_index: int) -> None:
            record(firm)
            connections.close_all()

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(write, range(24)))

        with acting_for(firm.id):
            report = queries.verify_chain(organization_id=firm.id)
        assert (report.entries, report.broken_at) == (25, None)

    def test_a_rewritten_entry_is_found(self):
        firm = Firm()
        entry = record(firm)
        record(firm)
        with connections["owner"].cursor() as cursor:
            cursor.execute("ALTER TABLE audit_auditentry DISABLE TRIGGER USER")
            cursor.execute("UPDATE audit_auditentry SET actor='x' WHERE id=%s", [entry.id])
            cursor.execute("ALTER TABLE audit_auditentry ENABLE TRIGGER USER")

        with acting_for(firm.id):
            assert queries.verify_chain(organization_id=firm.id).broken_at == entry.sequence

    def test_the_application_cannot_rewrite_an_entry(self):
        firm = Firm()
        record(firm)

        with pytest.raises(Exception, match="permission denied"), acting_for(firm.id):
            AuditEntry.objects.update(actor="x")


class TestErasure:
    def test_facts_are_gone_with_their_subject_s_key_and_the_chain_still_holds(self):
        firm = Firm()
        entry = record(firm, subject="customer:1", facts={"name": "Leroy"})

        with acting_for(firm.id):
            assert services.read_facts([entry])[entry.id] == {"name": "Leroy"}
            SubjectKey.objects.filter(subject="customer:1").delete()

            assert services.read_facts([entry])[entry.id] is None
            assert queries.verify_chain(organization_id=firm.id).broken_at is None
