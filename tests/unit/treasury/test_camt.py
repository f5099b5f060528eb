"""Bank files as banks, mistakes and attackers write them."""

from datetime import date

import pytest

from encaisse.kernel.money import Money
from encaisse.treasury.camt import read_statements
from encaisse.treasury.core.statement import StatementUnbalanced, occurrences
from encaisse.treasury.errors import StatementForbiddenContent, StatementUnreadable

IBAN = "FR7630006000011234567890189"


def balance(code: str, amount: str, sign: str = "CRDT") -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy='EUR'>{amount}</Amt>"
        f"<CdtDbtInd>{sign}</CdtDbtInd><Dt><Dt>2026-11-23</Dt></Dt></Bal>"
    )


def entry(
    amount: str, sign: str = "CRDT", *, details: str = "", status: str = "<Cd>BOOK</Cd>"
) -> str:
    return (
        f"<Ntry><Amt Ccy='EUR'>{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd><Sts>{status}</Sts>"
        f"<BookgDt><Dt>2026-11-23</Dt></BookgDt>{details}</Ntry>"
    )


def document(
    *entries: str, opening: str = "100.00", closing: str = "100.00", version: str = "08"
) -> bytes:
    return (
        f"<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}'><BkToCstmrStmt>"
        f"<Stmt><Id>S1</Id><Acct><Id><IBAN>{IBAN}</IBAN></Id></Acct>"
        f"{balance('OPBD', opening)}{balance('CLBD', closing)}{''.join(entries)}"
        "</Stmt></BkToCstmrStmt></Document>"
    ).encode()


class TestReading:
    @pytest.mark.parametrize(("version", "status"), [("08", "<Cd>BOOK</Cd>"), ("02", "BOOK")])
    def test_reads_every_version_alike(self, version, status):
        content = document(entry("12.50", status=status), closing="112.50", version=version)

        (statement,) = read_statements(content)

        assert statement.iban == IBAN
        assert [line.amount for line in statement.lines] == [Money(1250)]
        assert statement.lines[0].booked_on == date(2026, 11, 23)

    def test_splits_a_batch_whose_details_carry_their_amounts(self):
        details = "".join(
            f"<TxDtls><Amt Ccy='EUR'>{amount}</Amt><RmtInf><Ustrd>{name}</Ustrd></RmtInf></TxDtls>"
            for amount, name in (("4.00", "A"), ("6.00", "B"))
        )
        content = document(
            entry("10.00", details=f"<NtryDtls>{details}</NtryDtls>"), closing="110.00"
        )

        (statement,) = read_statements(content)

        assert [(line.amount, line.remittance) for line in statement.lines] == [
            (Money(400), "A"),
            (Money(600), "B"),
        ]

    def test_leaves_out_what_is_not_booked_yet(self):
        (statement,) = read_statements(document(entry("5.00", status="<Cd>PDNG</Cd>")))

        assert statement.lines == ()

    def test_two_equal_coffees_are_two_lines_and_reading_again_gives_the_same_numbers(self):
        coffees = document(entry("2.00", "DBIT"), entry("2.00", "DBIT"), closing="96.00")

        (first,), (again,) = read_statements(coffees), read_statements(coffees)

        assert occurrences(first.lines) == [0, 1]
        assert [line.fingerprint() for line in first.lines] == [
            line.fingerprint() for line in again.lines
        ]


class TestRefusing:
    def test_a_statement_that_does_not_add_up(self):
        with pytest.raises(StatementUnbalanced) as caught:
            read_statements(document(entry("5.00"), closing="106.00"))

        assert "105,00" in caught.value.message

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"hello",
            b"\x00\xff" * 100,
            b"%PDF-1.7",
            b"<Document/>",
            b"<Document><BkToCstmrStmt/></Document>",
            b"<html></html>",
            document()[:-40],
            document(entry("5.001"), closing="105.00"),
            document(entry("NaN")),
            document(entry("1e9")),
            document(entry("5.00").replace("2026-11-23", "23/11/2026"), closing="105.00"),
            document(entry("5.00").replace("CRDT", "PLUS"), closing="105.00"),
            document().replace(b"OPBD", b"XXXX"),
            document().replace(b"Ccy='EUR'", b"Ccy='ZZZ'"),
        ],
    )
    def test_a_file_that_is_no_statement_is_an_error_and_never_zero_lines(self, content):
        with pytest.raises(StatementUnreadable) as caught:
            read_statements(content)

        assert "Rien n’a été importé" in caught.value.message

    @pytest.mark.parametrize(
        "head",
        [
            b"<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]>",
            b"<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>",
            b"<!DOCTYPE x SYSTEM 'http://127.0.0.1/x.dtd'>",
        ],
    )
    def test_entities(self, head):
        with pytest.raises(StatementForbiddenContent):
            read_statements(head + document())

    def test_a_file_that_is_too_large(self):
        with pytest.raises(StatementUnreadable):
            read_statements(b" " * (20 * 1024 * 1024 + 1))

    def test_a_detail_in_another_currency_leaves_the_amount_of_the_account(self):
        details = (
            "<NtryDtls><TxDtls><AmtDtls><InstdAmt><Amt Ccy='USD'>14.00</Amt></InstdAmt></AmtDtls>"
            "</TxDtls><TxDtls><AmtDtls><InstdAmt><Amt Ccy='USD'>1.00</Amt></InstdAmt></AmtDtls>"
            "</TxDtls></NtryDtls>"
        )

        (statement,) = read_statements(document(entry("12.50", details=details), closing="112.50"))

        assert [line.amount for line in statement.lines] == [Money(1250)]
