"""A demonstration that a telephone of the same network can open: its addresses, its programs."""

import io
import os
import sys
import textwrap
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import segno

from encaisse.cli.authority import Vouched, authority_for, fingerprint
from encaisse.cli.errors import UsageError
from encaisse.cli.output import say
from encaisse.cli.ports import Ports
from encaisse.cli.private_address import Address, chosen_address
from encaisse.cli.supervisor import Program
from encaisse.cli.web_server import answers, web_command

_ASKED, _NOT_ASKED = {"1", "oui", "yes", "true"}, {"0", "non", "no", "false", ""}


@dataclass(frozen=True, slots=True)
class Lan:
    """The private address a demonstration is shown at, and what vouches for it."""

    address: Address
    ports: Ports
    vouched: Vouched

    @property
    def host(self) -> str:
        return f"[{self.address}]" if self.address.version == 6 else str(self.address)

    @property
    def base_url(self) -> str:
        return f"https://{self.host}:{self.ports.web}"

    @property
    def payers_url(self) -> str:
        return f"https://{self.host}:{self.ports.sandbox}"


def lan_asked(option: str | None) -> str | None:
    """
    Return the address asked for, empty where any will do, None where the network sees nothing.

    The option wins over LAN, which is what `make demo LAN=1` sets.
    """
    text = os.environ.get("LAN", "") if option is None else option or "1"
    if text.lower() in _NOT_ASKED:
        return None
    return "" if text.lower() in _ASKED else text


def opened_to(asked: str, data: Path, ports: Ports) -> Lan:
    """
    Choose the address and make what vouches for it.

    :raises UsageError: the address is public, absent or unknown, or another one is asked for too
    """
    if os.environ.get("ENCAISSE_PUBLIC_URL"):
        raise UsageError("Avec LAN, l’adresse est choisie ici : retirez ENCAISSE_PUBLIC_URL.")
    address = chosen_address(asked)
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Lan(address, ports, authority_for(data, address))


def network_web(lan: Lan, environment: dict[str, str]) -> Program:
    """Return the site as the network sees it, beside the one of this machine's own programs."""
    command = web_command(port=lan.ports.web, tls=lan.vouched.served, host=str(lan.address))
    pooled = environment | {"ENCAISSE_DATABASE_POOL": "1"}
    is_ready = partial(answers, f"{lan.base_url}/healthz", lan.vouched.authority)
    return Program("lan", command, pooled, is_ready)


def sandbox_options(lan: Lan, programs_url: str) -> list[str]:
    """Return what has the simulated world show its payers' pages, and only them, to the network."""
    served = lan.vouched.served
    return [
        f"--programs-url={programs_url}",
        f"--network-host={lan.address}",
        f"--network-certificate={served.certificate}",
        f"--network-key={served.key}",
        f"--network-authority={lan.vouched.authority}",
    ]


def print_for_telephones(lan: Lan) -> None:
    """Draw the address, and say what the network sees and what the browser will ask."""
    say("")
    say(f"  Depuis un téléphone du même réseau, visez ce carré ou ouvrez {lan.base_url}")
    say("")
    for line in drawn(lan.base_url):
        say(f"    {_in_colours(line)}")
    say("")
    for paragraph in _notes(lan):
        for line in textwrap.wrap(paragraph, 94):
            say(f"  {line}")
    say("")
    say("  Autorité de cet essai, à comparer (SHA-256) avant de l’installer :")
    for part in textwrap.wrap(fingerprint(lan.vouched.authority), 24):
        say(f"                 {part}")


def drawn(text: str) -> list[str]:
    """Return a QR code as lines of half blocks, light where they are."""
    drawing = io.StringIO()
    segno.make(text, error="m", micro=False).terminal(drawing, border=2, compact=True)
    return drawing.getvalue().splitlines()


def _in_colours(line: str) -> str:
    """Draw light on dark whatever the terminal's own colours: not all cameras read the contrary."""
    return f"\033[97;40m{line}\033[0m" if sys.stderr.isatty() else line


def _notes(lan: Lan) -> tuple[str, ...]:
    warning = (
        "Le navigateur avertira : ce certificat vient d’une autorité inventée. Acceptez une fois "
        "pour le site et une fois pour la page de paiement, ou lisez ce que l’installer veut dire :"
        f" {lan.payers_url}/autorite"
    )
    telephone = f"Téléphone simulé, où arrivent les codes du payeur : {lan.payers_url}/phone"
    seen = (
        "Tout le réseau voit le site et les pages du payeur. La messagerie, l’API du prestataire "
        "et les commandes du monde simulé restent sur cette machine."
    )
    passkeys = (
        "Les clés d’accès (passkeys) ne marchent pas à une adresse faite de nombres : "
        "connectez-vous avec le mot de passe et le code."
    )
    return warning, telephone, seen, passkeys
