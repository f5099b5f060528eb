"""The grade of real TLS servers, good and bad, started here."""

import json
import ssl
import threading
import warnings
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from encaisse.cli.check_public_pages import Visit, check_hsts
from encaisse.cli.check_public_tls import Target
from encaisse.cli.main import main
from encaisse.kit.notes import PUBLIC_CHECKS, noted

HEADERS = (
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Permissions-Policy", "camera=()"),
    ("Set-Cookie", "__Host-csrf=a; Path=/; Secure; HttpOnly; SameSite=Lax"),
)
DATED = "ECDHE:!eNULL:!aNULL:@SECLEVEL=0"
STRONG = "ECDHE+AESGCM+AES256:ECDHE+CHACHA20"


class Site:
    """What one server answers and accepts."""

    def __init__(self, files, **values) -> None:
        self.files = files
        self.headers = values.get("headers", HEADERS)
        self.page = values.get("page", "<h1>Bonjour</h1>")
        self.status = values.get("status", 200)
        self.least = values.get("least", ssl.TLSVersion.TLSv1_2)
        self.most = values.get("most", ssl.TLSVersion.TLSv1_3)
        self.ciphers = values.get("ciphers", STRONG)

    def context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.files)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version, context.maximum_version = self.least, self.most
        context.set_ciphers(self.ciphers)
        return context


def handler_of(site):
    class Handler(BaseHTTPRequestHandler):
        def version_string(self):
            return "serveur"

        def do_GET(self):
            body = site.page.encode()
            self.send_response(site.status)
            for name, value in site.headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments):
            pass

    return Handler


class Server(ThreadingHTTPServer):
    daemon_threads = True
    secured = None

    def finish_request(self, request, client_address):
        if self.secured is not None:
            try:
                request = self.secured.wrap_socket(request, server_side=True)
            except (ssl.SSLError, ConnectionError):
                return
        with request:
            super().finish_request(request, client_address)

    def handle_error(self, request, client_address):
        """A visitor who leaves after the greeting is what the check does."""


@contextmanager
def served(site, *, is_secured=True):
    server = Server(("127.0.0.1", 0), handler_of(site))
    server.secured = site.context() if is_secured else None
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    thread.join()
    server.server_close()


class Authority:
    """An authority of one test, and the certificates it gives."""

    def __init__(self, folder) -> None:
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = self._signed("Authority", self.key, days=30, is_authority=True)
        self.path = folder / "authority.pem"
        self.path.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))

    def issue(self, host="localhost", *, days=90, own_signature=False):
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._signed(host, key, days=days, own_signature=own_signature)
        name = f"{host}-{days}-{own_signature}"
        files = self.folder / f"{name}.crt", self.folder / f"{name}.key"
        files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        files[1].write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return files

    def _signed(self, host, key, *, days, is_authority=False, own_signature=False):
        def named(text):
            return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

        is_own = own_signature or is_authority
        now = datetime.now(UTC)
        names = x509.SubjectAlternativeName([x509.DNSName(host)])
        return (
            x509.CertificateBuilder()
            .subject_name(named(host))
            .issuer_name(named(host if is_own else "Authority"))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=100))
            .not_valid_after(now + timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
            .add_extension(names, critical=False)
            .sign(key if is_own else self.key, hashes.SHA256())
        )


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(autouse=True)
def _trusted(authority, monkeypatch, tmp_path):
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.path))
    monkeypatch.setenv("ENCAISSE_DATA_DIR", str(tmp_path))


def looked_at(capsys, port, *options):
    code = main(["check", "--public", f"https://localhost:{port}/", "--json", *options])
    document = json.loads(capsys.readouterr().out)
    return code, document, {check["id"]: check for check in document["checks"]}


def test_a_site_that_does_everything_well_gets_the_best_grade(authority, capsys):
    with served(Site(authority.issue())) as port:
        code, document, checks = looked_at(capsys, port)

    assert code == 0
    assert document["schema"] == "encaisse.check_public/1"
    assert document["ok"] is True
    assert document["grade"] == "A+"
    assert document["negotiated"]["version"] == "TLSv1.3"
    assert document["negotiated"]["bits"] == 256
    assert {check["status"] for check in checks.values()} == {"ok"}


BAD_TLS = {
    "tls.1_3": ({"most": ssl.TLSVersion.TLSv1_2}, "B", "warn"),
    "tls.old": ({"least": ssl.TLSVersion.TLSv1, "ciphers": DATED}, "C", "fail"),
    "tls.negotiated": (
        {"most": ssl.TLSVersion.TLSv1_2, "ciphers": "ECDHE+AESGCM+AES128"}, "B", "warn",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_TLS)
def test_a_weakness_of_the_protocol_is_named_with_its_cure(authority, capsys, name):
    values, grade, status = BAD_TLS[name]

    with served(Site(authority.issue(), **values)) as port:
        _code, document, checks = looked_at(capsys, port)

    assert document["grade"] == grade
    assert checks[name]["status"] == status
    assert checks[name]["cure"]


@pytest.mark.parametrize(
    ("ciphers", "grade", "suite"),
    [
        ("ECDHE+AESGCM", "A", "ECDHE-ECDSA-AES128-GCM-SHA256"),
        ("ECDHE+AES256:@SECLEVEL=0", "B", "ECDHE-ECDSA-AES256-SHA384"),
        ("ECDHE+AESGCM+AES256:AECDH:@SECLEVEL=0", "F", "AECDH-AES256-SHA"),
    ],
)
def test_weak_suites_are_named_even_when_strong_ones_come_first(
    authority, capsys, ciphers, grade, suite
):
    with served(Site(authority.issue(), ciphers=ciphers)) as port:
        _code, document, checks = looked_at(capsys, port)

    assert suite in checks["tls.suites"]["message"]
    assert checks["tls.suites"]["ceiling"] == document["grade"] == grade


@pytest.mark.parametrize(
    ("values", "name", "grade", "words"),
    [
        ({"own_signature": True}, "certificate.trusted", "D", "signé par lui-même"),
        ({"host": "autre.test"}, "certificate.trusted", "F", "pas au nom de localhost"),
        ({"days": -2}, "certificate.expiry", "F", "a expiré"),
        ({"days": 5}, "certificate.expiry", "A", "jours"),
    ],
)
def test_a_certificate_that_browsers_refuse_is_explained(
    authority, capsys, values, name, grade, words
):
    with served(Site(authority.issue(**values))) as port:
        _code, document, checks = looked_at(capsys, port)

    assert words in checks[name]["message"]
    assert document["grade"] == grade


def test_a_certificate_of_an_unknown_authority_is_not_trusted(
    authority, capsys, monkeypatch, tmp_path
):
    other = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(other.path))

    with served(Site(authority.issue())) as port:
        _code, document, checks = looked_at(capsys, port)

    assert document["grade"] == "D"
    assert "aucune autorité" in checks["certificate.trusted"]["message"]


def without(name):
    return tuple(header for header in HEADERS if header[0] != name)


@pytest.mark.parametrize(
    ("values", "name", "grade"),
    [
        ({"headers": without("Content-Security-Policy")}, "headers.content-security-policy", "B"),
        (
            {"headers": (*without("Content-Security-Policy"),
                         ("Content-Security-Policy", "script-src 'unsafe-inline'"))},
            "headers.content-security-policy", "B",
        ),
        ({"headers": without("X-Content-Type-Options")}, "headers.x-content-type-options", "A"),
        ({"headers": (*HEADERS, ("X-Powered-By", "PHP/5.2"))}, "headers.server", "A"),
        ({"headers": (*HEADERS, ("Set-Cookie", "a=b; HttpOnly; SameSite=Lax"))}, "cookies", "C"),
        ({"headers": (*HEADERS, ("Set-Cookie", "a=b; Secure"))}, "cookies", "B"),
        ({"page": '<script src="http://ailleurs.test/x.js"></script>'}, "mixed_content", "C"),
        ({"page": "<style>a{background:url(http://ailleurs.test/x)}"}, "mixed_content", "C"),
        (
            {"status": 302, "headers": (("Location", "https://ailleurs.test/"), *HEADERS)},
            "home", "C",
        ),
    ],
)  # fmt: skip
def test_what_the_page_says_or_loads_wrongly_is_named(authority, capsys, values, name, grade):
    with served(Site(authority.issue(), **values)) as port:
        _code, document, checks = looked_at(capsys, port)

    assert checks[name]["status"] != "ok"
    assert checks[name]["cure"]
    assert document["grade"] == grade


def test_a_link_to_another_site_is_not_mixed_content(authority, capsys):
    with served(Site(authority.issue(), page='<a href="http://ailleurs.test/">…</a>')) as port:
        _code, document, _checks = looked_at(capsys, port)

    assert document["grade"] == "A+"


class TestPlainHttp:
    def test_that_leads_to_https_is_fine(self, authority, capsys):
        secured = Site(authority.issue())
        with served(secured) as port:
            plain = Site(None, status=301, headers=(("Location", f"https://localhost:{port}/"),))
            with served(plain, is_secured=False) as http_port:
                _code, document, checks = looked_at(capsys, port, "--http-port", str(http_port))

        assert checks["redirect"]["message"] == "HTTP renvoie vers HTTPS."
        assert document["grade"] == "A+"

    def test_that_answers_is_an_open_door(self, authority, capsys):
        with (
            served(Site(authority.issue())) as port,
            served(Site(None), is_secured=False) as http_port,
        ):
            code, document, checks = looked_at(capsys, port, "--http-port", str(http_port))

        assert code == 1
        assert checks["redirect"]["status"] == "fail"
        assert document["grade"] == "C"


def test_what_was_seen_of_each_site_is_kept_where_there_is_an_installation(
    authority, capsys, tmp_path
):
    for options in ([], ["--data-dir", str(tmp_path / "nowhere")]):
        with served(Site(authority.issue())) as port:
            looked_at(capsys, port, *options)
            kept = noted(tmp_path, PUBLIC_CHECKS)
            assert options or kept[f"https://localhost:{port}"]["grade"] == "A+"

    assert len(kept) == 1
    assert not (tmp_path / "nowhere").exists()


def test_people_read_the_grade_and_the_cures(authority, capsys):
    with served(Site(authority.issue(own_signature=True))) as port:
        code = main(["check", "--public", f"https://localhost:{port}"])

    told = capsys.readouterr().out
    assert code == 1
    assert "Note : D" in told
    assert "→ Obtenez un certificat reconnu" in told


@pytest.mark.parametrize(
    "address", ["http://exemple.test", "exemple.test", "https://", "https://a:x"]
)
def test_an_address_that_is_not_https_is_a_misuse(capsys, address):
    assert main(["check", "--public", address]) == 2


def test_a_site_that_does_not_answer_is_a_failure_in_a_sentence(capsys, free_port):
    code = main(["check", "--public", f"https://localhost:{free_port}", "--json"])

    told = json.loads(capsys.readouterr().out)
    assert code == 1
    assert "ne répond pas" in told["error"]


def test_a_site_without_tls_is_a_failure_in_a_sentence(capsys):
    with served(Site(None), is_secured=False) as port:
        assert main(["check", "--public", f"https://localhost:{port}"]) == 1

    assert "ne parle pas TLS" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("value", "ceiling"),
    [
        ("max-age=31536000; includeSubDomains", "A+"),
        ("max-age=86400", "A"),
        ("max-age=0", "B"),
        ("", "B"),
    ],
)
def test_the_promise_of_https_counts_once_the_name_is_public(value, ceiling):
    headers = Message()
    headers["Strict-Transport-Security"] = value

    found = check_hsts(Target("encaisse.exemple.fr", 443), Visit(headers, "", (), None))

    assert found.ceiling == ceiling
