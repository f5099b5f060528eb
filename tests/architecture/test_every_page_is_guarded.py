"""Every address says who may open it, or why nobody is asked."""

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

# allauth's views ask for a session where one is needed.
GUARDED_ELSEWHERE = "allauth."
# The API asks every operation for a key and its scopes, which its own tests check.
API = "ninja"
# Doors of the outside: the signature of the message is the permission.
SIGNED_MESSAGES = {"webhook"}


def patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            if entry.app_name != API:
                yield from patterns(entry)
        else:
            yield entry


def is_guarded(pattern: URLPattern) -> bool:
    view = pattern.callback
    return (
        hasattr(view, "permission")
        or hasattr(view, "is_public")
        or view.__module__.startswith(GUARDED_ELSEWHERE)
        or pattern.name in SIGNED_MESSAGES
    )


def test_every_address_declares_who_may_open_it():
    unguarded = [str(found.pattern) for found in patterns(get_resolver()) if not is_guarded(found)]

    assert unguarded == []


def test_the_walk_sees_the_pages():
    names = {found.name for found in patterns(get_resolver())}

    assert {"home", "payment_refund", "payer_payment", "account_login"} <= names
