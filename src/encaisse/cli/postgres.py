"""The PostgreSQL that Encaisse starts for itself when it is given none."""

import fcntl
import os
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from urllib.parse import quote

import psycopg

from encaisse.cli.errors import CommandFailed
from encaisse.cli.postgres_account import Account, choose_account
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
from encaisse.cli.processes import command_line, dies_with_parent, is_alive

_START_SECONDS = 120.0
# SIGINT stops cleanly; SIGQUIT drops everything and recovers at the next start.
_STOP_SIGNALS = ((signal.SIGINT, 6.0), (signal.SIGQUIT, 2.0), (signal.SIGKILL, 1.0))
_START_ATTEMPTS = 5
# sockaddr_un holds 107 bytes; the socket's own name takes the rest.
_LONGEST_SOCKET_DIRECTORY = 107 - len("/.s.PGSQL.5432.lock")
_NOT_DURABLE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class PostgresFailed(CommandFailed):
    """PostgreSQL did not start; the message carries the end of its log."""


class PostgresBusy(CommandFailed):
    """Another process already runs this data folder."""


@dataclass(slots=True)
class Cluster:
    """One data folder's PostgreSQL. Start it from a thread that lives as long as it must."""

    home: Path
    account: Account
    binaries: Binaries
    passwords: Passwords
    log_path: Path
    durable: bool
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
        try:
            self._start_locked()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop cleanly; connections are closed, nothing committed is lost. Safe to repeat."""
        if self._process is not None:
            _end(self._process)
            self._process = None
        if self.socket_directory != Path():
            shutil.rmtree(self.socket_directory, ignore_errors=True)
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def has_died(self) -> bool:
        return self._process is not None and self._process.poll() is not None

    def restart(self) -> None:
        """Start again under the same addresses after the server died."""
        self._launch()

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

    def _start_locked(self) -> None:
        if not self.data_directory.exists():
            _initialise(self)
        self.socket_directory = _socket_directory(self.account, self.data_directory)
        self._launch()
        provision(socket_directory=self.socket_directory, passwords=self.passwords)

    def _launch(self) -> None:
        # After a kill -9, memory shared by the server's last children blocks the first attempts.
        for attempt in range(_START_ATTEMPTS):
            _clear_remains(self.data_directory)
            self._process = _spawn(self)
            if _becomes_ready(self, self._process):
                return
            time.sleep(0.2 * 2**attempt)
        raise PostgresFailed(f"PostgreSQL ne démarre pas :\n{_last_lines(self.log_path)}")


def ensure_cluster(data_directory: Path, *, durable: bool = True) -> Cluster:
    """
    Prepare the cluster of a data folder without starting it: programs, account, passwords.

    :raises PostgresNotFound: no PostgreSQL of this cluster's version is on the machine
    """
    home = data_directory.resolve() / "postgres"
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    _refuse_foreign(home)
    wanted = find_binaries(origin=origin_from_environment(), major=_major_in(home / "cluster"))
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
        passwords=_passwords(home, account.home / "cluster"),
        log_path=logs / "postgres.log",
        durable=durable,
    )


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


def _major_in(cluster: Path) -> int | None:
    version = cluster / "PG_VERSION"
    return int(version.read_text(encoding="ascii")) if version.exists() else None


def _take_lock(path: Path) -> IO[str]:
    lock = path.open("w", encoding="ascii")
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
            command, capture_output=True, text=True, check=False, env=_environment(), cwd="/"
        )
    if answer.returncode != 0:
        raise PostgresFailed(f"initdb a échoué :\n{answer.stdout}{answer.stderr}")
    partial.rename(target)


@contextmanager
def _password_file(cluster: Cluster) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="encaisse-") as folder:
        path = Path(folder) / "password"
        path.touch(mode=0o600)
        path.write_text(cluster.passwords.encaisse_super, encoding="ascii")
        cluster.account.give(path)
        cluster.account.give(Path(folder))
        yield path


def _socket_directory(account: Account, data_directory: Path) -> Path:
    """Return a private folder, the same at each start unless somebody else took its name."""
    digest = sha256(os.fsencode(data_directory)).hexdigest()[:10]
    base = Path(tempfile.gettempdir())
    path = base / f"encaisse-{account.user_id}-{digest}"
    if len(os.fsencode(path)) > _LONGEST_SOCKET_DIRECTORY:
        base = Path("/tmp")  # noqa: S108  the folder below is ours alone, and checked
        path = base / path.name
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        if not _is_private(path, account):
            path = Path(tempfile.mkdtemp(prefix="encaisse-", dir=base))
    account.give(path)
    return path


def _is_private(path: Path, account: Account) -> bool:
    status = path.lstat()
    is_ours = status.st_uid in {account.user_id, os.geteuid()}
    return is_ours and stat.S_ISDIR(status.st_mode) and stat.S_IMODE(status.st_mode) == 0o700


def _clear_remains(data_directory: Path) -> None:
    """
    Deal with a `postmaster.pid` left by a brutal end: wait for a server that is still leaving,
    and drop a file whose number now belongs to another process, or PostgreSQL would refuse to
    start. It keeps its own guard against live children, in shared memory.
    """
    path = data_directory / "postmaster.pid"
    if not path.exists():
        return
    process_id = int(path.read_text(encoding="utf-8").splitlines()[0])
    if _is_server_of(process_id, data_directory):
        _dismiss(process_id, data_directory)
    path.unlink(missing_ok=True)


def _is_server_of(process_id: int, data_directory: Path) -> bool:
    return is_alive(process_id) and str(data_directory) in command_line(process_id)


def _dismiss(process_id: int, data_directory: Path) -> None:
    """End a server whose launcher was killed (we hold its lock)."""
    for death_signal, seconds in _STOP_SIGNALS[:2]:
        os.kill(process_id, death_signal)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not _is_server_of(process_id, data_directory):
                return
            time.sleep(0.05)
    raise PostgresFailed(f"L’ancien serveur PostgreSQL (processus {process_id}) ne s’arrête pas.")


def _spawn(cluster: Cluster) -> subprocess.Popen[bytes]:
    settings = (
        "listen_addresses=",
        f"unix_socket_directories={cluster.socket_directory}",
        "unix_socket_permissions=0700",
        "port=5432",
        "password_encryption=scram-sha-256",
        "timezone=UTC",
        "log_timezone=UTC",
        "logging_collector=off",
        *(() if cluster.durable else _NOT_DURABLE),
    )
    command = cluster.account.command(
        cluster.binaries.program("postgres"),
        "-D",
        str(cluster.data_directory),
        *(argument for setting in settings for argument in ("-c", setting)),
    )
    with cluster.log_path.open("ab") as log:
        return subprocess.Popen(  # noqa: S603  our own programs and folders
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=_environment(),
            cwd="/",
            start_new_session=True,
            preexec_fn=dies_with_parent(signal.SIGINT),  # noqa: PLW1509  one prctl call
        )


def _environment() -> dict[str, str]:
    """Return an environment free of PG* variables, which would change what is started."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    return {**kept, "LC_ALL": "C", "TZ": "UTC"}


def _becomes_ready(cluster: Cluster, process: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None:
        if _answers(cluster):
            return True
        if time.monotonic() > deadline:
            _end(process)
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


def _end(process: subprocess.Popen[bytes]) -> None:
    for death_signal, seconds in _STOP_SIGNALS:
        process.send_signal(death_signal)
        try:
            process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            continue
        return
    raise PostgresFailed(f"PostgreSQL (processus {process.pid}) ne s’arrête pas.")


def _last_lines(path: Path) -> str:
    return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])
