"""`encaisse fraud unshare`: end every report of one person, as the host is asked to."""

import argparse

import django

from encaisse.cli.errors import CommandFailed, ExitCode, UsageError
from encaisse.cli.output import print_document, say
from encaisse.cli.runtime import data_directory, use_running_database


def run_unshare(arguments: argparse.Namespace) -> int:
    """End what the firms of this host report of an e-mail, an address or a card."""
    use_running_database(data_directory(arguments.data_dir))
    django.setup()
    number = _end(arguments.kind, arguments.value)
    say(f"Signalements retirés : {number}.")
    if arguments.json:
        print_document("encaisse.fraud-unshare/1", ok=True, content={"reports": number})
    return ExitCode.OK


def _end(kind: str, value: str) -> int:
    # Once Django is set up: what is read are models.
    from encaisse.fraud.core.shared import SharedKind  # noqa: PLC0415
    from encaisse.fraud.services.shared import end_by_host  # noqa: PLC0415
    from encaisse.fraud.services.shared_reading import marks_of_value  # noqa: PLC0415
    from encaisse.kit.clock import business_now  # noqa: PLC0415
    from encaisse.kit.crypto import KeysUnreadable  # noqa: PLC0415
    from encaisse.organizations.queries import organization_ids  # noqa: PLC0415

    try:
        marks = marks_of_value(SharedKind(kind), value)
    except KeysUnreadable as error:
        raise CommandFailed(f"Les clés de cette installation sont illisibles : {error}") from error
    except ValueError as error:
        raise UsageError(f"« {value} » n’est pas une adresse internet.") from error
    return sum(
        end_by_host(organization_id=firm, marks=marks, now=business_now())
        for firm in organization_ids()
    )
