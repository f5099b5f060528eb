import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pikepdf
import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st

from encaisse.invoicing.core.amounts import Line, VatRate
from encaisse.invoicing.rendering import render_document
from encaisse.invoicing.rendering.codes import transfer_code, web_code
from encaisse.invoicing.rendering.document import amount_text, quantity_text
from encaisse.invoicing.rendering.glyphs import printable
from encaisse.kernel.language import Language
from encaisse.kernel.money import Currency, Money
from unit.invoicing.documents import BUYER, LINES, PAYMENT, SELLER, page_texts, snapshot

KINDS = ["quote", "deposit", "final", "credit_note"]


def pages(document, payment=None) -> list[str]:
    return page_texts(render_document(document, payment=payment))


def page(document, payment=None) -> str:
    return "\n".join(pages(document, payment))


class TestTheFile:
    @pytest.mark.parametrize("kind", KINDS)
    def test_is_an_archive_a_screen_reader_can_follow(self, kind):
        pdf = render_document(snapshot(kind), payment=None)

        with pikepdf.open(io.BytesIO(pdf)) as document:
            metadata = document.open_metadata()
            assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "B")
            assert metadata["pdfuaid:part"] == "1"
            assert document.Root.MarkInfo.Marked
            assert document.Root.Lang == "fr-FR"

    @pytest.mark.parametrize("kind", KINDS)
    def test_is_the_same_to_the_byte_when_made_again(self, kind):
        document = snapshot(kind)

        assert render_document(document, payment=PAYMENT) == render_document(
            document, payment=PAYMENT
        )

    def test_is_the_same_from_every_thread(self):
        documents = [snapshot(number=f"F-{number}") for number in range(12)]
        expected = [render_document(document, payment=None) for document in documents]

        with ThreadPoolExecutor(4) as pool:
            made = list(pool.map(lambda each: render_document(each, payment=None), documents))

        assert made == expected

    def test_has_only_fonts_it_carries(self):
        pdf = render_document(snapshot(), payment=None)

        with pikepdf.open(io.BytesIO(pdf)) as document:
            fonts = document.pages[0].Resources.Font
            descriptors = [font.DescendantFonts[0].FontDescriptor for font in fonts.values()]
            names = {str(each.FontName).split("+")[1].split("-")[0] for each in descriptors}
            embedded = ["/FontFile3" in each for each in descriptors]

        assert names == {"Inter"}
        assert all(embedded)


class TestTheWords:
    def test_a_quote_says_until_when_it_holds_and_asks_for_an_acompte(self):
        text = page(snapshot("quote"))

        assert "Devis\nD-18" in text
        assert "Valable jusqu’au\n23/01/2027" in text
        assert "Acompte à la commande\n30\u00a0% du total\n216,85\u00a0€" in text
        assert "arrhes" not in text

    def test_an_invoice_takes_its_deposits_off(self):
        text = page(snapshot("final"))

        assert "Acompte FA-7\ndu 03/11/2026, dont TVA 24,69\u00a0€\n−216,85\u00a0€" in text
        assert "Reste à payer\n505,99\u00a0€" in text

    def test_a_paid_deposit_invoice_leaves_nothing_to_pay(self):
        text = page(snapshot("deposit", to_pay_minor=0))

        assert "Facture d’acompte" in text
        assert "Reste à payer\n0,00\u00a0€" in text

    def test_a_credit_note_names_the_invoice_it_cancels(self):
        text = page(snapshot("credit_note"))

        assert "Annule la facture\nF-31 du 10/11/2026" in text
        assert "Montant de l’avoir TTC\n722,84\u00a0€" in text
        assert "Reste à payer" not in text

    @pytest.mark.parametrize(
        "mention",
        [
            "SARL au capital de 5\u202f000,00\u00a0€",
            "RCS Nantes 123\u00a0456\u00a0782",
            "TVA\u00a0FR32123456782",
            "MAAF, décennale 44-1234567, France métropolitaine",
            "Date de la prestation\n20/11/2026",
            "Échéance\n23/12/2026",
            "TVA 20\u00a0%\nsur 182,53\u00a0€\n36,51\u00a0€",
            "Pas d’escompte pour paiement anticipé.",
            "Médiateur de la consommation\u202f: CM2C",
        ],
    )
    def test_an_invoice_bears_what_the_law_asks(self, mention):
        assert mention in page(snapshot("final"))

    def test_the_mediator_is_for_consumers_only(self):
        professional = replace(BUYER, is_professional=True, siren="552100554")

        text = page(snapshot(buyer=professional))

        assert "Médiateur" not in text
        assert "SIREN 552\u00a0100\u00a0554" in text

    def test_a_firm_without_register_shows_its_siren(self):
        sole_trader = replace(
            SELLER, legal_form="Entreprise à un associé", capital="", trade_register_city=""
        )

        assert "Entreprise à un associé · SIREN 123\u00a0456\u00a0782" in page(
            snapshot(seller=sole_trader)
        )

    @pytest.mark.parametrize(
        ("thousandths", "unit", "expected"),
        [
            (1000, "u", "1\u00a0u"),
            (6500, "h", "6,5\u00a0h"),
            (12_250, "m", "12,25\u00a0m"),
            (1, "kg", "0,001\u00a0kg"),
            (1_234_567_000, "", "1\u202f234\u202f567"),
            (-2000, "u", "−2\u00a0u"),
        ],
    )
    def test_a_quantity_has_no_useless_zero(self, thousandths, unit, expected):
        assert quantity_text(thousandths, unit, Language.FRENCH) == expected


class TestWhatPeopleType:
    @pytest.mark.parametrize(
        "name",
        ['#panic("x")', "*bold* _it_ $x$", "@ref <label>", "`raw` = title", "\\u{1f600} // no"],
    )
    def test_is_printed_and_never_obeyed(self, name):
        assert name in page(snapshot(buyer=replace(BUYER, name=name), subject=name))

    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("Bistrot 👩\u200d🍳 du port", "Bistrot □□ du port"),
            ("Ἀθηνᾶ Пётр Łukasz Ğülşen", "Ἀθηνᾶ Пётр Łukasz Ğülşen"),
            ("漢字", "□□"),
            ("a\u0300 e\u0489", "à e"),
        ],
    )
    def test_has_a_square_where_no_font_has_a_glyph(self, name, expected):
        text = page(snapshot(buyer=replace(BUYER, name=name)))

        assert expected in text.replace("\n", "")  # each script is a run of its own

    @pytest.mark.parametrize("name", ["محمد الأمين", "שרה כהן", "Leroy محمد 12"])
    def test_may_read_from_right_to_left(self, name):
        assert "□" not in page(snapshot(buyer=replace(BUYER, name=name)))

    @given(text=st.text(max_size=60))
    @settings(max_examples=100, deadline=None)
    def test_whatever_it_is_does_not_stop_the_document(self, text):
        document = snapshot(buyer=replace(BUYER, name=text), subject=text, notes=(text,))

        assert render_document(document, payment=None)

    def test_a_word_wider_than_its_column_is_cut(self):
        word = "Anticonstitutionnellementdesproportionnes"

        assert (
            page(snapshot(buyer=replace(BUYER, name=word)))
            .replace("\n", "")
            .replace("\u200b", "")
            .count(word)
            == 1
        )
        assert printable("firstname.lastname-of-a-firm@example.test").isascii()


class TestExtremes:
    def test_a_million_euros(self):
        lines = (Line("Chantier naval", 1000, "u", Money(100_000_000), VatRate.NORMAL),)

        assert "1\u202f000\u202f000,00\u00a0€" in page(snapshot("final", lines))
        assert amount_text(Money(-100_000_000), Language.FRENCH) == "−1\u202f000\u202f000,00\u00a0€"

    def test_two_hundred_lines_repeat_their_head_and_number_their_pages(self):
        texts = pages(snapshot("final", LINES * 67), PAYMENT)

        assert len(texts) > 5
        assert all("Désignation\nQuantité" in text for text in texts[:-1])
        for number, text in enumerate(texts, start=1):
            assert f"Page {number} / {len(texts)}" in text
        assert all("Facture F-31" in text for text in texts[1:])
        assert sum(text.count("Main-d’œuvre") for text in texts) == 67


class TestHowToPay:
    def test_the_link_comes_before_the_transfer(self):
        text = page(snapshot(), PAYMENT)

        assert text.index("Payer en ligne") < text.index("Payer par virement")
        for said in (PAYMENT.link_url, PAYMENT.holder_name, "RF18\u00a05390\u00a00754\u00a07034"):
            assert said in text
        assert PAYMENT.iban_grouped.replace(" ", "\u00a0") in text

    def test_nothing_is_asked_without_a_payment(self):
        assert "Payer" not in page(snapshot(), None)

    def test_a_firm_without_bank_account_prints_its_link_alone(self):
        text = page(snapshot(), replace(PAYMENT, iban_grouped="", holder_name=""))

        assert "Payer en ligne" in text
        assert "IBAN" not in text

    def test_the_drawing_is_the_code(self):
        assert _modules(web_code(PAYMENT.link_url)) == [
            [bool(module) for module in row]
            for row in segno.make_qr(PAYMENT.link_url, error="m").matrix
        ]

    @pytest.mark.parametrize("amount", [Money(0), Money(10**11), Money(100, Currency.CHF)])
    def test_an_amount_no_transfer_code_can_carry_leaves_the_text(self, amount):
        code = transfer_code(
            holder_name="MARTIN", iban=PAYMENT.iban_grouped, reference="RF18539007547034",
            amount=amount,
        )  # fmt: skip
        text = page(snapshot(), replace(PAYMENT, amount=amount))

        assert code is None
        assert "Recopiez l’IBAN" in text


def _modules(svg: str) -> list[list[bool]]:
    """Fill the rectangles of a drawing."""
    size = int(svg.split('viewBox="0 0 ')[1].split(maxsplit=1)[0])
    modules = [[False] * size for _ in range(size)]
    for rectangle in svg.split(' d="M')[1].split('z"', maxsplit=1)[0].split("zM"):
        start, _, path = rectangle.partition("h")
        x, y = map(int, start.split())
        width, _, rest = path.partition("v")
        height = rest.partition("h")[0]
        for row in range(y, y + int(height)):
            for column in range(x, x + int(width)):
                modules[row][column] = True
    return modules
