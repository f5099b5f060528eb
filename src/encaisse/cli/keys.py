"""`encaisse keys`: making, renewing, counting and copying away the keys of an installation."""

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django
import tink

from encaisse.cli.errors import CommandFailed, ExitCode, UsageError, refusals
from encaisse.cli.files import write_private
from encaisse.cli.output import print_document, say
from encaisse.cli.passphrases import known_passphrase, new_passphrase
from encaisse.cli.runtime import data_directory, opened_database, use_environment

if TYPE_CHECKING:
    from encaisse.kit.at_rest import Column
    from encaisse.kit.keyring import KeyRing
    from encaisse.kit.rotation import Spread

WARNING = """
  Ces clés scellent les IBAN, les téléphones, les fichiers, les secrets des prestataires.
  Sans elles, personne ne peut plus les lire : ni vous, ni nous. Une sauvegarde ne les contient pas.

  Faites-en une copie maintenant, et gardez-la ailleurs que ce serveur :
      encaisse keys export cles-encaisse.json
"""
_SAY_EVERY_SECONDS = 2.0


def run_init(arguments: argparse.Namespace) -> int:
    """Make the keys that are missing; never replace one."""
    with _set_up(arguments):
        path = _path()
        is_new = not path.exists()
        if is_new:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            ring = _made(path)
        else:
            ring = _completed(path)
    say(f"Clés {'créées' if is_new else 'présentes'} : {path}")
    say(WARNING)
    for key in ring.public_keys():
        say(f"  Clé publique des sceaux du journal : {key.hex()}")
    _answer(arguments, created=is_new, path=str(path), **_public(ring))
    return ExitCode.OK


def run_status(arguments: argparse.Namespace) -> int:
    """Say which keys there are, how old, and how many values each seals."""
    with _set_up(arguments), _owner(arguments):
        from encaisse.kit.crypto import ring_in_use  # noqa: PLC0415  reads Django's settings
        from encaisse.kit.rotation import spread  # noqa: PLC0415

        ring = ring_in_use()
        found = spread(ring)
        content = _status(ring, found, data_directory(arguments.data_dir))
    if not arguments.json:
        _show(content)
    _answer(arguments, **content)
    return ExitCode.OK


def run_rotate(arguments: argparse.Namespace) -> int:
    """Make a new key current, seal everything again, then put the old ones to sleep if asked."""
    with _set_up(arguments), _owner(arguments):
        from encaisse.kit import rotation  # noqa: PLC0415  reads Django's settings

        if arguments.destroy:
            gone = rotation.destroy()
            say(f"{gone} clé(s) endormie(s) détruite(s).")
            _answer(arguments, destroyed=gone)
            return ExitCode.OK
        try:
            done = rotation.rotate(on_batch=_progress())
        except tink.TinkError as error:
            raise CommandFailed(
                "Une valeur ne s’ouvre avec aucune de ces clés : remettez le trousseau complet "
                "(encaisse keys import)."
            ) from error
        retired = rotation.retire() if arguments.retire else 0
    say(
        f"{'Reprise terminée' if done.is_resumed else 'Clé renouvelée'} : {done.values} valeurs "
        f"scellées à nouveau en {done.seconds:.1f} s ; clé courante {done.key_id}."
    )
    if retired:
        say(f"{retired} ancienne(s) clé(s) endormie(s) : elles ne servent plus qu’aux sauvegardes.")
    say("Refaites une copie de secours : encaisse keys export FICHIER")
    _answer(
        arguments, key_id=done.key_id, values=done.values, seconds=round(done.seconds, 3),
        resumed=done.is_resumed, retired=retired,
    )  # fmt: skip
    return ExitCode.OK


def run_export(arguments: argparse.Namespace) -> int:
    """Write the keys to a file that only the passphrase opens."""
    with _set_up(arguments):
        from encaisse.kit.crypto import ring_in_use  # noqa: PLC0415  reads Django's settings
        from encaisse.kit.keys_export import exported_text, mark_of, mark_text  # noqa: PLC0415

        if arguments.file.exists():
            raise UsageError(f"{arguments.file} existe déjà.")
        ring, now = ring_in_use(), datetime.now(UTC)
        text = exported_text(ring, new_passphrase(arguments.passphrase_file), now)
        write_private(arguments.file.absolute(), text)
        folder = data_directory(arguments.data_dir)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(mark_of(folder), mark_text(ring, now))
    say(f"Copie écrite : {arguments.file}. Gardez-la ailleurs, et la phrase encore ailleurs.")
    _answer(arguments, path=str(arguments.file))
    return ExitCode.OK


def run_import(arguments: argparse.Namespace) -> int:
    """Put the keys of an export back in their place."""
    with _set_up(arguments):
        from encaisse.kit.keyring import replace_keyset_file  # noqa: PLC0415  as above
        from encaisse.kit.keys_export import ring_from_export  # noqa: PLC0415

        path = _path()
        if path.exists() and not arguments.replace:
            raise UsageError(f"{path} existe déjà : --replace le remplace.")
        text = _export_in(arguments.file)
        ring = ring_from_export(text, known_passphrase(arguments.passphrase_file))
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace_keyset_file(path, ring)
    say(f"Clés remises dans {path}.")
    _answer(arguments, path=str(path))
    return ExitCode.OK


def _export_in(path: Path) -> str:
    """Return an export, or the one that a backup carries."""
    from encaisse.cli.backup_file import carried_keys, is_backup  # noqa: PLC0415  loads Tink

    try:
        return carried_keys(path) if is_backup(path) else path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} est illisible ({error}).") from error


@contextmanager
def _set_up(arguments: argparse.Namespace) -> Iterator[None]:
    use_environment(data_directory(arguments.data_dir))
    from encaisse.kit.keyring import KeysUnreadable  # noqa: PLC0415  once the folder is known

    try:
        with refusals():
            yield
    except KeysUnreadable as error:
        failure = CommandFailed(f"Les clés sont illisibles : {error}")
        failure.code = error.code
        raise failure from error


@contextmanager
def _owner(arguments: argparse.Namespace) -> Iterator[None]:
    """Open the folder's database as its owner, who alone sees every row."""
    with opened_database(data_directory(arguments.data_dir)) as urls:
        if urls.owner is None:
            raise UsageError("Cette action demande ENCAISSE_OWNER_DATABASE_URL (propriétaire).")
        django.setup()
        yield


def _path() -> Path:
    django.setup()
    from encaisse.kit.rotation import keyset_path  # noqa: PLC0415  reads Django's settings

    return keyset_path()


def _made(path: Path) -> "KeyRing":
    from encaisse.kit.keyring import KeyRing, create_keyset_file, read_keyset  # noqa: PLC0415

    create_keyset_file(path)
    return KeyRing.parse(read_keyset(path))


def _completed(path: Path) -> "KeyRing":
    from encaisse.kit.keyring import (  # noqa: PLC0415
        KeyRing,
        complete_keyset_file,
        read_keyset,
    )

    complete_keyset_file(path)
    return KeyRing.parse(read_keyset(path))


def _progress() -> "Callable[[Column, int], None]":
    said = time.monotonic()

    def on_batch(column: "Column", renewed: int) -> None:
        nonlocal said
        if time.monotonic() - said >= _SAY_EVERY_SECONDS:
            said = time.monotonic()
            say(f"  {column.table}.{column.name} : {renewed} valeurs…")

    return on_batch


def _status(ring: "KeyRing", found: "list[Spread]", folder: Path) -> dict[str, Any]:
    from encaisse.kit.keys_export import is_covered, last_export  # noqa: PLC0415

    exported = last_export(folder)
    return {
        "keys": [_key(ring, part, key) for part in ring.parts for key in ring.parts[part]["key"]],
        "columns": [
            {
                "table": one.column.table,
                "column": one.column.name,
                "by_key": {str(key): count for key, count in sorted(one.by_key.items())},
                "stale": one.stale,
            }
            for one in found
        ],
        "stale": sum(one.stale for one in found),
        "exported_at": exported.at if exported else None,
        "export_is_complete": is_covered(ring, exported),
        **_public(ring),
    }


def _key(ring: "KeyRing", part: str, key: dict[str, Any]) -> dict[str, Any]:
    made_at = ring.made_at.get(str(key["keyId"]))
    age = (datetime.now(UTC) - datetime.fromisoformat(made_at)).days if made_at else None
    return {
        "part": part,
        "id": key["keyId"],
        "current": key["keyId"] == ring.current(part),
        "status": "active" if key["status"] == "ENABLED" else "asleep",
        "made_at": made_at,
        "age_days": age,
    }


def _public(ring: "KeyRing") -> dict[str, Any]:
    return {"public_keys": [key.hex() for key in ring.public_keys()]}


_PARTS = {
    "sealing": "scellement", "indexing": "recherche", "backup": "sauvegardes",
    "signing": "sceaux du journal",
}  # fmt: skip


def _show(content: dict[str, Any]) -> None:
    for key in content["keys"]:
        age = "âge inconnu" if key["age_days"] is None else f"{key['age_days']} j"
        state = "courante" if key["current"] else "ancienne"
        state = "endormie" if key["status"] == "asleep" else state
        print(f"{_PARTS[key['part']]:18} {key['id']:>11}  {state:9} {age}")
    print()
    for column in content["columns"]:
        counts = ", ".join(f"{key} : {count}" for key, count in column["by_key"].items())
        late = f" ({column['stale']} à sceller à nouveau)" if column["stale"] else ""
        print(f"{column['table']}.{column['column']} : {counts or 'index'}{late}")
    print()
    if not content["export_is_complete"]:
        print("ATTENTION : pas de copie de secours complète. encaisse keys export FICHIER")
    else:
        print(f"Copie de secours faite le {content['exported_at'][:10]}.")


def _answer(arguments: argparse.Namespace, **content: object) -> None:
    if arguments.json:
        print_document("encaisse.keys/1", ok=True, content=content)
