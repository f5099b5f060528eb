"""What a command prints: progress for people, one JSON document for programs."""

import json
import sys
from collections.abc import Mapping

# How a line of progress begins: whoever started the program shows it too.
PROGRESS = "  … "
# How a step of a story begins.
STEP = "  · "


def say(line: str) -> None:
    """Print a line for people where it never mixes with a JSON document."""
    print(line, file=sys.stderr, flush=True)


def print_document(schema: str, *, ok: bool, content: Mapping[str, object]) -> None:
    document = {"schema": schema, "ok": ok, **content}
    print(json.dumps(document, ensure_ascii=False, default=str), flush=True)
