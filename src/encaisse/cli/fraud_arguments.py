"""What the commands about fraud models take."""

import argparse
from datetime import date
from pathlib import Path

from encaisse.cli.arguments import AddAction

_MODULE = "encaisse.cli.fraud_models"
_MOST_DAYS = 3_660
_MOST_DELAY_DAYS = 30
_MOST_FOLDS = 520


def add_fraud_models(add: AddAction) -> None:
    backtest = add(
        "backtest",
        f"{_MODULE}:run_backtest",
        "Dire ce qu’un modèle appris sur un passé aurait valu les jours suivants.",
        "  encaisse fraud backtest transactions-*.csv.xz --train-from 2018-07-25 --folds 4 --json",
    )
    backtest.add_argument("files", nargs="+", type=Path, metavar="FICHIER")
    backtest.add_argument(
        "--train-from", type=_date, required=True, metavar="JOUR", help="premier jour appris"
    )
    for name, text, default, least, most in (
        ("train-days", "jours appris", 7, 1, _MOST_DAYS),
        ("delay-days", "jours avant qu’une fraude soit connue", 7, 0, _MOST_DELAY_DAYS),
        ("test-days", "jours jugés", 7, 1, _MOST_DAYS),
        ("folds", "plis, chacun une semaine après l’autre", 1, 1, _MOST_FOLDS),
    ):
        backtest.add_argument(
            f"--{name}", type=_between(least, most), default=default, metavar="N",
            help=f"{text} ({default})",
        )  # fmt: skip
    backtest.add_argument(
        "--scores", type=Path, metavar="FICHIER", help="y écrire le score de chaque transaction"
    )
    backtest.add_argument(
        "--without-places", action="store_true", help="ne pas regarder les lieux, pour comparer"
    )
    _add_training(add)


def add_fraud_model(add: AddAction) -> None:
    install = add(
        "install",
        "encaisse.cli.fraud_history:run_install",
        "Faire peser les paiements par ce modèle, signé par cette installation.",
        "  encaisse fraud model install nouveau.json",
    )
    install.add_argument("model", type=Path, metavar="MODÈLE")
    status = add(
        "status",
        f"{_MODULE}:run_status",
        "Dire d’où vient un modèle et ce qu’il valait ; sans fichier, celui de départ.",
        "  encaisse fraud model status --json",
    )
    status.add_argument("model", nargs="?", type=Path, metavar="MODÈLE")
    for name, text in (
        ("compare", "Comparer deux modèles sur les derniers jours, et dire ce qui a changé."),
        ("promote", "Mettre un modèle à la place d’un autre, sauf s’il est moins bon."),
    ):
        action = add(
            name,
            f"{_MODULE}:run_{name}",
            text,
            f"  encaisse fraud model {name} en-place.json nouveau.json transactions.csv",
        )
        action.add_argument("champion", type=Path, metavar="EN_PLACE")
        action.add_argument("challenger", type=Path, metavar="NOUVEAU")
        action.add_argument("files", nargs="+", type=Path, metavar="FICHIER")
        _add_last_days(action)


def add_fraud_history(add: AddAction) -> None:
    history = add(
        "history",
        "encaisse.cli.fraud_history:run_history",
        "Écrire le passé des entreprises de cet hébergement, pour en apprendre un modèle.",
        "  encaisse fraud history passe.csv\n  encaisse fraud train nouveau.json passe.csv",
    )
    history.add_argument("out", type=Path, metavar="FICHIER")
    history.add_argument(
        "--organization", metavar="ENTREPRISE", help="d’une seule, par son identifiant"
    )

    unshare = add(
        "unshare",
        "encaisse.cli.fraud_unshare:run_unshare",
        "Retirer de la liste partagée tout ce qui désigne une personne, à sa demande.",
        "  encaisse fraud unshare email camille@exemple.fr",
    )
    unshare.add_argument(
        "kind", choices=("email", "ip", "card"), metavar="GENRE", help="email, ip ou card"
    )
    unshare.add_argument("value", metavar="VALEUR")


def _add_training(add: AddAction) -> None:
    train = add(
        "train",
        f"{_MODULE}:run_train",
        "Refaire le modèle de départ, ou en faire un d’après un passé.",
        "  encaisse fraud train depart.json\n"
        "  encaisse fraud train nouveau.json transactions-*.csv.xz",
    )
    train.add_argument("out", type=Path, metavar="MODÈLE")
    train.add_argument("files", nargs="*", type=Path, metavar="FICHIER")
    _add_last_days(train)


def _add_last_days(parser: argparse.ArgumentParser) -> None:
    for name, text, default, least, most in (
        ("delay-days", "jours avant qu’une fraude soit connue", 7, 0, _MOST_DELAY_DAYS),
        ("last-days", "derniers jours, qui mesurent", 14, 1, _MOST_DAYS),
    ):
        parser.add_argument(
            f"--{name}", type=_between(least, most), default=default, metavar="N",
            help=f"{text} ({default})",
        )  # fmt: skip


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"« {text} » n’est pas une date AAAA-MM-JJ") from error


class _between:  # noqa: N801  used as the function it is
    def __init__(self, least: int, most: int) -> None:
        self._least, self._most = least, most

    def __call__(self, text: str) -> int:
        try:
            number = int(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(f"« {text} » n’est pas un nombre entier") from error
        if not self._least <= number <= self._most:
            raise argparse.ArgumentTypeError(f"entre {self._least} et {self._most}")
        return number
