"""Addresses of e-mail that live ten minutes."""

# Kept short on purpose: the services seen most often, their own second names included. A domain
# that is missing costs one hint among forty; one listed by mistake would accuse honest people.
_DISPOSABLE = frozenset(
    {
        "10minutemail.com", "20minutemail.com", "33mail.com", "anonbox.net", "burnermail.io",
        "byom.de", "discard.email", "dispostable.com", "dropmail.me", "emailondeck.com",
        "fakeinbox.com", "getairmail.com", "getnada.com", "grr.la", "guerrillamail.biz",
        "guerrillamail.com", "guerrillamail.de", "guerrillamail.info", "guerrillamail.net",
        "guerrillamail.org", "guerrillamailblock.com", "harakirimail.com", "inboxbear.com",
        "jetable.com", "jetable.net", "jetable.org", "mail-temporaire.com",
        "mail-temporaire.fr", "mailcatch.com", "maildrop.cc", "mailinator.com",
        "mailinator.net", "mailnesia.com", "mailsac.com", "minutemail.com", "mohmal.com",
        "moakt.com", "mytemp.email", "nada.email", "sharklasers.com", "spam4.me", "spambox.us",
        "spamgourmet.com", "temp-mail.io", "temp-mail.org", "tempail.com", "tempmail.com",
        "tempmail.dev", "tempmail.net", "tempmailo.com", "throwawaymail.com", "trash-mail.com",
        "trashmail.com", "trashmail.de", "trashmail.net", "yopmail.com", "yopmail.fr",
        "yopmail.net",
    }
)  # fmt: skip


def is_disposable(domain: str) -> bool:
    """Tell whether a domain, or one above it, gives out addresses meant to be thrown away."""
    labels = domain.lower().rstrip(".").split(".")
    return any(".".join(labels[start:]) in _DISPOSABLE for start in range(len(labels) - 1))
