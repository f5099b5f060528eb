"""The first encrypted start: a real instance, its own certificate, real connections."""

import json
import signal
import stat
import tempfile
from pathlib import Path

import httpx
import pytest

from cli.conftest import Encaisse, find_free_port, wait_until
from encaisse.cli.certificates import fingerprint, self_signed
from encaisse.cli.check_public_tls import Target, accepted_suites, greet
from encaisse.cli.main import main


@pytest.fixture(scope="module")
def instance():
    with tempfile.TemporaryDirectory(prefix="encaisse-cli-") as folder:
        data, port = Path(folder) / "data", find_free_port()
        process = Encaisse(data).start("up", "--tls", "--port", str(port))
        wait_until(lambda: process.poll() is not None or (data / "run.json").exists(), seconds=90)
        assert process.poll() is None, process.stderr.read()
        yield data, port
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=15)


def test_the_site_is_served_under_its_own_certificate(instance, monkeypatch):
    data, port = instance
    monkeypatch.setenv("SSL_CERT_FILE", str(data / "tls.crt"))

    answer = httpx.get(f"https://localhost:{port}/compte/login/", timeout=20)

    assert answer.status_code == 200
    assert json.loads((data / "run.json").read_text())["base_url"] == f"https://localhost:{port}"
    assert all("Secure" in each for each in answer.headers.get_list("Set-Cookie"))
    assert "Strict-Transport-Security" not in answer.headers


def test_its_key_is_for_this_account_only(instance):
    assert stat.S_IMODE((instance[0] / "tls.key").stat().st_mode) == 0o600


def test_only_modern_protocols_and_suites_are_spoken(instance):
    target = Target("localhost", instance[1])

    agreed = greet(target)

    assert (agreed.version, agreed.bits) == ("TLSv1.3", 256)
    assert accepted_suites(target) == [
        "ECDHE-ECDSA-AES256-GCM-SHA384",
        "ECDHE-ECDSA-CHACHA20-POLY1305",
        "ECDHE-ECDSA-AES128-GCM-SHA256",
    ]


@pytest.mark.parametrize(("is_trusted", "grade"), [(True, "A"), (False, "D")])
def test_the_check_from_outside_grades_it(instance, capsys, monkeypatch, is_trusted, grade):
    data, port = instance
    if is_trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(data / "tls.crt"))

    main(["check", "--public", f"https://localhost:{port}", "--json"])

    document = json.loads(capsys.readouterr().out)
    assert document["grade"] == grade
    failed = [check["id"] for check in document["checks"] if check["status"] == "fail"]
    assert failed == ([] if is_trusted else ["certificate.trusted"])


def test_a_clear_connection_is_not_answered(instance):
    with pytest.raises(httpx.TransportError):
        httpx.get(f"http://localhost:{instance[1]}/healthz", timeout=5)


def test_a_clear_public_address_contradicts_the_option(encaisse, free_port):
    answer = encaisse.run(
        "up", "--tls", "--port", str(free_port), ENCAISSE_PUBLIC_URL="http://exemple.test"
    )

    assert answer.returncode == 2
    assert "https://" in answer.stderr


def test_the_certificate_is_kept_until_another_name_is_wanted(tmp_path):
    first = fingerprint(self_signed(tmp_path, "localhost"))

    again = fingerprint(self_signed(tmp_path, "localhost"))
    other = fingerprint(self_signed(tmp_path, "encaisse.exemple.fr"))

    assert first == again != other
