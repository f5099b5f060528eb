"""Domains of e-mail that say nothing of who writes: thrown away, or shared by millions."""

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


# Where anybody opens a mailbox: such a domain names nobody.
_SHARED = frozenset(
    {
        "aol.com", "bbox.fr", "club-internet.fr", "free.fr", "gmail.com", "gmx.com", "gmx.fr",
        "googlemail.com", "hotmail.com", "hotmail.fr", "icloud.com", "laposte.net", "live.com",
        "live.fr", "mac.com", "mail.com", "me.com", "msn.com", "neuf.fr", "numericable.fr",
        "orange.fr", "outlook.com", "outlook.fr", "pm.me", "proton.me", "protonmail.com",
        "sfr.fr", "wanadoo.fr", "yahoo.com", "yahoo.fr", "ymail.com", "zoho.com",
    }
)  # fmt: skip


def is_shared(domain: str) -> bool:
    """Tell whether anybody may have an address there, so that listing it would mean everybody."""
    return domain.lower().rstrip(".") in _SHARED


def is_disposable(domain: str) -> bool:
    """Tell whether a domain, or one above it, gives out addresses meant to be thrown away."""
    labels = domain.lower().rstrip(".").split(".")
    return any(".".join(labels[start:]) in _DISPOSABLE for start in range(len(labels) - 1))
