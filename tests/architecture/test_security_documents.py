"""Documents that promise a whole list are compared with the code."""

import ast
import json
import re
from pathlib import Path

import pytest
from django.conf import settings

from architecture.test_dangerous_calls import PRIMITIVES, calls, files, imported, nodes
from encaisse.identity.open_sessions import MOST_AT_ONCE
from encaisse.identity.proofs import Proof

ROOT = Path(__file__).parents[2]
# smtplib is left out: it gives its errors to whoever reads them, mail goes by the gateway.
WRITES = {"log.info", "log.warning", "log.error", "log.exception"}
_NETWORK = {"httpx", "urllib.request", "socket", "requests", "ftplib", "http.client"}


def page(name):
    return (ROOT / f"docs/security/{name}.md").read_text(encoding="utf-8")


def callers():
    """Return the files of the service that ask somebody outside."""
    for file in files():
        if file.startswith("cli/"):
            continue
        for module, name in imported(file):
            asks = module in {"encaisse.kit.http", "encaisse.kit.outside"} and name.islower()
            if asks or module in _NETWORK:
                yield file


def test_everybody_whom_the_server_calls_is_listed():
    unlisted = sorted({file for file in callers() if f"`{file}`" not in page("outside")})

    assert unlisted == []


def test_every_file_listed_exists_and_calls():
    listed = set(re.findall(r"\| `([\w/]+\.py)` \|", page("outside")))

    assert listed <= set(files())
    assert listed <= {*callers(), "messaging/gateway.py"}


def test_every_event_of_the_log_is_listed():
    names = {
        call.args[0].value for file in files() for name, call in calls(file)
        if name in WRITES and call.args and isinstance(call.args[0], ast.Constant)
    } - {"request"}  # fmt: skip

    assert len(names) > 5
    assert [name for name in sorted(names) if f"`{name}`" not in page("logs")] == []


@pytest.mark.parametrize("proof", list(Proof))
def test_every_proof_is_named_beside_the_ways_in(proof):
    assert f"`{proof}`" in page("access")


def test_the_number_of_sessions_is_the_one_of_the_code():
    assert f"At most {MOST_AT_ONCE} at once for a person" in page("access")


def test_every_keyset_and_every_primitive_is_in_the_inventory():
    text = page("cryptography")

    for part in ("sealing", "indexing", "backup", "signing"):
        assert any(part in str(getattr(node, "value", "")) for node in nodes("kit/keyring.py"))
        assert f"{part.capitalize()} keyset" in text
    for word in ("AES-256-GCM", "HMAC-SHA-256", "Ed25519", "Argon2id", "P-256", "HKDF"):
        assert word in text
    assert set(PRIMITIVES) <= {
        "tink", "argon2", "AESGCM", "HKDF", "Ed25519PublicKey", "ec", "RSAPublicKey",
    }  # fmt: skip


def test_lines_go_to_the_documented_files_only():
    """Programs write to their own output, which the supervisor keeps in files named here."""
    granian = json.loads((ROOT / "src/encaisse/config/granian-logs.json").read_text())
    handlers = [*settings.LOGGING["handlers"].values(), *granian["handlers"].values()]

    assert {one["class"] for one in handlers} == {"logging.StreamHandler"}
    for name in ("web", "worker", "postgres", "supervisor"):
        assert f"`DATA/logs/{name}.log`" in page("logs")


def test_a_vulnerable_library_has_its_time():
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")

    for promise in ("within 2 days", "7 days", "30 where", "90 otherwise", "every 90 days"):
        assert promise in text
