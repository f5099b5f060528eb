"""What the tables of this package hold once the disk is stolen."""

from encaisse.kit.at_rest import clear, declare, sealed

_SEARCHED = "Searched and sorted by the firm, and printed in its books."

declare(
    "counterparties_counterparty",
    clear(_SEARCHED, "code", "name", "search_key", "siren", "email"),
    clear("Printed on invoices and lists.", "street", "postal_code", "city", "country"),
    clear("A word of ours, from a list.", "language"),
    sealed("A telephone number.", "phone_sealed"),
)
