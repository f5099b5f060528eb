"""The one hierarchy of expected failures. The code is a contract with whoever reads our answers."""

from datetime import date
from typing import ClassVar

from encaisse.kernel.language import Language


class DomainError(Exception):
    """Something that can be expected went wrong."""

    code: ClassVar[str] = "domain_error"
    status: ClassVar[int] = 400
    french: ClassVar[str] = "La demande ne peut pas aboutir."

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(self.detail)

    @property
    def detail(self) -> str:
        """Return the English sentence, for developers and English-speaking payers."""
        template = (type(self).__doc__ or "").strip().split("\n", 1)[0]
        return template.format_map(self._said_in(Language.ENGLISH))

    @property
    def message(self) -> str:
        """Return the French sentence shown to people."""
        return self.french.format_map(self._said_in(Language.FRENCH))

    def _said_in(self, language: Language) -> dict[str, object]:
        return {
            name: language.day(fact) if isinstance(fact, date) else fact
            for name, fact in self.facts.items()
        }


def every_error() -> set[type[DomainError]]:
    """Return the errors of whatever is loaded, the hierarchy's own head among them."""
    return _with_children(DomainError)


def _with_children(parent: type[DomainError]) -> set[type[DomainError]]:
    return {parent}.union(*(_with_children(child) for child in parent.__subclasses__()))


class NotFound(DomainError):
    """Nothing here bears this identifier."""

    code = "not_found"
    status = 404
    french = "Cet élément n’existe pas, ou vous n’y avez pas accès."


class Invalid(DomainError):
    """A value was refused: {reason}."""

    code = "invalid"
    status = 422
    french = "Une valeur a été refusée : {reason}."
