"""Reading a request's fields: each one is checked, and each refusal says which and why."""

from unicodedata import category
from urllib.parse import urlsplit

from encaisse_sandbox.errors import invalid
from encaisse_sandbox.records import Json

_ABSENT = object()
# Control characters and lone surrogates: neither XML nor UTF-8 can carry them.
_UNWRITABLE = frozenset({"Cc", "Cs"})


class Fields:
    """The JSON object of a request."""

    def __init__(self, values: Json) -> None:
        self._values = values

    def text(self, name: str, *, maximum: int = 500, default: str | None = None) -> str:
        """Return a text; without a default it must be there and not empty."""
        value = self._values.get(name)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or not (value or default is not None):
            raise invalid(f"{name} must be a text.")
        if len(value) > maximum:
            raise invalid(f"{name} is longer than {maximum} characters.")
        if any(category(character) in _UNWRITABLE for character in _without_breaks(value)):
            raise invalid(f"{name} holds a character that cannot be written.")
        return value

    def optional_text(self, name: str, *, maximum: int = 500) -> str | None:
        """Return a text, or None when it is absent."""
        if self._values.get(name) is None:
            return None
        return self.text(name, maximum=maximum)

    def integer(
        self, name: str, *, minimum: int, maximum: int = 10**12, default: int | None = None
    ) -> int:
        """Return an integer between two bounds, both included."""
        value = self._values.get(name, _ABSENT)
        if value is _ABSENT and default is not None:
            return default
        if type(value) is not int or not minimum <= value <= maximum:
            raise invalid(f"{name} must be an integer between {minimum} and {maximum}.")
        return value

    def optional_integer(self, name: str, *, minimum: int) -> int | None:
        """Return an integer, or None when it is absent."""
        if self._values.get(name) is None:
            return None
        return self.integer(name, minimum=minimum)

    def number(self, name: str, *, maximum: float) -> float:
        """Return a number between zero, which stands for its absence, and a maximum."""
        value = self._values.get(name, 0)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise invalid(f"{name} must be a number.")
        if not 0 <= value <= maximum:
            raise invalid(f"{name} must be between 0 and {maximum}.")
        return value

    def boolean(self, name: str, *, default: bool = False) -> bool:
        """Return true or false."""
        value = self._values.get(name, default)
        if not isinstance(value, bool):
            raise invalid(f"{name} must be true or false.")
        return value

    def choice(self, name: str, choices: tuple[str, ...], *, default: str | None = None) -> str:
        """Return one of the texts allowed."""
        value = self._values.get(name, default)
        if not isinstance(value, str) or value not in choices:
            raise invalid(f"{name} must be one of {', '.join(choices)}.")
        return value

    def address(self, name: str) -> str:
        """Return an http or https address."""
        value = self.text(name, maximum=2000)
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise invalid(f"{name} must be an http or https address.")
        return value

    def names(self) -> list[str]:
        """Return the names of every field."""
        return list(self._values)

    def texts(self, name: str) -> list[str]:
        """Return a list of texts, empty when it is absent."""
        value = self._values.get(name) or []
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise invalid(f"{name} must be a list of texts.")
        return value

    def child(self, name: str) -> "Fields | None":
        """Return a nested object, or None when it is absent."""
        value = self._values.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise invalid(f"{name} must be an object.")
        return Fields(value)


def _without_breaks(text: str) -> str:
    return text.translate({ord(character): None for character in "\n\r\t"})
