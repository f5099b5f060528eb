"""Integer arithmetic on minor units, and how an amount is written."""

NARROW_SPACE = "\N{NARROW NO-BREAK SPACE}"
SPACE = "\N{NO-BREAK SPACE}"


def half_up(numerator: int, denominator: int) -> int:
    """Divide two non-negative integers and round half up, without a float."""
    return (2 * numerator + denominator) // (2 * denominator)


def in_euros(minor: int) -> str:
    """Return the amount as a French reader writes it: 1 234,56 €."""
    units, cents = divmod(abs(minor), 100)
    grouped = f"{units:,}".replace(",", NARROW_SPACE)
    sign = "−" if minor < 0 else ""
    return f"{sign}{grouped},{cents:02d}{SPACE}€"


def in_english(minor: int) -> str:
    """Return the amount as an English reader writes it: €1,234.56."""
    sign = "−" if minor < 0 else ""
    units, cents = divmod(abs(minor), 100)
    return f"{sign}€{units:,}.{cents:02d}"


def as_decimal(minor: int) -> str:
    """Return the magnitude with a point and two decimals, as bank messages want it."""
    units, cents = divmod(abs(minor), 100)
    return f"{units}.{cents:02d}"
