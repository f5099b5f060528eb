"""Handing a message to the mail server, with an outcome that is never guessed."""

import smtplib
import ssl
from email.message import EmailMessage

import structlog
from django.db import connection

from encaisse.kit.http import AskedInsideTransaction
from encaisse.messaging.core import SmtpServer

TIMEOUT_SECONDS = 20.0
_log = structlog.get_logger()


class MailNotTaken(Exception):
    """The server surely does not have the mail: no connection, or "later" (4xx)."""


class MailOutcomeUnknown(Exception):
    """The connection broke while the mail was handed over: the server may have it."""


class MailRefused(Exception):
    """The server refuses this mail for good (5xx): asking again would change nothing."""


def hand_over(message: EmailMessage, *, recipient: str, sender: str, server: SmtpServer) -> None:
    """
    Give one message to the mail server.

    :raises AskedInsideTransaction: a transaction is open
    :raises MailNotTaken: the server does not have it
    :raises MailOutcomeUnknown: nobody knows
    :raises MailRefused: it never will
    """
    if connection.in_atomic_block:
        raise AskedInsideTransaction(server.host)
    try:
        client = _connected(server)
    except (OSError, smtplib.SMTPException) as error:
        raise MailNotTaken(type(error).__name__) from error
    try:
        client.send_message(message, from_addr=sender, to_addrs=[recipient])
    except smtplib.SMTPRecipientsRefused as error:
        code, _reason = next(iter(error.recipients.values()))
        raise _refusal(code) from error
    except smtplib.SMTPResponseException as error:
        raise _refusal(error.smtp_code) from error
    except smtplib.SMTPNotSupportedError as error:
        raise MailRefused("international address") from error
    except (OSError, smtplib.SMTPException) as error:
        raise MailOutcomeUnknown(type(error).__name__) from error
    finally:
        _leave(client)


def _connected(server: SmtpServer) -> smtplib.SMTP:
    if server.security == "tls":
        client: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host,
            server.port,
            timeout=TIMEOUT_SECONDS,
            context=ssl.create_default_context(),
        )
    else:
        client = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_SECONDS)
    try:
        if server.security == "starttls":
            client.starttls(context=ssl.create_default_context())
        if server.username:
            client.login(server.username, server.password)
    except (OSError, smtplib.SMTPException):
        client.close()
        raise
    return client


def _refusal(code: int) -> MailNotTaken | MailRefused:
    return MailRefused(str(code)) if code >= 500 else MailNotTaken(str(code))


def _leave(client: smtplib.SMTP) -> None:
    """Say goodbye. What was answered before stands, whatever happens now."""
    try:
        client.quit()
    except (OSError, smtplib.SMTPException) as error:
        _log.info("smtp_goodbye_failed", error=type(error).__name__)
        client.close()
