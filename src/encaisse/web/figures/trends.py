"""What changed from one period to the next, in words. Pure."""

from encaisse.reporting.core import Summary
from encaisse.web import french

# Below this, a difference is chance: « stable » is truer than « en hausse de 2 % ».
_STABLE = 0.05
_MOST_TOLD = 3


def change(now: float | None, before: float | None) -> str:
    """Return « en hausse de 12 % », « stable », or nothing where one of the two is unknown."""
    if not now or not before:
        return ""
    share = now / before - 1
    if abs(share) < _STABLE:
        return "stable"
    if share >= 1:
        return f"multiplié par {french.decimal(now / before).removesuffix(',0')}"
    way = "en hausse" if share > 0 else "en baisse"
    return f"{way} de {french.whole_percent(round(abs(share) * 100), 100)}"


def trends(now: Summary, before: Summary) -> str:
    """Name what changed most, good or bad, in one sentence."""
    if not before.tries or not now.tries:
        return ""
    told = [
        _money(now, before),
        _refusals(now, before),
        _delay("l’argent arrive", now.hours_to_funds, before.hours_to_funds),
        _delay("vos clients paient", now.days_late, before.days_late),
    ]
    kept = [part for part in told if part][:_MOST_TOLD]
    if not kept:
        return "Rien n’a beaucoup changé depuis la période d’avant."
    sentence = ", ".join(kept)
    return f"{sentence[0].upper()}{sentence[1:]} que sur la période d’avant."


def _money(now: Summary, before: Summary) -> str:
    found = change(now.captured_minor, before.captured_minor)
    if not found or found == "stable":
        return ""
    more = now.captured_minor > before.captured_minor
    by = french.money(abs(now.captured_minor - before.captured_minor))
    return f"vous avez encaissé {by} de {'plus' if more else 'moins'}"


def _refusals(now: Summary, before: Summary) -> str:
    points = (now.failure_rate or 0) - (before.failure_rate or 0)
    if abs(points) < _STABLE:
        return ""
    return f"les essais échouent {'plus' if points > 0 else 'moins'} souvent"


def _delay(what: str, now: float | None, before: float | None) -> str:
    found = change(now, before)
    if not found or found == "stable" or now is None or before is None:
        return ""
    return f"{what} {'plus tard' if now > before else 'plus tôt'}"
