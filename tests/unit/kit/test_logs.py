import json
import logging

import pytest
import structlog

from encaisse.kernel.identifiers import Iban, IbanInvalid
from encaisse.kit.logs import Redacting, redact


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
        ],
    )
    def test_secrets_do_not_pass(self, text, secret):
        assert secret not in redact(text)

    @pytest.mark.parametrize("text", ["F-2026-0001", "1795439400", "4242 4242 4242 4241"])
    def test_ordinary_words_do(self, text):
        assert redact(text) == text

    def test_a_record_is_redacted_with_its_arguments(self):
        record = logging.LogRecord("x", 20, "", 0, "paid %s", ("4242424242424242",), None)

        assert Redacting().filter(record)
        assert "42424242" not in record.getMessage()


class TestAStructuredLine:
    def test_tells_the_error_and_hides_what_it_carries(self, capsys):
        log = structlog.get_logger()
        try:
            Iban.parse("GET /p/AbCdEfGhIjKlMnOpQrStUv FR76 3000 6000 0112 3456 7890 189")
        except IbanInvalid:
            log.exception("accident", path="/q/AbCdEfGhIjKlMnOpQrStUv")

        line = capsys.readouterr().out
        assert "IbanInvalid" in json.loads(line)["exception"]
        assert "AbCdEfGh" not in line
        assert "3000 6000" not in line
