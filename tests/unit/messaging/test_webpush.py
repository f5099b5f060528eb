"""Push messages: the example of RFC 8291, and what a push service is told of us."""

import json
from datetime import UTC, datetime

import pytest

from encaisse.kit.p256 import from_base64, is_signed, loaded, new_key, point, to_base64
from encaisse.messaging.webpush import (
    LARGEST_CONTENT,
    NotASubscription,
    Subscription,
    authorization,
    encrypted,
)

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
# RFC 8291, appendix A.
BROWSER = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH, SALT = "BTBZMqHH6r4Tts7J_aSIgg", "DGv6ra1nlYgDCS1FRnbzlw"
SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS"
    "6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qu"
    "lcy4a-fN"
)


def subscription(endpoint="https://push.example/one"):
    return Subscription.parse(endpoint=endpoint, p256dh=BROWSER, auth=AUTH)


def test_the_example_of_the_standard_is_written_to_the_byte():
    sender = loaded(from_base64(SENDER).hex())

    body = encrypted(
        b"When I grow up, I want to be a watermelon",
        subscription(),
        salt=from_base64(SALT),
        sender=sender,
    )

    assert to_base64(body) == BODY


def test_the_largest_message_fits_in_what_a_service_takes():
    body = encrypted(b"x" * LARGEST_CONTENT, subscription(), salt=b"s" * 16, sender=new_key())

    assert len(body) == 4096
    with pytest.raises(ValueError, match="less"):
        encrypted(b"x" * (LARGEST_CONTENT + 1), subscription(), salt=b"s" * 16, sender=new_key())


def test_a_service_can_tell_who_sends_and_until_when():
    key = new_key()

    header = authorization(
        "https://push.example:8443/one?a=1", key=key, contact="mailto:a@b.fr", real_now=NOW
    )

    token, shown = header.removeprefix("vapid t=").split(", k=")
    signed, _, signature = token.rpartition(".")
    head, claims = (json.loads(from_base64(part)) for part in signed.split("."))
    assert head == {"typ": "JWT", "alg": "ES256"}
    assert claims["aud"] == "https://push.example:8443"
    assert claims["sub"] == "mailto:a@b.fr"
    assert 0 < claims["exp"] - NOW.timestamp() <= 24 * 3600
    assert from_base64(shown) == point(key)
    assert is_signed(signed.encode(), from_base64(signature), by=from_base64(shown))


@pytest.mark.parametrize(
    "wrong",
    [{"p256dh": BROWSER[:-4]}, {"p256dh": to_base64(b"\x04" + b"\x01" * 64)}, {"p256dh": "é"},
     {"auth": "AAAA"}, {"auth": "*"}, {"endpoint": "nowhere"}, {"endpoint": ""}],
)  # fmt: skip
def test_what_no_browser_gave_is_refused(wrong):
    given = {"endpoint": "https://push.example/one", "p256dh": BROWSER, "auth": AUTH}

    with pytest.raises(NotASubscription):
        Subscription.parse(**(given | wrong))


def test_a_subscription_is_kept_and_read_again():
    assert Subscription.load(subscription().dump()) == subscription()
