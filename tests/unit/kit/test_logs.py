import io
import json
import logging
from uuid import uuid4

import pytest
import structlog
from hypothesis import given
from hypothesis.strategies import uuids

from encaisse.kernel.identifiers import Iban, IbanInvalid
from encaisse.kit.logs import json_lines, redact
from encaisse.kit.whose import organization_of_the_block


class TestRedact:
    @pytest.mark.parametrize(
        ("text", "secret"),
        [
            ("Conflict: /p/Cbpngu9wTeKJyTGrQuIksQ/pay", "Cbpngu9w"),
            ("GET /q/Cbpngu9wTeKJyTGrQuIksQ", "Cbpngu9w"),
            ("carte 4242 4242 4242 4242", "4242 4242 4242"),
            ("carte 4000000000003220", "0000000032"),
            ("FR76 3000 6000 0112 3456 7890 189", "3000 6000"),
            ("iban=FR7630006000011234567890189", "30006000"),
            ("iban: fr7630006000011234567890189", "30006000"),
            ("FR76-3000-6000-0112-3456-7890-189", "3000-6000"),
            ("carte 4242\u202f4242\u202f4242\u202f4242", "4242\u202f4242\u202f4242"),
            ("nadia.martin+paie@example.test", "nadia"),
            ("login=nadia.martin%40example.test", "nadia"),
            ("GET /compte/login/?next=/p/abc&secret=tuyau", "tuyau"),
            ('{"password": "un long tuyau de cuivre"}', "tuyau"),
            ("Authorization: Bearer ek_Cbpngu9wTeKJ", "Cbpngu9w"),
            ("votre code est le code 483920", "483920"),
            ("code=483 920", "483 920"),
            ("saisissez K7TD-9QXM", "K7TD"),
            ("postgresql://encaisse_app:cuivre@/encaisse", "cuivre"),
            ("session k5v2mfs9c1n5kqgr3tn0hyl1y4f4gkxz", "k5v2mfs9"),
            ("refused\nDETAIL:  Key (name)=(Nadia Martin) already exists.", "Nadia"),
        ],
    )
    def test_secrets_do_not_pass(self, text, secret):
        assert secret not in redact(text)

    @pytest.mark.parametrize(
        "text",
        [
            "F-2026-0001",
            "1795439400",
            "4242 4242 4242 4241",
            "019ab2c4-1111-7abc-9abc-0123456789ab",
            "01a20ba9-adee-7068-aa27-8c72ebcf649a",
            "01a20ba9-adee-4000-8000-000000003220",
            "error code: 409",
            "/opt/encaisse/.venv/lib/python3.11/site-packages/django/core/handlers/exception.py",
        ],
    )
    def test_ordinary_words_do(self, text):
        assert redact(text) == text

    @given(uuids(version=4))
    def test_identifiers_stay_whole_whatever_they_resemble(self, identifier):
        assert redact(f"job {identifier}.") == f"job {identifier}."


@pytest.fixture
def written():
    """Lines as a process writes them, through the formatter of every log."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(json_lines())
    root = logging.getLogger()
    root.addHandler(handler)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.removeHandler(handler)


class TestALine:
    def test_tells_the_error_and_hides_what_it_carries(self, written):
        log = structlog.get_logger("encaisse.test")
        try:
            Iban.parse("GET /p/AbCdEfGhIjKlMnOpQrStUv FR76 3000 6000 0112 3456 7890 189")
        except IbanInvalid:
            log.exception("accident", path="/q/AbCdEfGhIjKlMnOpQrStUv")

        [line] = written()
        assert line["event"] == "accident"
        assert line["level"] == "error"
        assert "IbanInvalid" in line["exception"]
        assert "AbCdEfGh" not in str(line)
        assert "3000 6000" not in str(line)

    def test_of_a_library_has_the_same_shape(self, written):
        logging.getLogger("procrastinate.worker").warning("paid with %s", "4242424242424242")

        [line] = written()
        assert line["event"] == "paid with 4242…"
        assert line["logger"] == "procrastinate.worker"
        assert {"level", "timestamp"} <= line.keys()

    def test_names_the_request_and_the_organization(self, written):
        organization = uuid4()
        token = organization_of_the_block.set(organization)

        with structlog.contextvars.bound_contextvars(request_id="a1b2c3d4"):
            logging.getLogger("somewhere.else").error("broken")
        organization_of_the_block.reset(token)
        logging.getLogger("somewhere.else").error("broken again")

        during, after = written()
        assert during["request_id"] == "a1b2c3d4"
        assert during["organization_id"] == str(organization)
        assert not {"request_id", "organization_id"} & after.keys()
