"""A real SMTP server, in a thread of its own, with one box for all letters."""

import email
import email.policy
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage

from aiosmtpd.controller import Controller

from tests.ports import free_port


class Box:
    """What the server does with a letter: keep it, refuse it, or hang up after it has it."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.refused: set[str] = set()
        self.hangs_up_after: int | None = None
        self.letters_a_connection: int | None = None  # after that it says 421 and closes
        self.port = free_port()

    async def handle_MAIL(self, server, session, envelope, address, mail_options):  # noqa: N802
        session.mails = getattr(session, "mails", 0) + 1
        if self.letters_a_connection is not None and session.mails > self.letters_a_connection:
            await server.push("421 too many letters in this connection")
            server.transport.close()
            return None
        envelope.mail_from = address
        envelope.mail_options.extend(mail_options)
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: ARG002, N802 - aiosmtpd names it, and its arguments
        if address in self.refused:
            return "550 no such box"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: ARG002, N802
        self.letters.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        if self.hangs_up_after == len(self.letters):
            server.transport.abort()
        return "250 OK"

    @property
    def connection(self) -> dict[str, object]:
        """As Airflow's connections are written."""
        return {
            "conn_type": "smtp",
            "host": "127.0.0.1",
            "port": self.port,
            "extra": {"disable_ssl": True, "disable_tls": True},
        }


@contextmanager
def mail_server() -> Iterator[Box]:
    box = Box()
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    yield box
    controller.stop()


def text(letter: EmailMessage) -> str:
    """Its plain text."""
    return letter.get_body(("plain",)).get_content()
