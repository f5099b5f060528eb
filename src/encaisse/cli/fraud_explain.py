"""`encaisse fraud explain`: a decision read whole, and made again from what was known then."""

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING
from uuid import UUID

import django

from encaisse.cli.errors import CommandFailed, ExitCode, UsageError
from encaisse.cli.output import print_document
from encaisse.cli.runtime import data_directory, use_running_database

if TYPE_CHECKING:
    from encaisse.fraud.models import FraudDecision


def run_explain(arguments: argparse.Namespace) -> int:
    """Say why, and whether the same facts still give the same verdict."""
    try:
        decision_id = UUID(arguments.decision)
    except ValueError as error:
        raise UsageError(
            f"« {arguments.decision} » n’est pas l’identifiant d’une décision."
        ) from error
    use_running_database(data_directory(arguments.data_dir))
    django.setup()
    content = _explained(decision_id)
    if arguments.json:
        print_document("encaisse.decision/1", ok=bool(content["is_same"]), content=content)
    else:
        _print(content)
    return ExitCode.OK if content["is_same"] else ExitCode.FAILED


def _explained(decision_id: UUID) -> dict[str, object]:
    # Once Django is set up: decisions are models.
    from encaisse.fraud.errors import DecisionUnrepeatable  # noqa: PLC0415
    from encaisse.fraud.services.explaining import remake  # noqa: PLC0415

    row = _found(decision_id)
    try:
        remade = remake(row)
    except DecisionUnrepeatable as error:
        raise CommandFailed(error.message) from error
    return {
        "decision_id": str(row.id),
        "organization_id": str(row.organization_id),
        "passage_id": str(row.passage_id),
        "at": row.created_at.isoformat(),
        "stage": row.stage,
        "amount": {"amount": row.amount_minor, "currency": "EUR"},
        "policy": {"name": row.policy, "version": row.policy_version, "left_out": row.left_out},
        "facts_version": row.facts_version,
        "facts": row.facts,
        "model": row.model,
        "probability": row.probability,
        "score": row.score,
        "verdict": row.verdict,
        "outcome": row.outcome,
        "reasons": row.reasons,
        "broken": row.broken,
        "remade": {"verdict": remade.verdict, "outcome": remade.outcome, "score": remade.score},
        "is_same": remade.is_same,
    }


def _found(decision_id: UUID) -> "FraudDecision":
    """Look for it in each organization: the database shows one at a time."""
    from encaisse.fraud.errors import DecisionUnknown  # noqa: PLC0415
    from encaisse.fraud.queries import decision_by_id  # noqa: PLC0415
    from encaisse.kit.tenancy import acting_for  # noqa: PLC0415
    from encaisse.organizations.queries import organization_ids  # noqa: PLC0415

    for organization_id in organization_ids():
        with acting_for(organization_id):
            try:
                return decision_by_id(organization_id=organization_id, decision_id=decision_id)
            except DecisionUnknown:
                continue
    raise CommandFailed(DecisionUnknown().message)


def _print(content: Mapping[str, object]) -> None:
    reasons = content["reasons"]
    print(f"{content['verdict']} → {content['outcome']}, score {content['score']}")
    for reason in reasons if isinstance(reasons, list) else []:
        print(f"  {reason['sentence']}")
    facts = content["facts"]
    for name, value in sorted(facts.items()) if isinstance(facts, Mapping) else []:
        print(f"    {name} = {value}")
    print("Rejouée : même décision." if content["is_same"] else "Rejouée : décision DIFFÉRENTE.")
