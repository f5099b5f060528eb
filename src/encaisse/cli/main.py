"""The `encaisse` command: what can be typed, and which function answers."""

import argparse
import importlib
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from encaisse.cli.arguments import (
    AddAction,
    add_accounts,
    add_advisories,
    add_backup,
    add_fraud,
    add_keys,
    add_offline,
    add_story,
)
from encaisse.cli.errors import CommandFailed, ExitCode
from encaisse.cli.fraud_arguments import add_fraud_history, add_fraud_model, add_fraud_models
from encaisse.cli.output import print_document, say

if TYPE_CHECKING:
    _Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001  argparse's only name for it

_EXAMPLES = """exemples :
  encaisse demo                          tout essayer, avec une entreprise inventée
  PORT=9000 encaisse demo                sur d’autres ports (9000, 9001, 9002)
  encaisse up                            servir une installation réelle
  encaisse check                         vérifier une installation
  encaisse audit verify                  prouver que le journal est intact
  encaisse journey                       jouer une affaire entière et la prouver
  encaisse sandbox advance --days 1      faire passer un jour dans le bac à sable
  encaisse manage shell                  une commande de Django

codes de sortie : 0 tout va bien, 1 échec, 2 mauvais usage, 3 rien ne tourne"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parsed = build_parser().parse_args(arguments)
    run = _function(parsed.function)
    try:
        return run(parsed)
    except CommandFailed as failure:
        say(str(failure))
        if getattr(parsed, "json", False):
            print_document("encaisse.error/1", ok=False, content=_told(failure))
        return failure.exit_code
    except KeyboardInterrupt:
        say("Interrompu.")
        return ExitCode.FAILED


def _told(failure: CommandFailed) -> dict[str, object]:
    return {"error": str(failure), "code": failure.code}


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="encaisse",
        description="Être payé en sécurité et tenir son argent en ordre.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"encaisse {version('encaisse')}")
    commands = parser.add_subparsers(title="commandes", metavar="COMMANDE", required=True)
    for add in (
        _add_up,
        _add_worker,
        _add_migrate,
        _add_check,
        _add_audit,
        _add_keys,
        _add_accounts,
        _add_advisories,
        _add_backup,
        _add_fraud,
        _add_journey,
        _add_sandbox,
        _add_manage,
    ):
        add(commands)
    return parser


def _add_command(
    commands: "_Commands", name: str, function: str, *, text: str, examples: str = ""
) -> argparse.ArgumentParser:
    parser = commands.add_parser(
        name,
        help=text,
        description=text,
        epilog=f"exemples :\n{examples}" if examples else None,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--data-dir", type=Path, metavar="DOSSIER", help="dossier des données (.data)"
    )
    parser.set_defaults(function=function)
    return parser


def _add_up(commands: "_Commands") -> None:
    up = _add_command(
        commands,
        "up",
        "encaisse.cli.up:run_up",
        text="Servir une installation : base, tâches de fond, site.",
        examples="  ENCAISSE_PUBLIC_URL=https://encaisse.exemple.fr encaisse up --port 8000\n"
        "  encaisse up --tls                      chiffré dès le premier essai",
    )
    up.add_argument(
        "--tls",
        action="store_true",
        help="servir en HTTPS avec un certificat signé par lui-même, le temps d’en avoir un vrai",
    )
    demo = _add_command(
        commands,
        "demo",
        "encaisse.cli.up:run_demo",
        text="Tout essayer sur cette machine, le monde extérieur étant simulé.",
        examples="  encaisse demo\n  encaisse demo --port 9000 --data-dir essai\n"
        "  encaisse demo --lan                    payer depuis un téléphone du même réseau\n"
        "  encaisse demo --new                    une entreprise qui commence aujourd’hui",
    )
    demo.add_argument(
        "--new", action="store_true", help="une entreprise sans passé, prête en quelques secondes"
    )
    demo.add_argument(
        "--fresh", action="store_true", help="revenir au premier jour : ce qui fut essayé disparaît"
    )
    demo.add_argument(
        "--lan",
        nargs="?",
        const="",
        metavar="ADRESSE",
        help="se montrer au réseau local, à cette adresse privée (sinon, celle qu’il trouve)",
    )
    for parser in (up, demo):
        parser.add_argument(
            "--port", type=int, help="port du site ; le bac à sable prend les deux suivants (8000)"
        )


def _add_worker(commands: "_Commands") -> None:
    _add_command(
        commands,
        "worker",
        "encaisse.cli.worker:run_worker",
        text="Lancer les tâches de fond seules, à côté d’une installation qui tourne.",
        examples="  encaisse worker --data-dir .data",
    )


def _add_migrate(commands: "_Commands") -> None:
    _add_command(
        commands,
        "migrate",
        "encaisse.cli.migrate:run_migrate",
        text="Mettre la base à jour, avec le rôle propriétaire.",
        examples="  encaisse migrate --data-dir .data",
    )


def _add_check(commands: "_Commands") -> None:
    check = _add_command(
        commands,
        "check",
        "encaisse.cli.check:run_check",
        text="Vérifier une installation et dire comment réparer.",
        examples="  encaisse check\n  encaisse check --json\n"
        "  encaisse check --public https://encaisse.exemple.fr",
    )
    check.add_argument(
        "--public", metavar="ADRESSE", help="regarder ce site de l’extérieur et le noter"
    )
    check.add_argument(
        "--http-port", type=int, metavar="N", help="port HTTP sans chiffrement du site (80)"
    )
    _add_json(check)


def _add_audit(commands: "_Commands") -> None:
    audit = commands.add_parser("audit", help="Prouver que personne n’a réécrit le journal.")
    actions = audit.add_subparsers(title="actions", metavar="ACTION", required=True)
    verify = _add_command(
        actions,
        "verify",
        "encaisse.cli.audit:run_verify",
        text="Recalculer la chaîne du journal depuis sa première ligne.",
        examples="  encaisse audit verify\n  encaisse audit verify --organization 732829320 --json",
    )
    verify.add_argument(
        "--organization",
        metavar="ENTREPRISE",
        help="celle de cet identifiant ou de ce SIREN seulement",
    )
    _add_json(verify)
    add_offline(verify, _adder(actions))


def _add_keys(commands: "_Commands") -> None:
    keys = commands.add_parser("keys", help="Créer, renouveler et copier les clés.")
    add_keys(_adder(keys.add_subparsers(title="actions", metavar="ACTION", required=True)))


def _add_accounts(commands: "_Commands") -> None:
    accounts = commands.add_parser("accounts", help="Agir sur le compte d’une personne.")
    add_accounts(_adder(accounts.add_subparsers(title="actions", metavar="ACTION", required=True)))


def _add_advisories(commands: "_Commands") -> None:
    advisories = commands.add_parser("advisories", help="Suivre les failles connues.")
    actions = advisories.add_subparsers(title="actions", metavar="ACTION", required=True)
    add_advisories(_adder(actions))


def _add_backup(commands: "_Commands") -> None:
    backup = commands.add_parser("backup", help="Sauvegarder, vérifier, restaurer, s’exercer.")
    add_backup(_adder(backup.add_subparsers(title="actions", metavar="ACTION", required=True)))


def _add_fraud(commands: "_Commands") -> None:
    fraud = commands.add_parser("fraud", help="Comprendre les décisions, juger les modèles.")
    actions = fraud.add_subparsers(title="actions", metavar="ACTION", required=True)
    add_fraud(_adder(actions))
    add_fraud_models(_adder(actions))
    add_fraud_history(_adder(actions))
    model = actions.add_parser("model", help="Décrire, comparer et remplacer un modèle.")
    add_fraud_model(_adder(model.add_subparsers(title="actions", metavar="ACTION", required=True)))


def _adder(actions: "_Commands") -> AddAction:
    def add(name: str, function: str, text: str, examples: str) -> argparse.ArgumentParser:
        parser = _add_command(actions, name, function, text=text, examples=examples)
        _add_json(parser)
        return parser

    return add


def _add_journey(commands: "_Commands") -> None:
    journey = _add_command(
        commands,
        "journey",
        "encaisse.cli.journey:run_journey",
        text="Jouer une affaire entière, du devis à l’argent rapproché, et prouver chaque centime.",
        examples="  encaisse journey\n  encaisse journey --json --balance card",
    )
    journey.add_argument("--url", help="adresse d’Encaisse (sinon ENCAISSE_URL, sinon run.json)")
    journey.add_argument(
        "--balance",
        choices=("instant_transfer", "transfer", "card"),
        default="instant_transfer",
        help="comment le solde est payé (virement instantané)",
    )
    journey.add_argument(
        "--pace",
        type=float,
        default=0.0,
        metavar="SECONDES",
        help="attendre entre deux étapes, pour suivre à l’écran (0)",
    )
    _add_json(journey)


def _add_sandbox(commands: "_Commands") -> None:
    sandbox = commands.add_parser("sandbox", help="Agir sur le monde simulé.")
    actions = sandbox.add_subparsers(title="actions", metavar="ACTION", required=True)
    for add in (_add_advance, _add_chaos, _add_transfer, _add_status, _add_story):
        action = add(actions)
        action.add_argument("--url", help="adresse d’Encaisse (sinon ENCAISSE_URL, sinon run.json)")
        _add_json(action)


def _add_advance(actions: "_Commands") -> argparse.ArgumentParser:
    advance = _add_command(
        actions,
        "advance",
        "encaisse.cli.sandbox:run_advance",
        text="Faire passer le temps (un jour si rien n’est dit).",
        examples="  encaisse sandbox advance --days 3",
    )
    for name, text in (("days", "jours"), ("hours", "heures"), ("minutes", "minutes")):
        advance.add_argument(f"--{name}", type=int, default=0, metavar="N", help=text)
    return advance


def _add_chaos(actions: "_Commands") -> argparse.ArgumentParser:
    chaos = _add_command(
        actions,
        "chaos",
        "encaisse.cli.sandbox:run_chaos",
        text="Dérégler le réseau ou le prestataire ; sans option, dire ce qui est déréglé.",
        examples="  encaisse sandbox chaos --drop 0.5 --shuffle\n  encaisse sandbox chaos --reset",
    )
    for name, text in (
        ("drop", "avis perdus"),
        ("duplicate", "avis envoyés deux fois"),
        ("error", "réponses 500"),
        ("timeout", "réponses trop lentes"),
        ("drop-after", "réponses perdues une fois l’ordre exécuté"),
    ):
        chaos.add_argument(f"--{name}", type=float, metavar="P", help=f"{text} (entre 0 et 1)")
    chaos.add_argument("--delay", type=int, metavar="S", help="retard des avis, en secondes")
    chaos.add_argument("--shuffle", action="store_true", help="avis dans le désordre")
    chaos.add_argument("--drop-type", action="append", metavar="TYPE", help="perdre ce type d’avis")
    chaos.add_argument("--account", help="pour ce compte seulement")
    chaos.add_argument("--next", type=int, metavar="N", help="pour les N prochaines fois seulement")
    chaos.add_argument("--reset", action="store_true", help="tout remettre en ordre")
    return chaos


def _add_transfer(actions: "_Commands") -> argparse.ArgumentParser:
    transfer = _add_command(
        actions,
        "transfer",
        "encaisse.cli.sandbox:run_transfer",
        text="Simuler un virement reçu.",
        examples='  encaisse sandbox transfer --iban "FR76…" --amount 1234,56 --label F-2026-1',
    )
    transfer.add_argument("--iban", required=True, help="compte qui reçoit")
    transfer.add_argument("--amount", required=True, help="montant en euros")
    transfer.add_argument("--label", required=True, help="libellé du virement")
    transfer.add_argument("--sender", default="M. Leroy", help="donneur d’ordre (M. Leroy)")
    transfer.add_argument("--instant", action="store_true", help="virement instantané")
    return transfer


def _add_status(actions: "_Commands") -> argparse.ArgumentParser:
    return _add_command(
        actions,
        "status",
        "encaisse.cli.sandbox:run_status",
        text="Dire l’heure du bac à sable.",
        examples="  encaisse sandbox status --json",
    )


def _add_story(actions: "_Commands") -> argparse.ArgumentParser:
    story = _add_command(
        actions,
        "story",
        "encaisse.cli.stories:run_story",
        text="Jouer une attaque contre la démonstration, et montrer ce qui l’arrête.",
        examples="  encaisse sandbox story stolen-cards --cards 500\n"
        "  encaisse sandbox story electrician-5000 --json",
    )
    add_story(story)
    return story


def _add_manage(commands: "_Commands") -> None:
    manage = _add_command(
        commands,
        "manage",
        "encaisse.cli.migrate:run_manage",
        text="Lancer une commande de Django sur cette base.",
        examples="  encaisse manage shell\n  encaisse manage migrate --plan",
    )
    manage.add_argument("rest", nargs=argparse.REMAINDER, metavar="…", help="commande et options")


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="un document JSON sur la sortie")


def _function(path: str) -> Callable[[argparse.Namespace], int]:
    # Loaded only when asked for, so that --help answers at once.
    module, _, name = path.partition(":")
    function: Callable[[argparse.Namespace], int] = getattr(importlib.import_module(module), name)
    return function
