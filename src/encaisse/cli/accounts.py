"""`encaisse accounts`: what is done to a person's account from the machine itself."""

import argparse

import django
from django.utils import timezone

from encaisse.cli.errors import CommandFailed, ExitCode
from encaisse.cli.output import print_document, say
from encaisse.cli.runtime import data_directory, use_running_database


def run_reopen(arguments: argparse.Namespace) -> int:
    """Open a frozen or closed account again: whoever holds the machine is its last owner."""
    use_running_database(data_directory(arguments.data_dir))
    django.setup()
    from encaisse.identity.access import reopen  # noqa: PLC0415  reads Django's settings
    from encaisse.identity.queries import person_at  # noqa: PLC0415

    person = person_at(address=arguments.email)
    if person is None:
        raise CommandFailed(f"Aucun compte à l’adresse {arguments.email}.")
    was_closed = reopen(user_id=person.id, by_user_id=None, real_now=timezone.now())
    if was_closed:
        say(f"Le compte {person.email} s’ouvre de nouveau. Changez son mot de passe.")
    else:
        say(f"Le compte {person.email} n’était ni gelé ni fermé : rien n’a changé.")
    if arguments.json:
        print_document("encaisse.accounts/1", ok=True, content={"reopened": was_closed})
    return ExitCode.OK
