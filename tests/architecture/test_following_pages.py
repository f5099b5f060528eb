"""Pages that ask again by themselves say so: one left open must not keep its person signed in."""

import re
from pathlib import Path

TEMPLATES = Path(__file__).parents[2] / "src/encaisse/web/templates"


def test_every_page_that_asks_again_says_that_no_person_does():
    texts = {path: path.read_text() for path in TEMPLATES.rglob("*.html")}

    assert [path for path, text in texts.items() if re.search(r"hx-trigger=.every", text)] == []
    assert sum("{% every " in text for text in texts.values()) >= 5
