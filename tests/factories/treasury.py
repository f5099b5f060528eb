"""What reaches the bank of a payable firm."""

from datetime import timedelta

from encaisse.kit.clock import business_now, paris_date
from encaisse.providers.queries import open_plugin
from encaisse.treasury.services.imports import import_statement


def import_bank_days(firm, days: int = 9) -> None:
    """Import the bank's statement of the last days, as the simulated bank gives it."""
    today = paris_date(business_now())
    opened = open_plugin(organization_id=firm.id, connection_id=firm.connection.id)
    content = opened.bank_statement(
        iban=firm.iban, first_day=today - timedelta(days=days), last_day=today
    )
    import_statement(
        organization_id=firm.id,
        actor=firm.actor,
        name="releve.xml",
        content=content,
        now=business_now(),
    )


def transfer_to(firm, minor: int, remittance: str) -> None:
    """Have somebody's bank send a plain transfer to the firm."""
    firm.world.control(
        "/transfers",
        {
            "to_iban": firm.iban,
            "amount": minor,
            "currency": "EUR",
            "remittance": remittance,
            "from_name": "Camille Leroy",
            "instant": False,
        },
    )
