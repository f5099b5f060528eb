import psycopg
import pytest

from encaisse.cli.postgres import Cluster, connection_url, ensure_cluster


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with ensure_cluster(tmp_path_factory.mktemp("roles"), durable=False) as started:
        with psycopg.connect(started.owner_url) as owner:
            owner.execute("CREATE TABLE invoice (id serial PRIMARY KEY, organization_id int)")
            owner.execute("ALTER TABLE invoice ENABLE ROW LEVEL SECURITY")
            owner.execute("ALTER TABLE invoice FORCE ROW LEVEL SECURITY")
            owner.execute("CREATE POLICY own ON invoice USING (organization_id = 1)")
            owner.execute("INSERT INTO invoice (organization_id) VALUES (1), (2)")
            owner.execute("CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'")
        yield started


def _attributes(cluster: Cluster, role: str) -> dict[str, bool]:
    with psycopg.connect(cluster.owner_url) as owner:
        cursor = owner.execute(
            "SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolreplication,"
            " rolcanlogin FROM pg_roles WHERE rolname = %s",
            [role],
        )
        names = [column.name.removeprefix("rol") for column in cursor.description]
        return dict(zip(names, cursor.fetchone(), strict=True))


class TestApplicationRole:
    def test_has_no_privilege_at_all(self, cluster):
        attributes = _attributes(cluster, "encaisse_app")

        assert [name for name, is_set in attributes.items() if is_set] == ["canlogin"]

    def test_reads_and_writes_what_the_owner_creates(self, cluster):
        with psycopg.connect(cluster.application_url) as app:
            app.execute("INSERT INTO invoice (organization_id) VALUES (1)")
            app.execute("UPDATE invoice SET organization_id = 1")
            app.execute("DELETE FROM invoice WHERE id = 0")
            value = app.execute("SELECT one()").fetchone()[0]
            app.rollback()

        assert value == 1

    def test_is_bound_by_row_level_security(self, cluster):
        with psycopg.connect(cluster.application_url) as app:
            count = app.execute("SELECT count(*) FROM invoice").fetchone()[0]

        assert count == 1

    @pytest.mark.parametrize(
        "statement",
        [
            "CREATE TABLE own ()",
            "CREATE SCHEMA own",
            "CREATE TEMP TABLE own ()",
            "ALTER TABLE invoice DISABLE ROW LEVEL SECURITY",
            "DROP POLICY own ON invoice",
            "TRUNCATE invoice",
            "SET ROLE encaisse_owner",
            "COPY invoice TO PROGRAM 'cat'",
        ],
    )
    def test_may_not_reach_beyond_rows(self, cluster, statement):
        with (
            psycopg.connect(cluster.application_url) as app,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            app.execute(statement)

    def test_may_not_create_a_database(self, cluster):
        with (
            psycopg.connect(cluster.application_url, autocommit=True) as app,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            app.execute("CREATE DATABASE own")


class TestOwnerRole:
    def test_passes_row_level_security_and_is_no_superuser(self, cluster):
        attributes = _attributes(cluster, "encaisse_owner")

        assert [name for name, is_set in attributes.items() if is_set] == [
            "bypassrls",
            "createdb",
            "canlogin",
        ]

    def test_sees_every_row(self, cluster):
        with psycopg.connect(cluster.owner_url) as owner:
            count = owner.execute("SELECT count(*) FROM invoice").fetchone()[0]

        assert count == 2

    def test_clones_a_database_with_its_rights(self, cluster):
        maintenance, clone = (
            connection_url(
                "encaisse_owner",
                cluster.passwords.encaisse_owner,
                socket_directory=cluster.socket_directory,
                database=name,
            )
            for name in ("postgres", "clone")
        )
        with psycopg.connect(maintenance, autocommit=True) as owner:
            owner.execute("CREATE DATABASE clone TEMPLATE encaisse")
        with psycopg.connect(clone) as owner:
            owner.execute("CREATE TABLE later (n int)")

        with psycopg.connect(cluster.application_url.replace("/encaisse?", "/clone?")) as app:
            app.execute("INSERT INTO later VALUES (1)")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute("CREATE TABLE own ()")


class TestDatabase:
    def test_is_the_same_on_every_machine(self, cluster):
        with psycopg.connect(cluster.application_url) as app:
            row = app.execute(
                "SELECT pg_encoding_to_char(encoding), datcollate, datctype,"
                " current_setting('TimeZone') FROM pg_database WHERE datname = 'encaisse'"
            ).fetchone()

        assert row == ("UTF8", "C", "C", "UTC")

    def test_takes_its_roles_back_after_a_mistake(self, tmp_path):
        cluster = ensure_cluster(tmp_path, durable=False)
        with cluster, psycopg.connect(cluster.owner_url) as owner:
            owner.execute("GRANT CREATE ON SCHEMA public TO PUBLIC")

        with (
            cluster,
            psycopg.connect(cluster.application_url) as app,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            app.execute("CREATE TABLE own ()")
