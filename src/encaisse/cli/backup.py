"""`encaisse backup`: made whole, read without a database, restored, and rehearsed."""

import argparse
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django

from encaisse.cli.errors import CommandFailed, ExitCode, UsageError, refusals
from encaisse.cli.files import note
from encaisse.cli.output import print_document, say
from encaisse.cli.passphrases import known_passphrase, new_passphrase
from encaisse.cli.runtime import data_directory, opened_database, use_environment
from encaisse.kit.notes import BACKUPS

if TYPE_CHECKING:
    from encaisse.cli.backup_file import Backup
    from encaisse.kit.keyring import KeyRing


class RestoreRefused(CommandFailed):
    code = "restore_refused"


class CopyDiffers(CommandFailed):
    code = "copy_differs"


def run_create(arguments: argparse.Namespace) -> int:
    """Write one consistent, compressed and encrypted copy of the whole database."""
    with _owner(arguments) as url:
        from encaisse.cli import backup_database, backup_file  # noqa: PLC0415

        started = time.monotonic()
        path = arguments.file.absolute()
        if path.exists():
            raise UsageError(f"{path} existe déjà.")
        ring, passphrase = _complete_ring(), _new_passphrase(arguments)
        with backup_database.snapshot(url) as moment:
            say("Décompte de la base…")
            facts = backup_database.facts_of(moment.connection)
            manifest = _manifest(facts, ring, data_directory(arguments.data_dir))
            say("Copie…")
            with backup_file.written(
                path, ring=ring, passphrase=passphrase, has_keys=arguments.with_keys,
                manifest=manifest,
            ) as out:  # fmt: skip
                backup_database.dump_into(url, moment.name, out, manifest["server"])
    content = {**_described(path, manifest), "seconds": round(time.monotonic() - started, 3)}
    _note(arguments, "backup", content)
    say(f"Sauvegarde écrite : {path} ({content['bytes']} octets, {content['seconds']} s).")
    if not arguments.with_keys:
        say("Elle ne contient pas les clés : gardez aussi une copie (encaisse keys export).")
    _answer(arguments, "create", content)
    return ExitCode.OK


def run_verify(arguments: argparse.Namespace) -> int:
    """Read a backup to its last byte, without a database."""
    started = time.monotonic()
    with _set_up(arguments):
        from encaisse.cli import backup_database  # noqa: PLC0415

        with _unlocked(arguments) as (backup, manifest):
            size = backup_database.read_through(backup, manifest["server"])
    content = {
        **_described(arguments.file, manifest),
        "dump_bytes": size,
        "seconds": round(time.monotonic() - started, 3),
    }
    say(f"Sauvegarde lisible jusqu’au bout : {content['rows']} lignes, {content['made_at']}.")
    _answer(arguments, "verify", content)
    return ExitCode.OK


def run_restore(arguments: argparse.Namespace) -> int:
    """Put a backup in the place of the database, once it is proven to be whole."""
    started = time.monotonic()
    with _owner(arguments) as url:
        from encaisse.cli import backup_database as base  # noqa: PLC0415

        was_empty = base.is_empty(url)
        if not was_empty and not arguments.replace:
            raise RestoreRefused(
                "La base n’est pas vide. Avec --replace, elle est mise de côté sous un autre nom."
            )
        if base.others_connected(url):
            raise RestoreRefused("Encaisse tourne sur cette base : arrêtez-le d’abord.")
        with _unlocked(arguments) as (backup, manifest):
            _check_complete(manifest)
            say("Restauration à côté de la base…")
            former = None if was_empty else f"encaisse_avant_{datetime.now(UTC):%Y%m%d_%H%M%S}"
            _restore(url, backup, manifest, former)
        _put_models_back(data_directory(arguments.data_dir), manifest)
        _awaken()
    content = {
        **_described(arguments.file, manifest),
        "former": former,
        "seconds": round(time.monotonic() - started, 3),
    }
    say(f"Base restaurée en {content['seconds']} s : {content['rows']} lignes, rien ne manque.")
    if former:
        say(f"L’ancienne est gardée sous le nom {former}.")
    _answer(arguments, "restore", content)
    return ExitCode.OK


def run_drill(arguments: argparse.Namespace) -> int:
    """Restore beside the live database, compare, say how long it took, and drop the copy."""
    started = time.monotonic()
    with _owner(arguments) as url:
        from encaisse.cli import backup_database as base  # noqa: PLC0415

        with (
            _unlocked(arguments) as (backup, manifest),
            base.temporary_database(url, "encaisse_exercice") as beside,
        ):
            _check_complete(manifest)
            say("Restauration d’exercice, à côté de la base…")
            base.restore_into(backup, beside, manifest["server"])
            restored = time.monotonic() - started
            say("Comparaison…")
            _refuse_differences(base.differences(beside, manifest))
    content = {
        **_described(arguments.file, manifest),
        "restore_seconds": round(restored, 3),
        "seconds": round(time.monotonic() - started, 3),
    }
    _note(arguments, "drill", content)
    say(
        f"Exercice réussi : {content['rows']} lignes, {content['ledger_totals']} totaux et "
        f"{content['audit_chains']} journaux identiques. Restauration en "
        f"{content['restore_seconds']} s, {content['seconds']} s en tout."
    )
    _answer(arguments, "drill", content)
    return ExitCode.OK


def _restore(url: str, backup: "Backup", manifest: dict[str, Any], former: str | None) -> None:
    from encaisse.cli import backup_database as base  # noqa: PLC0415

    fresh = f"encaisse_restauree_{datetime.now(UTC):%Y%m%d%H%M%S%f}"
    base.create_database(url, fresh)
    try:
        beside = base.with_database(url, fresh)
        base.restore_into(backup, beside, manifest["server"])
        say("Comparaison…")
        _refuse_differences(base.differences(beside, manifest))
        base.put_in_place(url, fresh, former=former)
    except BaseException:
        base.drop_database(url, fresh)
        raise


def _refuse_differences(found: list[str]) -> None:
    if found:
        raise CopyDiffers("La copie diffère de ce que dit la sauvegarde :\n" + "\n".join(found))


def _put_models_back(folder: Path, manifest: dict[str, Any]) -> None:
    from encaisse.cli.backup_models import put_models_back  # noqa: PLC0415

    if number := put_models_back(folder, manifest):
        say(f"Modèles de fraude remis en place : {number}.")


def _check_complete(manifest: dict[str, Any]) -> None:
    """Refuse what could not be opened, or could not weigh payments, once restored here."""
    from encaisse.cli.backup_models import check_models  # noqa: PLC0415

    _check_keys(manifest)
    check_models(manifest)


def _check_keys(manifest: dict[str, Any]) -> None:
    from encaisse.kit.crypto import ring_in_use  # noqa: PLC0415

    ring = ring_in_use()
    here = {*ring.key_ids("sealing"), *ring.key_ids("sealing", status="DISABLED")}
    if missing := set(manifest["sealing_keys"]) - here:
        raise RestoreRefused(
            f"Les clés {', '.join(map(str, sorted(missing)))} manquent : sans elles, ce qui est "
            "restauré ne s’ouvrirait pas. Remettez-les avec « encaisse keys import »."
        )


def _awaken() -> None:
    from encaisse.kit.crypto import ring_in_use  # noqa: PLC0415
    from encaisse.kit.rotation import awaken  # noqa: PLC0415

    if ring_in_use().key_ids("sealing", status="DISABLED"):
        awaken()
        say("D’anciennes clés servent à nouveau : relancez « encaisse keys rotate --retire ».")


def _manifest(facts: dict[str, Any], ring: "KeyRing", folder: Path) -> dict[str, Any]:
    from encaisse.cli.backup_models import models_of  # noqa: PLC0415

    return {
        **facts,
        "models": models_of(folder),
        "version": version("encaisse"),
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "sealing_keys": ring.key_ids("sealing"),
    }


def _described(path: Path, manifest: dict[str, Any]) -> dict[str, Any]:
    return {
        "path": str(path),
        "bytes": path.stat().st_size,
        "made_at": manifest["made_at"],
        "version": manifest["version"],
        "tables": len(manifest["rows"]),
        "rows": sum(manifest["rows"].values()),
        "ledger_totals": len(manifest["ledger"]),
        "audit_chains": len(manifest["audit_heads"]),
        "sealing_keys": manifest["sealing_keys"],
        "models": len(manifest.get("models", {}).get("kept", {})),
    }


def _complete_ring() -> "KeyRing":
    from encaisse.kit.crypto import ring_in_use  # noqa: PLC0415

    ring = ring_in_use()
    if not ring.has("backup"):
        raise CommandFailed("Le trousseau est d’avant les sauvegardes : lancez encaisse keys init.")
    return ring


def _new_passphrase(arguments: argparse.Namespace) -> str | None:
    if arguments.passphrase_file or arguments.with_keys:
        return new_passphrase(arguments.passphrase_file)
    return None


@contextmanager
def _unlocked(arguments: argparse.Namespace) -> "Iterator[tuple[Backup, dict[str, Any]]]":
    from encaisse.cli import backup_file  # noqa: PLC0415
    from encaisse.kit.crypto import ring_in_use  # noqa: PLC0415

    with backup_file.opened(arguments.file) as backup:
        if arguments.passphrase_file:
            passphrase = known_passphrase(arguments.passphrase_file)
            yield backup, backup.unlock(ring=None, passphrase=passphrase)
        else:
            yield backup, backup.unlock(ring=ring_in_use(), passphrase=None)


@contextmanager
def _set_up(arguments: argparse.Namespace) -> Iterator[None]:
    use_environment(data_directory(arguments.data_dir))
    from encaisse.kit.keyring import KeysUnreadable  # noqa: PLC0415  once the folder is known

    django.setup()
    try:
        with refusals():
            yield
    except KeysUnreadable as error:
        failure = CommandFailed(f"Les clés sont illisibles : {error}")
        failure.code = error.code
        raise failure from error


@contextmanager
def _owner(arguments: argparse.Namespace) -> Iterator[str]:
    with _set_up(arguments), opened_database(data_directory(arguments.data_dir)) as urls:
        if urls.owner is None:
            raise UsageError("Cette action demande ENCAISSE_OWNER_DATABASE_URL (propriétaire).")
        yield urls.owner


def _note(arguments: argparse.Namespace, kind: str, content: dict[str, Any]) -> None:
    folder = data_directory(arguments.data_dir)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    note(folder, BACKUPS, kind, content)


def _answer(arguments: argparse.Namespace, kind: str, content: dict[str, Any]) -> None:
    if arguments.json:
        print_document(f"encaisse.backup.{kind}/1", ok=True, content=content)
