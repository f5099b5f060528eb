"""The simulated telephone: text messages, whoever they are for."""

from encaisse_sandbox.identifiers import new_id
from encaisse_sandbox.records import Json, Message
from encaisse_sandbox.world import World

# 06 39 98 xx xx is reserved for fiction in France (ARCEP decision 2018-0881).
PAYER_NUMBER = "+33639980042"


def send(world: World, recipient: str, text: str) -> Message:
    """Deliver a message at once."""
    message = Message(
        id=new_id("sms"),
        sequence=world.db.next_number("message"),
        recipient=recipient,
        text=text,
        sent_at=world.clock.stamp(),
    )
    world.db.insert(message)
    return message


def messages(
    world: World, *, recipient: str | None = None, since: str = "", limit: int = 50
) -> list[Message]:
    """Return messages, newest first."""
    return world.db.all(
        Message,
        "(? IS NULL OR recipient = ?) AND sent_at >= ? ORDER BY sequence DESC LIMIT ?",
        recipient,
        recipient,
        since,
        limit,
    )


def payload(message: Message) -> Json:
    """Return a message as the control plane shows it."""
    return {
        "id": message.id,
        "to": message.recipient,
        "text": message.text,
        "sent_at": message.sent_at,
    }
