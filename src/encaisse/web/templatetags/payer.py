"""Small words for the payer's templates."""

from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString

from encaisse.kernel.money import Money
from encaisse.web.payer.words import Words

register = template.Library()


@register.simple_tag
def money(words: Words, amount: Money) -> str:
    """Print an amount in the payer's language."""
    return words.money(amount)


@register.simple_tag
def minor(words: Words, amount_minor: int) -> str:
    """Print an amount given in minor units."""
    return words.money(Money(amount_minor))


@register.simple_tag
def fill(sentence: str, **values: str) -> SafeString:
    """Fill the fields of a sentence; what fills them is escaped."""
    return format_html(escape(sentence), **values)
