"""What each preset would have meant for one firm, on its own payments."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from encaisse.fraud.core.replay import Replayed, replay
from encaisse.fraud.queries import past_payments
from encaisse.fraud.services.current_model import usable_model
from encaisse.fraud.services.memory import vigilance_of
from encaisse.kernel.trades import Trade
from encaisse.risk.presets import Preset

PAST = timedelta(days=90)


def replayed_presets(*, organization_id: UUID, now: datetime) -> Mapping[Preset, Replayed]:
    """Judge the firm's last ninety days again under each preset."""
    vigilance = vigilance_of(organization_id=organization_id, now=now)
    return replay(
        past_payments(organization_id=organization_id, since=now - PAST),
        model=usable_model(),
        margin_basis_points=vigilance.margin_basis_points,
        trade=Trade(vigilance.trade),
    )
