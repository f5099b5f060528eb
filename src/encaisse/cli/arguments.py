"""What the commands about keys and backups take: one place for their words and examples."""

import argparse
from collections.abc import Callable
from pathlib import Path

# Adds one action to a group and returns its parser: (name, function, text, examples).
AddAction = Callable[[str, str, str, str], argparse.ArgumentParser]


# What `encaisse sandbox story` plays.
STORIES = {
    "stolen-cards": "Un inconnu essaie des cartes volées sur un de vos liens.",
    "electrician-5000": "5 000 € par une carte que sa banque ne vérifie pas, matériel à commander.",
    "refund-fraud": "Un programme rembourse plus qu’il ne doit, puis beaucoup d’un coup.",
    "false-customer": "Un client inventé : e-mail jetable, carte lointaine.",
    "joiner-link": "Le lien d’un menuisier : du devis à l’acompte payé, en quelques secondes.",
    "late-payer": "Une facture dont l’échéance passe sans que personne paie.",
    "lost-answer": "Le prestataire prend l’argent, et sa réponse se perd en route.",
    "double-payment": "Le même client paie deux fois : par virement, puis par carte.",
    "payout-short": "Un versement du prestataire arrive amputé à la banque.",
}


def add_story(story: argparse.ArgumentParser) -> None:
    story.add_argument("story", choices=tuple(STORIES), metavar="HISTOIRE", help=", ".join(STORIES))
    story.add_argument(
        "--cards", type=int, default=50, metavar="N", help="cartes volées à essayer (50)"
    )


def add_keys(add: AddAction) -> None:
    module = "encaisse.cli.keys"
    add(
        "init",
        f"{module}:run_init",
        "Créer les clés qui manquent, et dire ce que leur perte coûterait.",
        "  encaisse keys init",
    )
    add(
        "status",
        f"{module}:run_status",
        "Dire quelles clés existent, leur âge, et ce que chacune scelle.",
        "  encaisse keys status --json",
    )
    rotate = add(
        "rotate",
        f"{module}:run_rotate",
        "Renouveler les clés et tout sceller à nouveau, pendant que le service tourne.",
        "  encaisse keys rotate\n  encaisse keys rotate --retire",
    )
    rotate.add_argument(
        "--retire", action="store_true", help="puis endormir les anciennes, si rien n’en dépend"
    )
    rotate.add_argument(
        "--destroy", action="store_true", help="détruire les clés endormies, sans rien renouveler"
    )
    export = add(
        "export",
        f"{module}:run_export",
        "Écrire une copie des clés, scellée par une phrase secrète.",
        "  encaisse keys export cles.json\n"
        "  encaisse keys export cles.json --passphrase-file phrase.txt",
    )
    restored = add(
        "import",
        f"{module}:run_import",
        "Remettre en place les clés d’une copie.",
        "  encaisse keys import cles.json",
    )
    restored.add_argument("--replace", action="store_true", help="remplacer les clés présentes")
    for parser in (export, restored):
        parser.add_argument("file", type=Path, metavar="FICHIER")
        add_passphrase(parser)


def add_accounts(add: AddAction) -> None:
    reopen = add(
        "reopen",
        "encaisse.cli.accounts:run_reopen",
        "Rouvrir un compte gelé, ou fermé aux nouveaux appareils.",
        "  encaisse accounts reopen nadia@exemple.fr",
    )
    reopen.add_argument("email", metavar="ADRESSE", help="adresse électronique du compte")


def add_advisories(add: AddAction) -> None:
    brought = add(
        "import",
        "encaisse.cli.advisories:run_import",
        "Comparer les bibliothèques installées à un fichier d’avis de sécurité (OSV).",
        "  encaisse advisories import all.zip",
    )
    brought.add_argument("file", type=Path, metavar="FICHIER")


def add_backup(add: AddAction) -> None:
    module = "encaisse.cli.backup"
    create = add(
        "create",
        f"{module}:run_create",
        "Écrire une copie chiffrée de toute la base.",
        "  encaisse backup create encaisse-2026-11-23.bak",
    )
    create.add_argument(
        "--with-keys",
        action="store_true",
        help="y joindre les clés, scellées par une phrase secrète",
    )
    restore = add(
        "restore",
        f"{module}:run_restore",
        "Mettre une sauvegarde à la place de la base.",
        "  encaisse backup restore encaisse-2026-11-23.bak",
    )
    restore.add_argument(
        "--replace", action="store_true", help="mettre de côté la base présente, si elle est pleine"
    )
    others = [
        add(
            "verify",
            f"{module}:run_verify",
            "Lire une sauvegarde jusqu’au bout, sans base.",
            "  encaisse backup verify encaisse-2026-11-23.bak",
        ),
        add(
            "drill",
            f"{module}:run_drill",
            "Restaurer à côté de la base, comparer, dire en combien de temps.",
            "  encaisse backup drill encaisse-2026-11-23.bak --json",
        ),
    ]
    for parser in (create, restore, *others):
        parser.add_argument("file", type=Path, metavar="FICHIER")
        add_passphrase(parser)


def add_offline(verify: argparse.ArgumentParser, add: AddAction) -> None:
    verify.add_argument(
        "--export", type=Path, metavar="FICHIER", help="vérifier cet export, sans base ni serveur"
    )
    verify.add_argument(
        "--public-key",
        action="append",
        metavar="CLÉ",
        help="clé publique de l’installation, ou son fichier (avec --export)",
    )
    export = add(
        "export",
        "encaisse.cli.audit_export:run_export",
        "Signer la fin du journal et l’écrire, pour le vérifier ailleurs.",
        "  encaisse audit export journal.jsonl\n"
        "  encaisse audit verify --export journal.jsonl --public-key 3f…",
    )
    export.add_argument("file", type=Path, metavar="FICHIER")
    export.add_argument("--organization", metavar="ENTREPRISE", help="une seule entreprise")
    export.add_argument(
        "--with-facts", action="store_true", help="y écrire aussi les détails, en clair"
    )


def add_passphrase(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--passphrase-file", type=Path, metavar="FICHIER", help="où lire la phrase secrète"
    )


def add_fraud(add: AddAction) -> None:
    explain = add(
        "explain",
        "encaisse.cli.fraud_explain:run_explain",
        "Dire pourquoi un paiement a été laissé, retenu ou refusé, et refaire la décision.",
        "  encaisse fraud explain 01a22926-0530-7069-ba24-076a41deb61a --json",
    )
    explain.add_argument("decision", metavar="DÉCISION", help="son identifiant")
