"""Hands letters to a mail server, and knows whether a letter that failed can have arrived."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from smtplib import SMTP, SMTPException, SMTPServerDisconnected


class UnsentError(SMTPException):
    """The connection was lost before the server was given anything of the letter."""


class Courier:
    """Sends over one connection, and over a new one where that was lost, as servers limit letters and time of each.

    connect: makes a connection.
    """

    def __init__(self, connect: Callable[[], SMTP]) -> None:
        self._connect = connect
        self._client: SMTP | None = None

    def __enter__(self) -> "Courier":
        return self

    def __exit__(self, *_: object) -> None:
        if self._client:
            with suppress(SMTPException, OSError):
                self._client.quit()

    def deliver(self, message: EmailMessage) -> None:
        """Hands over a letter. Raises UnsentError where it was certainly not taken as the connection was lost twice,
        SMTPServerDisconnected where it may have arrived, and what smtplib raises where it was refused."""
        for is_last in (False, True):
            client = self._client = self._client or self._connect()
            with _noticing_data(client) as sent:
                try:
                    client.send_message(message)
                except (SMTPException, OSError) as error:
                    if _still_stands(client, error):
                        raise
                    self._client = None
                    if sent:
                        raise
                    if is_last:
                        raise UnsentError(f"the mail server closes the connection: {error}") from error
                else:
                    return


def _still_stands(client: SMTP, error: Exception) -> bool:
    """Whether the server refused a letter and is there for the next one."""
    return (
        client.sock is not None and isinstance(error, SMTPException) and not isinstance(error, SMTPServerDisconnected)
    )


@contextmanager
def _noticing_data(client: SMTP) -> Iterator[list[bool]]:
    """A list that is empty until the client begins to send a letter itself: smtplib does not say."""
    sent: list[bool] = []
    send_data = client.data

    def data(letter: object) -> object:
        sent.append(True)
        return send_data(letter)  # type: ignore[arg-type]

    client.data = data  # type: ignore[method-assign, assignment]
    try:
        yield sent
    finally:
        client.data = send_data  # type: ignore[method-assign]
