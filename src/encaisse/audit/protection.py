"""What the tables of this package hold once the disk is stolen."""

from encaisse.kit.at_rest import clear, declare, digest, sealed_for_subject

declare(
    "audit_auditentry",
    clear(
        "Identifiers and words of ours: who did what to which object.", "actor", "action", "target"
    ),
    digest("The chain, and the salted digest of the facts.", "payload_digest", "digest"),
)
declare(
    "audit_auditpayload",
    clear("Whose key seals the facts: a kind and an identifier.", "subject"),
    sealed_for_subject("What was done, in detail.", "sealed"),
)
declare(
    "audit_auditcheckpoint",
    digest("The end of the chain, its signature and the public key.", "head", "signature"),
    digest("Public by nature.", "public_key"),
)
declare("audit_audithead", digest("The end of the chain.", "digest"))
