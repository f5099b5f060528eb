"""What a plug-in that carries our answer to a dispute is. As pure as the rest of the contract."""

from dataclasses import dataclass, field
from typing import Protocol

from encaisse.providers.contract import ProviderDispute


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRequest:
    """The answer to a dispute: given once, for good. The key is our answer's id."""

    idempotency_key: str
    provider_dispute_id: str
    statement: str = field(repr=False)
    pdf: bytes = field(repr=False)


class AnswersDisputes(Protocol):
    def submit_evidence(self, request: EvidenceRequest) -> ProviderDispute: ...
    def accept_dispute(
        self, *, provider_dispute_id: str, idempotency_key: str
    ) -> ProviderDispute: ...
