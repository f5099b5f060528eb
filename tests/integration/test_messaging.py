"""Mail once, against mail servers that answer, refuse, wait or hang up."""

import email
import socket
import threading
from datetime import timedelta
from email import policy
from uuid import uuid4

import pytest
from aiosmtpd.controller import Controller
from django.db import connection, connections
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from encaisse.kernel.errors import Invalid
from encaisse.kit.files import store_file
from encaisse.kit.http import AskedInsideTransaction
from encaisse.kit.models import SubjectKey
from encaisse.kit.tenancy import acting_for
from encaisse.messaging import queries
from encaisse.messaging.core import Letter, MailState, header_text, server_of
from encaisse.messaging.gateway import MailNotTaken, MailOutcomeUnknown
from encaisse.messaging.models import OutboundMail
from encaisse.messaging.services import (
    LARGEST_ATTEMPT_COUNT,
    MailBeingSent,
    queue_mail,
    resume_mails,
    send_mail,
)
from factories.organizations import NOW, Firm

INJECTION = "Ann\r\nBcc: thief@example.test\r\n\r\nPay here"


class Mailbox:
    """A mail server that keeps what it accepts and answers as it is told."""

    def __init__(self) -> None:
        self.received = []
        self.answers = []

    async def handle_DATA(self, server, _session, envelope):  # noqa: N802  the library's name
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer == "hang up":
            self.received.append(envelope)
            server.transport.abort()
            return "250 OK"
        if answer.startswith("250"):
            self.received.append(envelope)
        return answer

    @property
    def messages(self):
        return [email.message_from_bytes(e.content, policy=policy.default) for e in self.received]


@pytest.fixture
def mailbox(settings):
    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.ENCAISSE_SMTP_URL = f"smtp://127.0.0.1:{controller.port}"
    settings.ENCAISSE_MAIL_FROM = "encaisse@payer.example"
    yield box
    controller.stop()


@pytest.fixture
def firm():
    return Firm()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def queue(firm, **values: object) -> OutboundMail:
    defaults = {
        "kind": "receipt",
        "object_id": uuid4(),
        "to": "camille@example.test",
        "subject": "Votre reçu",
        "text": "Merci, 120,00 € reçus.",
        "html": "<p>Merci, 120,00 € reçus.</p>",
        "attachments": [],
        "reply_to": "contact@plomberie.example",
        "sender_name": "Plomberie Martin",
        "now": NOW,
    }
    with acting_for(firm.id):
        mail = queue_mail(organization_id=firm.id, **{**defaults, **values})
        keep_from_workers(mail)
    return mail


def keep_from_workers(mail) -> None:
    """Journeys of the same run have a real worker on this database: these mails are not for it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET scheduled_at = 'infinity' WHERE args->>'mail_id' = %s",
            [str(mail.id)],
        )


def send(firm, mail, *, later: timedelta = timedelta()) -> None:
    send_mail(organization_id=firm.id, mail_id=mail.id, real_now=timezone.now() + later, now=NOW)


def stored(firm, mail) -> OutboundMail:
    with acting_for(firm.id):
        return OutboundMail.objects.get(id=mail.id)


def jobs_for(mail) -> int:
    return ProcrastinateJob.objects.filter(
        task_name="messaging.send_mail", args__mail_id=str(mail.id)
    ).count()


class TestQueueing:
    def test_the_same_thing_is_said_once(self, firm):
        subject = uuid4()

        first = queue(firm, object_id=subject)
        second = queue(firm, object_id=subject, text="Encore")

        assert second.id == first.id
        assert jobs_for(first) == 1

    def test_parallel_writers_make_one_mail(self, firm):
        subject = uuid4()
        found = []

        def write() -> None:
            found.append(queue(firm, object_id=subject).id)
            connections.close_all()

        threads = [threading.Thread(target=write) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(found) == 8
        assert len(set(found)) == 1

    def test_the_mail_and_its_job_leave_with_the_transaction(self, firm):
        with pytest.raises(RuntimeError), acting_for(firm.id):
            mail = queue(firm)
            raise RuntimeError

        assert jobs_for(mail) == 0
        with acting_for(firm.id):
            assert not queries.mails_about(
                organization_id=firm.id, object_id=mail.object_id
            ).exists()

    def test_nothing_is_kept_in_clear(self, firm):
        mail = stored(firm, queue(firm))

        row = b"".join(map(bytes, [mail.to_sealed, mail.subject_sealed, mail.letter_sealed]))

        assert b"camille" not in row
        assert "reçu".encode() not in row
        assert queries.recipient_of(mail) == "camille@example.test"
        assert queries.subject_of(mail) == "Votre reçu"

    @pytest.mark.parametrize(
        "address", ["camille", "a@example.test\r\nBcc: b@example.test", "a@b@c", "a b@c.test"]
    )
    def test_what_is_no_address_is_refused(self, firm, address):
        with pytest.raises(Invalid):
            queue(firm, to=address)

    def test_another_organization_sees_nothing(self, firm):
        mail = queue(firm)

        with acting_for(Firm().id):
            assert not OutboundMail.objects.filter(id=mail.id).exists()


class TestSending:
    def test_a_mail_says_who_sends_it_and_to_whom_to_answer(self, firm, mailbox):
        mail = queue(firm)

        send(firm, mail)

        (message,) = mailbox.messages
        assert str(message["From"]) == "Plomberie Martin <encaisse@payer.example>"
        assert str(message["Reply-To"]) == "Plomberie Martin <contact@plomberie.example>"
        assert str(message["Message-ID"]) == f"<{mail.id}@payer.example>"
        assert message["Auto-Submitted"] == "auto-generated"
        assert message.get_body(("plain",)).get_content().strip() == "Merci, 120,00 € reçus."
        assert stored(firm, mail).state == MailState.SENT
        assert stored(firm, mail).sent_at == NOW

    def test_a_mail_sent_is_not_sent_again(self, firm, mailbox):
        mail = queue(firm)

        send(firm, mail)
        send(firm, mail)

        assert len(mailbox.received) == 1

    def test_files_come_along(self, firm, mailbox):
        with acting_for(firm.id):
            file = store_file(
                organization_id=firm.id,
                kind="document",
                name="Facture\r\nX: 1.pdf",
                media_type="application/pdf",
                content=b"%PDF-1.7",
                now=NOW,
            )
        mail = queue(firm, attachments=[file.id])

        send(firm, mail)

        (attachment,) = mailbox.messages[0].iter_attachments()
        assert attachment.get_filename() == "Facture X: 1.pdf"
        assert attachment.get_content() == b"%PDF-1.7"

    def test_an_erased_file_ends_the_mail(self, firm, mailbox):
        with acting_for(firm.id):
            file = store_file(
                organization_id=firm.id, kind="document", name="a.pdf",
                media_type="application/pdf", content=b"%PDF", now=NOW,
            )  # fmt: skip
            mail = queue(firm, attachments=[file.id])
            SubjectKey.objects.filter(organization_id=firm.id, subject="files").delete()

        send(firm, mail)

        assert mailbox.received == []
        assert stored(firm, mail).state == MailState.FAILED
        assert stored(firm, mail).failure == "file_unreadable"

    def test_it_is_never_done_inside_a_transaction(self, firm, mailbox):
        mail = queue(firm)

        with pytest.raises(AskedInsideTransaction), acting_for(firm.id):
            send(firm, mail)

        assert mailbox.received == []


class TestNobodyAddsAHeader:
    @pytest.mark.parametrize("field", ["sender_name", "subject"])
    def test_a_line_break_stays_in_its_header(self, firm, mailbox, field):
        send(firm, queue(firm, **{field: INJECTION}))

        (message,) = mailbox.messages
        assert message["Bcc"] is None
        assert mailbox.received[0].rcpt_tos == ["camille@example.test"]
        assert message.get_body(("plain",)).get_content().startswith("Merci")

    @pytest.mark.parametrize("separator", ["\r\n", "\n", "\r", "\u2028", "\u2029", "\x85", "\x0b"])
    def test_every_line_break_is_a_space(self, separator):
        assert header_text(f"a{separator}b", largest=80) == "a b"

    def test_a_body_is_a_body(self, firm, mailbox):
        send(firm, queue(firm, text="Bonjour\r\n.\r\nMAIL FROM:<x@example.test>\r\n"))

        assert len(mailbox.received) == 1
        assert "MAIL FROM" in mailbox.messages[0].get_body(("plain",)).get_content()


class TestWhatCanGoWrong:
    def test_later_means_later(self, firm, mailbox):
        mailbox.answers = ["451 Greylisted"]
        mail = queue(firm)

        with pytest.raises(MailNotTaken):
            send(firm, mail)
        assert stored(firm, mail).state == MailState.QUEUED
        send(firm, mail)

        assert stored(firm, mail).state == MailState.SENT

    def test_never_means_never(self, firm, mailbox):
        mailbox.answers = ["550 No such person"]
        mail = queue(firm)

        send(firm, mail)
        send(firm, mail)

        assert mailbox.received == []
        assert (stored(firm, mail).state, stored(firm, mail).failure) == ("failed", "550")

    def test_no_server_means_nothing_was_sent(self, firm, settings):
        settings.ENCAISSE_SMTP_URL = f"smtp://127.0.0.1:{free_port()}"
        mail = queue(firm)

        with pytest.raises(MailNotTaken):
            send(firm, mail)

        assert stored(firm, mail).state == MailState.QUEUED

    def test_an_unknown_outcome_is_sent_again_with_the_same_message_id(self, firm, mailbox):
        mailbox.answers = ["hang up"]
        mail = queue(firm)

        with pytest.raises(MailOutcomeUnknown):
            send(firm, mail)
        assert stored(firm, mail).state == MailState.SENDING
        send(firm, mail)

        assert [str(m["Message-ID"]) for m in mailbox.messages] == [mail.message_id] * 2
        assert mailbox.received[0].content == mailbox.received[1].content
        assert stored(firm, mail).state == MailState.SENT

    def test_a_mail_in_other_hands_is_left_alone_until_they_are_dead(self, firm, mailbox):
        mail = queue(firm)
        with acting_for(firm.id):  # a process claimed it, then was killed
            OutboundMail.objects.filter(id=mail.id).update(
                state=MailState.SENDING, claimed_until=timezone.now() + timedelta(minutes=5)
            )

        with pytest.raises(MailBeingSent):
            send(firm, mail)
        send(firm, mail, later=timedelta(minutes=6))

        assert len(mailbox.received) == 1

    def test_it_is_given_up_in_the_end(self, firm, mailbox):
        mailbox.answers = ["451 Later"] * LARGEST_ATTEMPT_COUNT
        mail = queue(firm)

        for _ in range(LARGEST_ATTEMPT_COUNT - 1):
            with pytest.raises(MailNotTaken):
                send(firm, mail)
        send(firm, mail)

        assert (stored(firm, mail).state, stored(firm, mail).failure) == ("failed", "451")

    def test_a_mail_whose_job_died_is_resumed_once(self, firm, mailbox):
        mail = queue(firm)
        much_later = timezone.now() + timedelta(minutes=11)

        with acting_for(firm.id):
            counts = [resume_mails(organization_id=firm.id, real_now=much_later) for _ in range(2)]
            keep_from_workers(mail)

        assert counts == [1, 1]
        assert jobs_for(mail) == 2  # the first one, and a single one more
        assert resume_mails(organization_id=firm.id, real_now=timezone.now()) == 0


class TestServers:
    @pytest.mark.parametrize(
        ("url", "expected"),
        [
            ("smtp://mail.test:8002", ("mail.test", 8002, "", "")),
            ("smtp+starttls://a%40b:p%2Fw@mail.test", ("mail.test", 587, "starttls", "a@b")),
            ("smtps://mail.test", ("mail.test", 465, "tls", "")),
        ],
    )
    def test_an_address_says_how_to_connect(self, url, expected):
        server = server_of(url)

        assert (server.host, server.port, server.security, server.username) == expected

    @pytest.mark.parametrize("url", ["", "http://mail.test", "smtp://"])
    def test_another_address_is_refused(self, url):
        with pytest.raises(ValueError, match="smtp"):
            server_of(url)

    def test_a_letter_is_read_back_whole(self):
        letter = Letter("a\nb", "<p>é</p>", "", "Martin")

        assert Letter.from_text(letter.as_text()) == letter
