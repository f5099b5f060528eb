"""What is said of an alert, to the person it is about or to others. Pure."""

from collections.abc import Mapping

from encaisse.security.core import RULES, Kind


class _Facts(dict[str, str]):
    """What a sentence is told; what was erased since is said to be."""

    def __missing__(self, _name: str) -> str:
        return "(effacé)"


def sentence_for(kind: Kind, facts: Mapping[str, str], *, is_own: bool) -> str:
    """Return the sentence that says what happened, to the person it is about or to others."""
    rule = RULES[kind]
    return (rule.own if is_own and rule.own else rule.sentence).format_map(_Facts(facts))
