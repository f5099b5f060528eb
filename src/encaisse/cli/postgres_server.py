"""The server's process: its socket, its environment, what a brutal end leaves, how it ends."""

import os
import signal
import stat
import subprocess
import tempfile
import time
from hashlib import sha256
from pathlib import Path

from encaisse.cli.errors import CommandFailed
from encaisse.cli.postgres_account import Account
from encaisse.cli.processes import command_line, dies_with_parent, is_alive

# SIGINT stops cleanly; SIGQUIT drops everything and recovers at the next start.
_STOP_SIGNALS = ((signal.SIGINT, 3.5), (signal.SIGQUIT, 1.5), (signal.SIGKILL, 0.5))
# sockaddr_un holds 107 bytes; the socket's own name takes the rest.
_LONGEST_SOCKET_DIRECTORY = 107 - len("/.s.PGSQL.5432.lock")
_NOT_DURABLE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class PostgresFailed(CommandFailed):
    """PostgreSQL did not start or stop; the message says what it wrote last."""


def private_socket_directory(account: Account, data_directory: Path) -> Path:
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


def clear_remains(data_directory: Path) -> None:
    """
    Deal with a `postmaster.pid` left by a brutal end: wait for a server that is still leaving,
    and drop a file whose number now belongs to another process, or PostgreSQL would refuse to
    start. It keeps its own guard against live children, in shared memory.
    """
    path = data_directory / "postmaster.pid"
    if not path.exists():
        return
    process_id = int(path.read_text(encoding="utf-8").splitlines()[0])
    if is_server_of(process_id, data_directory):
        _dismiss(process_id, data_directory)
    path.unlink(missing_ok=True)


def is_server_of(process_id: int, data_directory: Path) -> bool:
    return is_alive(process_id) and str(data_directory) in command_line(process_id)


def _dismiss(process_id: int, data_directory: Path) -> None:
    """End a server whose launcher was killed (we hold its lock)."""
    for death_signal, seconds in _STOP_SIGNALS[:2]:
        os.kill(process_id, death_signal)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not is_server_of(process_id, data_directory):
                return
            time.sleep(0.05)
    raise PostgresFailed(f"L’ancien serveur PostgreSQL (processus {process_id}) ne s’arrête pas.")


def spawn_server(
    account: Account,
    program: str,
    *,
    data_directory: Path,
    socket_directory: Path,
    log_path: Path,
    durable: bool,
) -> subprocess.Popen[bytes]:
    settings = (
        "listen_addresses=",
        f"unix_socket_directories={socket_directory}",
        "unix_socket_permissions=0700",
        "port=5432",
        "password_encryption=scram-sha-256",
        "timezone=UTC",
        "log_timezone=UTC",
        "logging_collector=off",
        *(() if durable else _NOT_DURABLE),
    )
    options = [argument for setting in settings for argument in ("-c", setting)]
    with log_path.open("ab") as log:
        return subprocess.Popen(  # noqa: S603  our own programs and folders
            account.command(program, "-D", str(data_directory), *options),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=clean_environment(),
            cwd="/",
            start_new_session=True,
            preexec_fn=dies_with_parent(signal.SIGINT),  # noqa: PLW1509  one prctl call
        )


def clean_environment() -> dict[str, str]:
    """Return an environment free of PG* variables, which would change what is started."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    return {**kept, "LC_ALL": "C", "TZ": "UTC"}


def end_server(process: subprocess.Popen[bytes]) -> None:
    for death_signal, seconds in _STOP_SIGNALS:
        process.send_signal(death_signal)
        try:
            process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            continue
        return
    raise PostgresFailed(f"PostgreSQL (processus {process.pid}) ne s’arrête pas.")
