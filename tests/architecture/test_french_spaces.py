"""Pages are set as French is: no line begins with the sign that ends a sentence."""

import re
from pathlib import Path

PAGES = sorted((Path(__file__).parents[2] / "src").rglob("templates/**/*.html"))
# What is not read as a sentence: tags, what the engine fills in, code.
HIDDEN = re.compile(
    r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}|<!--.*?-->|<(script|style|code|pre)\b.*?</\1>|<[^>]*>",
    re.DOTALL,
)
LOOSE = re.compile(r"[\w»)’%€\x02] [:;!?»](?=[\s\x02]|$)|« ")


def loose(text: str) -> list[str]:
    words = HIDDEN.sub("\x02", text)
    return [words[max(0, found.start() - 20) : found.end()] for found in LOOSE.finditer(words)]


def test_the_spaces_before_high_signs_do_not_break():
    found = {page.name: loose(page.read_text(encoding="utf-8")) for page in PAGES}

    assert {name: lines for name, lines in found.items() if lines} == {}
    assert len(PAGES) > 100


def test_a_loose_space_is_seen():
    assert loose("<p>{{ name }} : rien</p>") == ["\x02\x02 :"]
    assert loose("<p>C’est vous\u202f? « Oui »</p>") != []
    assert loose("<a href='x'>Rien\u202f: «\u202fOui\u202f»</a>") == []
