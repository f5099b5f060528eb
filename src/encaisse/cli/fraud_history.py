"""`encaisse fraud history` and `encaisse fraud model install`: a host's own past, its own model."""

import argparse
from pathlib import Path
from uuid import UUID

import django

from encaisse.cli.errors import CommandFailed, ExitCode, UsageError
from encaisse.cli.files import csv_lines, write_private, write_private_lines
from encaisse.cli.output import print_document, say
from encaisse.cli.runtime import data_directory, use_environment, use_running_database
from encaisse.fraud.core.model import NotAModel


def run_history(arguments: argparse.Namespace) -> int:
    """Write the past of the firms of this host, as training reads it."""
    try:
        chosen = UUID(arguments.organization) if arguments.organization else None
    except ValueError as error:
        raise UsageError(
            f"« {arguments.organization} » n’est pas l’identifiant d’une entreprise."
        ) from error
    use_running_database(data_directory(arguments.data_dir))
    django.setup()
    frauds, number = _write(arguments.out, chosen)
    say(f"{number} paiements, dont {frauds} fraudes, écrits dans {arguments.out}.")
    if arguments.json:
        content = {"payments": number, "frauds": frauds}
        print_document("encaisse.fraud-history/1", ok=True, content=content)
    return ExitCode.OK


def _write(out: Path, chosen: UUID | None) -> tuple[int, int]:
    # Once Django is set up: what is read are models.
    from encaisse.fraud.services.history import COLUMNS, past_of  # noqa: PLC0415
    from encaisse.organizations.queries import organization_ids  # noqa: PLC0415

    firms = organization_ids()
    if chosen is not None and chosen not in firms:
        raise CommandFailed(f"Aucune entreprise {chosen} ici.")
    wanted = firms if chosen is None else [chosen]
    past = [one for firm in wanted for one in past_of(organization_id=firm)]
    past.sort(key=lambda one: (one.at, one.values[0]))
    if not past:
        raise CommandFailed("Aucun paiement n’a encore été pesé : il n’y a rien à écrire.")
    try:
        write_private_lines(out, csv_lines([COLUMNS, *(one.values for one in past)]))
    except OSError as error:
        raise CommandFailed(f"{error.filename} : {error.strerror}.") from error
    label = COLUMNS.index("is_fraud")
    return sum(one.values[label] == "1" for one in past), len(past)


def run_install(arguments: argparse.Namespace) -> int:
    """Let a model weigh the payments of this host, signed with the host's own key."""
    folder = data_directory(arguments.data_dir)
    use_environment(folder)
    django.setup()
    from encaisse.fraud.services.current_model import text_of  # noqa: PLC0415
    from encaisse.fraud.services.installing import install_model  # noqa: PLC0415
    from encaisse.kit.crypto import KeysUnreadable  # noqa: PLC0415

    try:
        model = install_model(text_of(arguments.model), folder=folder, write=write_private)
    except (NotAModel, UnicodeDecodeError) as error:
        raise CommandFailed(
            f"{arguments.model} n’est pas un modèle que ce moteur puisse suivre : {error}"
        ) from error
    except KeysUnreadable as error:
        raise CommandFailed(f"Les clés de cette installation sont illisibles : {error}") from error
    except OSError as error:
        raise CommandFailed(f"{error.filename} : {error.strerror}.") from error
    say(f"{arguments.model} pèse les paiements dès maintenant, empreinte {model.sha256}.")
    if arguments.json:
        content = {"sha256": model.sha256, "metrics": model.metrics, "training": model.training}
        print_document("encaisse.fraud-model/1", ok=True, content=content)
    return ExitCode.OK
