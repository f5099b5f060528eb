"""Files that are not what they say: pictures that run or swell, statements that read the disk."""

import gzip
import io
import struct
import time
import tracemalloc
import zipfile
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from encaisse.kit.files import read_file
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.queries import profile
from encaisse.treasury.camt import read_statements
from encaisse.treasury.errors import StatementForbiddenContent, StatementUnreadable
from factories.organizations import Firm
from functional.web_people import signed_in

SCRIPT = b"<script>xq9()</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="xq9()"><script>xq9()</script></svg>'
# Of a processor, whatever else the machine does; and bytes.
WORK_SECONDS, LARGEST_MEMORY = 5, 200_000_000


def picture(kind="PNG", size=(40, 40), **options) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, "#0b6e4f").save(written, kind, **options)
    return written.getvalue()


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(
        ">I", zlib.crc32(name + content)
    )  # fmt: skip


def bomb(side: int, *, really: bool = True) -> bytes:
    """A few hundred kilobytes that say, or hold, a picture of gigabytes."""
    rows = (b"\x00" + b"\x00" * (side // 8)) * (side if really else 1)
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(
        b"IDAT", zlib.compress(rows, 9)
    ) + chunk(b"IEND", b"")  # fmt: skip


def zipped(content: bytes) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("relevé.xml", content)
    return written.getvalue()


@pytest.fixture
def firm():
    return Firm()


def send_logo(firm, content, *, name="logo.png", kind="image/png"):
    client = signed_in(firm, proven=True)
    shown = client.get(reverse("firm_edit")).context["form"]
    typed = {field: shown.initial.get(field) or "" for field in shown.fields if field != "logo"}
    typed = {field: value for field, value in typed.items() if value not in {None, False}}
    return client.post(
        reverse("firm_edit"), typed | {"logo": SimpleUploadedFile(name, content, kind)}
    )


def logo_of(firm):
    with acting_for(firm.id):
        file_id = profile(organization_id=firm.id).logo_file_id
        return read_file(organization_id=firm.id, file_id=file_id) if file_id else None


class TestLogos:
    @pytest.mark.parametrize(
        ("content", "name", "kind"),
        [
            (SVG, "logo.svg", "image/svg+xml"), (SVG, "logo.png", "image/png"),
            (b"<!doctype html>" + SCRIPT, "logo.png", "image/png"), (b"", "logo.png", "image/png"),
            (picture()[:60], "logo.png", "image/png"), (picture("GIF"), "logo.png", "image/png"),
            (picture("TIFF"), "logo.png", "image/png"), (picture("BMP"), "logo.png", "image/png"),
            (zipped(picture()), "logo.png", "image/png"), (b"%PDF-1.7 x", "l.png", "image/png"),
            (b"\x89PNG\r\n\x1a\n" + b"\x00" * 64, "logo.png", "image/png"),
            (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "logo.png", "image/png"),
            (picture() + b"\x00" * 3_000_000, "logo.png", "image/png"),
            (bomb(20_000), "logo.png", "image/png"), (bomb(12_000), "logo.png", "image/png"),
            (bomb(60_000, really=False), "logo.png", "image/png"),
        ],
        ids=["svg", "svg named png", "html", "empty", "cut", "gif", "tiff", "bmp", "zip", "pdf",
             "header only", "postscript", "three megabytes", "bomb", "smaller bomb", "lying"],
    )  # fmt: skip
    def test_what_is_no_small_picture_is_refused_at_once(self, firm, content, name, kind):
        send_logo(Firm(), picture())  # what a first request reads once and for all is not measured
        started = time.process_time()
        tracemalloc.start()
        try:
            answer = send_logo(firm, content, name=name, kind=kind)
            _now, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

        assert answer.status_code == 422
        assert logo_of(firm) is None
        assert time.process_time() - started < WORK_SECONDS
        assert peak < LARGEST_MEMORY

    @pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
    def test_a_picture_with_a_script_inside_is_written_anew_without_it(self, firm, kind):
        sent = picture(kind) + SCRIPT + zipped(SCRIPT)
        if kind == "JPEG":
            sent = picture(kind, comment=SCRIPT) + SCRIPT

        answer = send_logo(firm, sent)

        stored, content = logo_of(firm)
        assert answer.status_code == 302
        assert stored.media_type == "image/png"
        assert b"xq9" not in content
        assert Image.open(io.BytesIO(content)).format == "PNG"

    @pytest.mark.parametrize(
        "name", ["../../etc/passwd", "..\\..\\boot.ini", "a\x00.png", "x" * 900 + ".png",
                 '"><script>xq9()</script>.png', "/etc/cron.d/x", "logo\r\nX-Evil: 1.png"],
        ids=ascii,
    )  # fmt: skip
    def test_its_name_is_nobody_s_path(self, firm, name):
        answer = send_logo(firm, picture(), name=name)
        shown = signed_in(firm, proven=True).get(reverse("firm_logo"))

        stored, _content = logo_of(firm)
        assert answer.status_code == 302
        assert not set(stored.name) & set('/\\\x00"\r\n<>')
        assert "xq9" not in str([*shown.items()])
        assert "X-Evil" not in shown
        assert shown["Content-Type"] == "image/png"


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol" * 100}">' for n in range(10))
STATEMENT = "<Document><BkToCstmrStmt><Stmt><Id>{inside}</Id></Stmt></BkToCstmrStmt></Document>"
DOCTYPES = {
    "a file of the disk": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
    "an address": '<!DOCTYPE x [<!ENTITY e SYSTEM "http://127.0.0.1:1/e">]>',
    "a parameter": '<!DOCTYPE x [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>',
    "another document": '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">',
    "laughs": f"<!DOCTYPE x [{LAUGHS}]>",
    "one long text": f'<!DOCTYPE x [<!ENTITY e "{"a" * 100_000}">]>',
}


INCLUDE = (
    b'<Document xmlns:xi="http://www.w3.org/2001/XInclude">'
    b'<xi:include href="/etc/passwd" parse="text"/></Document>'
)


class TestStatements:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-32", "utf-7"])
    @pytest.mark.parametrize("doctype", DOCTYPES.values(), ids=DOCTYPES)
    @pytest.mark.parametrize("before", ["", "<!-- " + "x" * 8192 + " -->"], ids=["", "far"])
    def test_what_asks_to_read_elsewhere_or_to_swell_is_refused(self, doctype, encoding, before):
        inside = "&l9;" if "l9" in doctype else "&e;"
        declared = f'<?xml version="1.0" encoding="{encoding}"?>'
        content = (declared + before + doctype + STATEMENT.format(inside=inside)).encode(encoding)
        started = time.process_time()

        with pytest.raises((StatementForbiddenContent, StatementUnreadable)) as refused:
            read_statements(content)

        assert "root:" not in str(refused.value.facts)
        assert time.process_time() - started < WORK_SECONDS

    @pytest.mark.parametrize(
        "content",
        [b"", b"\x00" * 1000, SCRIPT, SVG, zipped(STATEMENT.encode()),
         gzip.compress(b"<Document/>"), b"<a>" * 200_000,
         STATEMENT.format(inside="x" * 12_000_000).encode(), b"<Document" * 9,
         INCLUDE, picture(), bomb(12_000)],
        ids=["empty", "zeros", "script", "svg", "zip", "gzip", "deep", "long", "broken", "xinclude",
             "picture", "bomb"],
    )  # fmt: skip
    def test_what_is_no_statement_is_said_to_be_none(self, content):
        with pytest.raises((StatementForbiddenContent, StatementUnreadable)):
            read_statements(content)

    @pytest.mark.parametrize("content", [SVG, b"x" * 11_000_000], ids=["svg", "eleven megabytes"])
    def test_the_page_refuses_it_in_words(self, firm, content):
        client = signed_in(firm, proven=True)

        answer = client.post(
            reverse("bank_import"), {"statement": SimpleUploadedFile("../x.xml", content)}
        )

        assert answer.status_code in {413, 422}
        assert "Code" in answer.content.decode()
