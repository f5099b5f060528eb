"""Under which account PostgreSQL runs: it refuses root, so root lends it another identity."""

import hashlib
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from encaisse.cli.errors import CommandFailed
from encaisse.cli.postgres_binaries import Binaries

# A user namespace renames root for PostgreSQL alone; every file stays root's own outside of it, so
# it works below a folder that only root may enter.
_NAMESPACE = ("unshare", "--user", "--map-user=1000", "--map-group=1000")
SERVICE_HOME = Path("/var/lib/encaisse")
_SERVICE_USERS = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """How to start a PostgreSQL program, and who owns what it writes."""

    prefix: tuple[str, ...]
    user_id: int
    group_id: int
    home: Path

    def command(self, *arguments: str) -> list[str]:
        return [*self.prefix, *arguments]

    def give(self, path: Path) -> None:
        """Hand a folder or file over to the account."""
        if self.user_id != os.geteuid():
            os.chown(path, self.user_id, self.group_id)


def choose_account(*, home: Path, binaries: Binaries) -> tuple[Account, Binaries]:
    """
    Return the account for a cluster kept in `home`, with programs this account may run. `home`
    must exist.
    """
    if os.geteuid() != 0:
        return Account((), os.geteuid(), os.getegid(), home), binaries
    namespace = Account(_NAMESPACE, 0, 0, home)
    if _works(namespace, binaries):
        return namespace, binaries
    return service_account(home=home, binaries=binaries)


def service_account(*, home: Path, binaries: Binaries) -> tuple[Account, Binaries]:
    """Return an unprivileged system account, its data and its programs in folders it may enter."""
    if (home / "cluster").exists():
        raise CommandFailed(
            f"La base dans {home} ne peut plus être ouverte : cette machine refuse les espaces de "
            "noms (unshare --user). Lancez Encaisse avec un compte ordinaire."
        )
    user = _service_user()
    _open_folder(SERVICE_HOME)
    own_home = service_home(home)
    own_home.mkdir(mode=0o700, exist_ok=True)
    account = Account(_setpriv(user), user.pw_uid, user.pw_gid, own_home)
    account.give(own_home)
    reachable = binaries if _works(account, binaries) else _copied(binaries)
    if not _works(account, reachable):
        raise CommandFailed(f"Le compte {user.pw_name} ne peut pas lancer PostgreSQL.")
    return account, reachable


def service_home(home: Path) -> Path:
    """Return where the service account keeps the cluster of `home`, whether it exists or not."""
    digest = hashlib.sha256(os.fsencode(home.resolve())).hexdigest()[:12]
    return SERVICE_HOME / digest


def _works(account: Account, binaries: Binaries) -> bool:
    """Tell whether the account can write in its home and run the programs."""
    probe = 'test -w "$0" && test -x "$0" && exec "$1" --version'
    command = account.command("sh", "-c", probe, str(account.home), binaries.program("postgres"))
    try:
        answer = subprocess.run(command, capture_output=True, check=False, timeout=10, cwd="/")  # noqa: S603
    except FileNotFoundError:
        return False
    return answer.returncode == 0


def _service_user() -> pwd.struct_passwd:
    known = {user.pw_name: user for user in pwd.getpwall()}
    for name in _SERVICE_USERS:
        if name in known:
            return known[name]
    raise CommandFailed("Aucun compte ordinaire (postgres, nobody) n’existe sur cette machine.")


def _setpriv(user: pwd.struct_passwd) -> tuple[str, ...]:
    # Changing user clears the kernel's "die with the parent" mark, so setpriv sets it again.
    return (
        "setpriv",
        f"--reuid={user.pw_uid}",
        f"--regid={user.pw_gid}",
        "--clear-groups",
        "--pdeathsig=INT",
    )


def _copied(binaries: Binaries) -> Binaries:
    """Copy programs that only root can reach; their libraries sit two folders up, beside them."""
    install = binaries.directory.parent
    package = install.parent
    target = _open_folder(SERVICE_HOME / "programs") / str(binaries.major)
    for source in (install, package.with_name(f"{package.name}.libs")):
        copy = target / source.relative_to(package.parent)
        if source.is_dir() and not copy.exists():
            _open_folder(copy.parent)
            shutil.copytree(source, copy, symlinks=True)
    directory = target / binaries.directory.relative_to(package.parent)
    return Binaries(directory=directory, major=binaries.major, origin=binaries.origin)


def _open_folder(path: Path) -> Path:
    """Create a folder every account may enter, whatever the umask."""
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o755)
    return path
