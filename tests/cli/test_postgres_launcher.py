import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from encaisse.cli import postgres_account
from encaisse.cli.errors import CommandFailed
from encaisse.cli.postgres import (
    PostgresBusy,
    build_cluster,
    ensure_cluster,
    running_urls,
)
from encaisse.cli.postgres_account import service_account
from encaisse.cli.postgres_binaries import Origin, PostgresNotFound, find_binaries
from encaisse.cli.postgres_roles import statements
from encaisse.cli.processes import is_alive

from .conftest import clean_environment, wait_until

as_root = pytest.mark.needs(os.geteuid() == 0)  # only root can lend an identity
NOBODY = 65_534


def _write_and_read(url: str) -> int:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (n int)")
        connection.execute("INSERT INTO kept VALUES (1)")
        return connection.execute("SELECT count(*) FROM kept").fetchone()[0]


def _available(origin: Origin) -> bool:
    try:
        find_binaries(origin=origin)
    except PostgresNotFound:
        return False
    return True


class TestStart:
    @pytest.mark.parametrize("origin", list(filter(_available, Origin)))
    def test_opens_a_database_with_either_program(self, data_folder, monkeypatch, origin):
        monkeypatch.setenv("ENCAISSE_POSTGRES", origin)

        with ensure_cluster(data_folder, durable=False) as cluster:
            count = _write_and_read(cluster.owner_url)

        assert cluster.binaries.origin is origin
        assert count == 1

    def test_keeps_the_data_from_one_start_to_the_next(self, data_folder):
        with ensure_cluster(data_folder) as first:
            _write_and_read(first.owner_url)

        with ensure_cluster(data_folder) as second:
            count = _write_and_read(second.owner_url)

        assert count == 2

    def test_is_durable_unless_told_otherwise(self, data_folder):
        with ensure_cluster(data_folder) as cluster, psycopg.connect(cluster.owner_url) as owner:
            settings = [
                owner.execute(f"SHOW {name}").fetchone()[0]
                for name in ("fsync", "full_page_writes", "synchronous_commit", "data_checksums")
            ]

        assert settings == ["on", "on", "on", "on"]

    def test_listens_on_a_private_socket_only(self, data_folder):
        with ensure_cluster(data_folder, durable=False) as cluster:
            with psycopg.connect(cluster.owner_url) as owner:
                addresses = owner.execute("SHOW listen_addresses").fetchone()[0]
            mode = cluster.socket_directory.stat().st_mode & 0o777
            passwords_mode = (cluster.home / "passwords.json").stat().st_mode & 0o777

        assert addresses == ""
        assert (mode, passwords_mode) == (0o700, 0o600)

    def test_refuses_a_wrong_password(self, data_folder):
        with ensure_cluster(data_folder, durable=False) as cluster:
            wrong = cluster.application_url.replace(cluster.passwords.encaisse_app, "guess")

            with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
                psycopg.connect(wrong)

    def test_fits_its_socket_below_a_deep_temporary_folder(self, data_folder, monkeypatch):
        deep = data_folder / ("d" * 120)
        deep.mkdir()
        monkeypatch.setattr(tempfile, "tempdir", str(deep))

        with ensure_cluster(data_folder, durable=False) as cluster:
            count = _write_and_read(cluster.owner_url)

        assert count == 1

    def test_does_not_touch_the_permissions_of_parent_folders(self, data_folder):
        with ensure_cluster(data_folder / "a", durable=False):
            mode = data_folder.stat().st_mode & 0o777

        assert mode == 0o700

    def test_says_which_version_is_missing(self, data_folder):
        cluster = data_folder / "postgres" / "cluster"
        cluster.mkdir(parents=True)
        (cluster / "PG_VERSION").write_text("14\n")

        with pytest.raises(PostgresNotFound, match="PostgreSQL 14"):
            ensure_cluster(data_folder)

    def test_refuses_an_unknown_choice(self, data_folder, monkeypatch):
        monkeypatch.setenv("ENCAISSE_POSTGRES", "cloud")

        with pytest.raises(CommandFailed, match="cloud"):
            ensure_cluster(data_folder)

    def test_refuses_a_second_start_on_the_same_folder(self, data_folder):
        second = ensure_cluster(data_folder, durable=False)

        with ensure_cluster(data_folder, durable=False), pytest.raises(PostgresBusy):
            second.start()

    def test_tells_other_commands_where_it_listens(self, data_folder):
        with ensure_cluster(data_folder, durable=False) as cluster:
            urls = running_urls(data_folder)
            expected = (cluster.application_url, cluster.owner_url)

        assert (urls.application, urls.owner) == expected
        assert running_urls(data_folder) is None


class TestBrutalEnds:
    def test_recovers_what_was_committed_before_a_kill(self, data_folder):
        cluster = ensure_cluster(data_folder)
        cluster.start()
        _write_and_read(cluster.owner_url)
        os.kill(cluster.process_id, signal.SIGKILL)
        wait_until(cluster.has_died)

        cluster.restart()

        assert _write_and_read(cluster.owner_url) == 2
        cluster.stop()

    def test_starts_when_the_old_process_number_belongs_to_somebody_else(self, data_folder):
        with ensure_cluster(data_folder, durable=False) as cluster:
            pid_file = cluster.data_directory / "postmaster.pid"
            lines = pid_file.read_text().splitlines()
        pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")

        with ensure_cluster(data_folder, durable=False) as cluster:
            count = _write_and_read(cluster.owner_url)

        assert count == 1

    def test_ends_with_the_process_that_started_it(self, data_folder):
        script = (
            "import sys, time; from pathlib import Path; "
            "from encaisse.cli.postgres import ensure_cluster; "
            "c = ensure_cluster(Path(sys.argv[1])); c.start(); "
            "print(c.process_id, flush=True); time.sleep(60)"
        )
        starter = subprocess.Popen(
            [sys.executable, "-c", script, str(data_folder)],
            stdout=subprocess.PIPE,
            text=True,
            env=clean_environment(),
        )
        server = int(starter.stdout.readline())

        starter.kill()
        starter.communicate()
        wait_until(lambda: not is_alive(server), seconds=10)

        with ensure_cluster(data_folder) as cluster:
            assert _write_and_read(cluster.owner_url) == 1

    def test_begins_again_after_an_interrupted_creation(self, data_folder):
        half = data_folder / "postgres" / "cluster.partial"
        half.mkdir(parents=True)
        (half / "PG_VERSION").write_text("15\n")

        with ensure_cluster(data_folder, durable=False) as cluster:
            count = _write_and_read(cluster.owner_url)

        assert count == 1

    def test_leaves_no_socket_folder_behind(self, data_folder):
        with ensure_cluster(data_folder, durable=False) as cluster:
            folder = cluster.socket_directory

        assert not folder.exists()


@pytest.fixture
def service_folder(data_folder, monkeypatch):
    """Keep what belongs to the system account out of the machine's own folders."""
    data_folder.chmod(0o711)
    folder = data_folder / "service"
    monkeypatch.setattr(postgres_account, "SERVICE_HOME", folder)
    return folder


class TestAccounts:
    @as_root
    @pytest.mark.needs(_available(Origin.DISK))  # a PostgreSQL that everybody may run
    def test_works_for_an_ordinary_user(self, data_folder):
        os.chown(data_folder, NOBODY, NOBODY)
        # A fork that has read everything, not a new interpreter: an ordinary user may not enter
        # the folders of root where the tests may live.
        for name in ("roles.sql", "database.sql"):
            statements(name)
        child = multiprocessing.get_context("fork").Process(target=_as_nobody, args=(data_folder,))

        child.start()
        child.join(timeout=60)

        assert child.exitcode == 0
        assert (data_folder / "data" / "postgres" / "cluster").stat().st_uid == NOBODY

    @as_root
    def test_lends_a_system_account_where_namespaces_are_refused(self, data_folder, service_folder):
        home = data_folder / "postgres"
        home.mkdir()
        account, binaries = service_account(home=home, binaries=find_binaries())
        cluster = build_cluster(data_folder, account=account, binaries=binaries)

        with cluster:
            count = _write_and_read(cluster.owner_url)
            owner_id = cluster.data_directory.stat().st_uid

        assert count == 1
        assert owner_id == account.user_id != 0
        assert account.home.parent == service_folder

    @as_root
    def test_gives_the_system_account_programs_that_only_root_could_reach(
        self, data_folder, service_folder
    ):
        embedded = find_binaries(origin=Origin.EMBEDDED)
        package = embedded.directory.parents[1]
        hidden = data_folder / "hidden"
        hidden.mkdir(mode=0o700)
        for source in (package, package.with_name(f"{package.name}.libs")):
            shutil.copytree(source, hidden / source.name, symlinks=True)
        directory = hidden / embedded.directory.relative_to(package.parent)
        private = replace(embedded, directory=directory)
        home = data_folder / "postgres"
        home.mkdir()

        account, binaries = service_account(home=home, binaries=private)

        with build_cluster(data_folder, account=account, binaries=binaries) as cluster:
            assert _write_and_read(cluster.owner_url) == 1
        assert binaries.directory.is_relative_to(service_folder / "programs")

    @as_root
    def test_refuses_a_folder_that_belongs_to_somebody_else(self, data_folder):
        home = data_folder / "postgres"
        home.mkdir()
        os.chown(home, NOBODY, NOBODY)

        with pytest.raises(CommandFailed, match="65534"):
            ensure_cluster(data_folder)


def _as_nobody(folder: Path) -> None:
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    with ensure_cluster(folder / "data", durable=False) as cluster:
        assert cluster.account.prefix == ()
        assert _write_and_read(cluster.owner_url) == 1
