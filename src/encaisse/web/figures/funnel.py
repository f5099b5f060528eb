"""How far links go, and the step that loses most, with something to try."""

from collections.abc import Mapping

from encaisse.reporting.core import ANY_METHOD, FUNNEL, Device, Figure, Summary
from encaisse.web import charts, french
from encaisse.web.charts import Point
from encaisse.web.figures.shapes import Chart, Row
from encaisse.web.states import METHODS

# As wide as it is shown: a drawing made smaller cannot be read.
_WIDTH = 400
_STEPS: Mapping[Figure, str] = {
    Figure.OPENED: "Lien ouvert",
    Figure.CHOSEN: "Moyen choisi",
    Figure.AUTHENTICATED: "Reconnu par sa banque",
    Figure.PAID: "Payé",
}
_DEVICES: Mapping[str, str] = {Device.PHONE: "téléphone", Device.DESK: "ordinateur"}
# What to try when the step before this one loses most.
_ADVICE: Mapping[Figure, str] = {
    Figure.CHOSEN: "Ils ouvrent et s’arrêtent là : dites dans votre message ce qu’ils paient, et "
    "proposez le virement instantané et la carte.",
    Figure.AUTHENTICATED: "Leur banque ne les reconnaît pas : rappelez-leur d’avoir leur téléphone "
    "et l’application de leur banque sous la main.",
    Figure.PAID: "Ils sont reconnus mais refusés, souvent faute de provision : proposez un autre "
    "moyen, ou un paiement en deux fois.",
}


def funnel_chart(summary: Summary) -> Chart | None:
    """Draw the way of links; nothing where none was opened."""
    counts = [_everywhere(summary, step, ANY_METHOD) for step in FUNNEL]
    if not counts[0]:
        return None
    points = [
        Point(
            _STEPS[step], _STEPS[step], count, f"{count}, {french.whole_percent(count, counts[0])}"
        )
        for step, count in zip(FUNNEL, counts, strict=True)
    ]
    return Chart(
        id="parcours",
        title="Du lien ouvert au paiement",
        sentence=_sentence(counts),
        drawings={"all": charts.rows(points, width=_WIDTH)},
        heads=("Parcours", *_STEPS.values()),
        rows=tuple(_rows(summary)),
    )


def _share(count: int, whole: int) -> str:
    return f"{count}, {french.whole_percent(count, whole)}"


def _sentence(counts: list[int]) -> str:
    lost = {step: counts[at] - counts[at + 1] for at, step in enumerate(FUNNEL[1:])}
    worst = max(FUNNEL[1:], key=lambda step: lost[step])
    paid = french.whole_percent(counts[-1], counts[0])
    links = french.plural(counts[0], "lien ouvert", "liens ouverts")
    if not lost[worst]:
        return f"{links}, tous payés."
    return (
        f"{paid} des {links} sont payés. L’étape qui perd le plus : « {_STEPS[worst].lower()} » "
        f"({lost[worst]}). {_ADVICE[worst]}"
    )


def _rows(summary: Summary) -> list[Row]:
    """Return a line for each device and for each means chosen."""
    devices = [
        Row(
            f"Sur {name}",
            tuple(str(summary.funnel[step].get((ANY_METHOD, device), 0)) for step in FUNNEL),
        )
        for device, name in _DEVICES.items()
    ]
    chosen = sorted({method for method, _ in summary.funnel[Figure.CHOSEN]} - {ANY_METHOD})
    methods = [
        Row(
            METHODS.get(method, method),
            ("", *(str(_everywhere(summary, step, method)) for step in FUNNEL[1:])),
        )
        for method in chosen
    ]
    return [*devices, *methods]


def _everywhere(summary: Summary, step: Figure, method: str) -> int:
    return sum(count for (name, _), count in summary.funnel[step].items() if name == method)


def way_words(part: str) -> str:
    """Write « Carte, téléphone » for "card.phone"."""
    method, _, device = part.partition(".")
    name = "Tous moyens" if method == ANY_METHOD else METHODS.get(method, method)
    return f"{name}, {_DEVICES.get(device, device)}"
