"""The PostgreSQL that Encaisse starts for itself when it is given none."""

import fcntl
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from urllib.parse import quote

import psycopg

from encaisse.cli.errors import CommandFailed
from encaisse.cli.files import last_lines, write_private
from encaisse.cli.postgres_account import Account, choose_account, service_home
from encaisse.cli.postgres_binaries import Binaries, find_binaries, origin_from_environment
from encaisse.cli.postgres_roles import (
    APPLICATION,
    DATABASE,
    OWNER,
    SUPERUSER,
    Passwords,
    create_passwords,
    provision,
    read_passwords,
    superuser_connection,
)
from encaisse.cli.postgres_server import (
    PostgresFailed,
    clean_environment,
    clear_remains,
    end_server,
    is_server_of,
    private_socket_directory,
    spawn_server,
)

_START_SECONDS = 120.0
_START_ATTEMPTS = 5
_RUNNING = "running.json"


class PostgresBusy(CommandFailed):
    """Another process already runs this data folder."""


@dataclass(frozen=True, slots=True)
class DatabaseUrls:
    """Where to connect: as the application, and as the owner when that is known."""

    application: str
    owner: str | None


@dataclass(slots=True)
class Cluster:
    """One data folder's PostgreSQL. Start it from a thread that lives as long as it must."""

    home: Path
    account: Account
    binaries: Binaries
    log_path: Path
    durable: bool
    passwords: Passwords = field(init=False, repr=False)
    # Asked while waiting for the server: a recovery can be long, a request to stop must not be.
    is_cancelled: Callable[[], bool] = field(default=lambda: False, repr=False)
    socket_directory: Path = field(default_factory=Path)
    _process: subprocess.Popen[bytes] | None = None
    _lock: IO[str] | None = None

    @property
    def data_directory(self) -> Path:
        return self.account.home / "cluster"

    @property
    def owner_url(self) -> str:
        return connection_url(
            OWNER, self.passwords.encaisse_owner, socket_directory=self.socket_directory
        )

    @property
    def application_url(self) -> str:
        return connection_url(
            APPLICATION, self.passwords.encaisse_app, socket_directory=self.socket_directory
        )

    @property
    def process_id(self) -> int | None:
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Start, recover if the last stop was brutal, and put roles and database in place."""
        self._lock = _take_lock(self.home / "lock")
        with ExitStack() as undo:
            undo.callback(self.stop)
            self._start_locked()
            undo.pop_all()

    def stop(self) -> None:
        """Stop cleanly; connections are closed, nothing committed is lost. Safe to repeat."""
        if self._process is not None:
            end_server(self._process)
            self._process = None
        if self._lock is not None:
            (self.home / _RUNNING).unlink(missing_ok=True)
            self._remove_socket_directory()
            self._lock.close()
            self._lock = None

    def has_died(self) -> bool:
        return self._process is not None and self._process.poll() is not None

    def restart(self) -> None:
        """Start again under the same addresses after the server died."""
        self._launch()
        self._announce()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _remove_socket_directory(self) -> None:
        if self.socket_directory != Path():
            shutil.rmtree(self.socket_directory)
            self.socket_directory = Path()

    def _start_locked(self) -> None:
        self.passwords = _passwords(self.home, self.data_directory)
        if not self.data_directory.exists():
            _initialise(self)
        self.socket_directory = private_socket_directory(self.account, self.data_directory)
        self._launch()
        provision(socket_directory=self.socket_directory, passwords=self.passwords)
        self._announce()

    def _announce(self) -> None:
        """Tell other commands on this data folder where to connect."""
        facts = {
            "process_id": self.process_id,
            "data_directory": str(self.data_directory),
            "application_url": self.application_url,
            "owner_url": self.owner_url,
        }
        write_private(self.home / _RUNNING, json.dumps(facts))

    def _launch(self) -> None:
        # After a kill -9, memory shared by the server's last children blocks the first attempts.
        for attempt in range(_START_ATTEMPTS):
            clear_remains(self.data_directory)
            self._process = spawn_server(
                self.account,
                self.binaries.program("postgres"),
                data_directory=self.data_directory,
                socket_directory=self.socket_directory,
                log_path=self.log_path,
                durable=self.durable,
            )
            if _becomes_ready(self, self._process):
                return
            time.sleep(0.2 * 2**attempt)
        raise PostgresFailed(f"PostgreSQL ne démarre pas :\n{last_lines(self.log_path)}")


def ensure_cluster(data_directory: Path, *, durable: bool = True) -> Cluster:
    """
    Prepare the cluster of a data folder without starting it: programs, account, passwords.

    :raises PostgresNotFound: no PostgreSQL of this cluster's version is on the machine
    """
    home = data_directory.resolve() / "postgres"
    home.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    home.mkdir(mode=0o700, exist_ok=True)
    _refuse_foreign(home)
    wanted = find_binaries(origin=origin_from_environment(), major=_existing_major(home))
    account, binaries = choose_account(home=home, binaries=wanted)
    return build_cluster(data_directory, account=account, binaries=binaries, durable=durable)


def build_cluster(
    data_directory: Path, *, account: Account, binaries: Binaries, durable: bool = True
) -> Cluster:
    """Put together the cluster of a data folder from parts already chosen."""
    home = data_directory.resolve() / "postgres"
    logs = data_directory.resolve() / "logs"
    logs.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Cluster(
        home=home,
        account=account,
        binaries=binaries,
        log_path=logs / "postgres.log",
        durable=durable,
    )


def running_urls(data_directory: Path) -> DatabaseUrls | None:
    """Return the addresses of the server that another command runs on this data folder, if any."""
    path = data_directory.resolve() / "postgres" / _RUNNING
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    if not is_server_of(facts["process_id"], Path(facts["data_directory"])):
        return None
    return DatabaseUrls(application=facts["application_url"], owner=facts["owner_url"])


def connection_url(
    role: str, password: str, *, socket_directory: Path, database: str = DATABASE
) -> str:
    return (
        f"postgresql://{quote(role)}:{quote(password, safe='')}@/{quote(database)}"
        f"?host={quote(str(socket_directory), safe='/')}"
    )


def _passwords(home: Path, cluster: Path) -> Passwords:
    path = home / "passwords.json"
    if path.exists() or cluster.exists():
        return read_passwords(path)
    return create_passwords(path)


def _refuse_foreign(home: Path) -> None:
    owner_id = home.stat().st_uid
    if owner_id != os.geteuid():
        raise CommandFailed(
            f"Le dossier {home} appartient au compte n° {owner_id} : lancez Encaisse avec ce "
            "compte, ou donnez un autre dossier avec --data-dir."
        )


def _existing_major(home: Path) -> int | None:
    for folder in (home, service_home(home)):
        version = folder / "cluster" / "PG_VERSION"
        if version.exists():
            return int(version.read_text(encoding="utf-8"))
    return None


def _take_lock(path: Path) -> IO[str]:
    lock = path.open("w", encoding="utf-8")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise PostgresBusy(
            f"La base de {path.parent} est déjà ouverte par une autre commande."
        ) from error
    return lock


def _initialise(cluster: Cluster) -> None:
    """Create the data folder aside, then rename it: an interrupted creation leaves no half."""
    target = cluster.data_directory
    partial = target.with_name("cluster.partial")
    shutil.rmtree(partial, ignore_errors=True)
    with _password_file(cluster) as password_file:
        command = cluster.account.command(
            cluster.binaries.program("initdb"),
            f"--pgdata={partial}",
            f"--username={SUPERUSER}",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            "--data-checksums",
            *(() if cluster.durable else ("--no-sync",)),
        )
        answer = subprocess.run(  # noqa: S603  our own programs and folders
            command, capture_output=True, text=True, check=False, env=clean_environment(), cwd="/"
        )
    if answer.returncode != 0:
        raise PostgresFailed(f"initdb a échoué :\n{answer.stdout}{answer.stderr}")
    partial.rename(target)


@contextmanager
def _password_file(cluster: Cluster) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="encaisse-") as folder:
        path = Path(folder) / "password"
        path.touch(mode=0o600)
        path.write_text(cluster.passwords.encaisse_super, encoding="utf-8")
        cluster.account.give(path)
        cluster.account.give(Path(folder))
        yield path


def _becomes_ready(cluster: Cluster, process: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None:
        if _answers(cluster):
            return True
        if cluster.is_cancelled():
            raise PostgresFailed("Démarrage de PostgreSQL interrompu.")
        if time.monotonic() > deadline:
            end_server(process)
            return False
        time.sleep(0.02)
    return False


def _answers(cluster: Cluster) -> bool:
    try:
        superuser_connection(
            cluster.socket_directory, cluster.passwords, database="postgres"
        ).close()
    except psycopg.OperationalError as error:
        if "password authentication failed" in str(error):
            raise PostgresFailed(
                f"Le mot de passe gardé dans {cluster.home} n’ouvre pas cette base."
            ) from error
        return False
    return True
