"""Passphrases come from a person or from a file, never from the command line, which others see."""

import getpass
import sys
from pathlib import Path

from encaisse.cli.errors import UsageError
from encaisse.kit.passphrase import check_passphrase


def new_passphrase(file: Path | None) -> str:
    """Return a passphrase to seal with, typed twice."""
    passphrase = _from_file(file) if file else _typed("Phrase secrète (15 caractères au moins) : ")
    check_passphrase(passphrase)
    if file is None and _typed("La même, une seconde fois : ") != passphrase:
        raise UsageError("Les deux phrases diffèrent.")
    return passphrase


def known_passphrase(file: Path | None) -> str:
    """Return the passphrase that something was sealed with."""
    return _from_file(file) if file else _typed("Phrase secrète : ")


def _typed(prompt: str) -> str:
    if not sys.stdin.isatty():
        raise UsageError("Donnez la phrase secrète dans un fichier : --passphrase-file.")
    return getpass.getpass(prompt)


def _from_file(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"La phrase secrète de {path} est illisible ({error}).") from error
