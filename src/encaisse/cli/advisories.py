"""`encaisse advisories`: known vulnerabilities of the installed libraries, from a file."""

import argparse
from datetime import UTC, datetime

from encaisse.cli.errors import CommandFailed, ExitCode
from encaisse.cli.files import write_private
from encaisse.cli.output import print_document, say
from encaisse.cli.runtime import data_directory
from encaisse.security.advisories import FILE, NotAdvisories, bring, brought, vulnerable


def run_import(arguments: argparse.Namespace) -> int:
    """Keep the advisories about what is installed, and say which concern it now."""
    data = data_directory(arguments.data_dir)
    if not data.is_dir():
        raise CommandFailed(f"Il n’y a pas d’installation dans {data}.")
    try:
        kept = bring(arguments.file.read_bytes(), real_now=datetime.now(UTC))
    except OSError as error:
        raise CommandFailed(f"{arguments.file} ne peut être lu : {error.strerror}.") from error
    except NotAdvisories as error:
        raise CommandFailed(
            f"{arguments.file} ne contient aucun avis au format OSV pour Python. "
            "Prenez le fichier all.zip de l’écosystème PyPI publié par osv.dev."
        ) from error
    write_private(data / FILE, kept)
    known = brought(data)
    found = vulnerable(known.known) if known else []
    for one in found:
        fixed = f", corrigée en {one.fixed}" if one.fixed else ", sans version corrigée"
        say(f"{one.package} {one.version} : {one.advisory}{fixed}.")
    if not found:
        say("Aucun de ces avis ne concerne ce qui est installé ici.")
    if arguments.json:
        rows = [
            {"package": one.package, "version": one.version, "advisory": one.advisory,
             "fixed": one.fixed}
            for one in found
        ]  # fmt: skip
        print_document("encaisse.advisories/1", ok=not found, content={"vulnerable": rows})
    return ExitCode.FAILED if found else ExitCode.OK
