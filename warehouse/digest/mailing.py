"""Sends the digests: to each subscriber at most one a day or week, and nothing twice, whatever happens in between."""

import hashlib
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cache
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPServerDisconnected
from typing import Any

import duckdb

from warehouse.clock import now
from warehouse.digest.courier import UnsentError
from warehouse.digest.letters import Digest, Mark, as_html, as_text, digest, mark, start_mark
from warehouse.digest.subscribers import Every, MailingList, Subscriber, read_mailing_list
from warehouse.errors import StepError, UsageError
from warehouse.log import logged
from warehouse.publishing.changes import read_changes
from warehouse.settings import Settings
from warehouse.storage.publication import list_kept_versions, open_publication, published_at

# A letter is noted before it goes out: where a run dies in between, it is unknown whether it arrived, and it is not
# sent again.
_TABLES = """
create table if not exists letters (email text, every text, period text, state text, at text, primary key (email,
every, period));
create table if not exists marks (
    email text, every text, period text, loaded_until text, landed_until text, primary key (email, every, period)
);
create table if not exists told (email text, key text, period text, primary key (email, key));
"""


_THIS = "(email, every, period) = (?, ?, ?)"


@dataclass
class Sent:
    """addresses: whom a letter went to; failures: who did not get theirs, and why; is_hung_up: the connection is of no
    more use."""

    addresses: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    is_hung_up: bool = False


def send_digests(settings: Settings, deliver: Callable[[EmailMessage], object]) -> Sent:
    """Writes to each subscriber who has had no letter for this day or week, and for whom the publication has news.

    deliver: hands one message to a mail server. Raises StepError where some could not be delivered, after all others
    were.
    """
    mails = read_mailing_list(settings)
    sent = Sent()
    if mails is None:
        return sent
    with logged(settings, "digest") as entry, _ledger(settings) as ledger, open_publication(settings) as connection:
        changes = cache(lambda: read_last_changes(settings, connection))  # once, and only for who gets a letter
        for subscriber in mails.readers:
            _write_to(subscriber, mails, connection, changes, ledger, deliver, sent)
            if sent.is_hung_up:
                break
        entry.update(sent=len(sent.addresses), failed=len(sent.failures))
    if sent.failures:
        raise StepError("; ".join(sent.failures), "The next try sends them their digest; no one gets it twice.")
    return sent


def read_last_changes(settings: Settings, connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """What changed since the oldest publication that is kept and can be compared with this one; what letters told of it
    they do not tell again."""
    version, _ = published_at(connection)
    for old in list_kept_versions(settings):
        if old < version:
            with suppress(UsageError):
                changes: list[dict[str, Any]] = read_changes(settings, old, version)["changes"]
                return changes
    return []


def _write_to(
    subscriber: Subscriber, mails: MailingList, connection: duckdb.DuckDBPyConnection,
    changes: Callable[[], list[dict[str, Any]]], ledger: sqlite3.Connection,
    deliver: Callable[[EmailMessage], object], sent: Sent,
) -> None:  # fmt: skip
    address = subscriber.email.casefold()  # one reader, however the list writes the address
    mail = (address, subscriber.every, current_period(subscriber.every))
    sent_keys = {key for (key,) in ledger.execute("select key from told where email = ?", (address,))}
    if ledger.execute(f"select 1 from letters where {_THIS}", mail).fetchone():
        return
    last = _last_mark(ledger, address, subscriber.every)
    news = digest(connection, subscriber, sent_keys, last, changes())
    # What a letter had no room for stays news: the next one begins where this one began, and no paper is told twice.
    until = mark(connection) if not news.left_count else last or start_mark(connection, subscriber.every)
    if not news.keys or not _noted(ledger, mail, news.keys, until):
        return
    try:
        deliver(write_letter(mails, subscriber, mail[2], news))
    except SMTPServerDisconnected as error:
        sent.failures.append(
            f"{subscriber.email}: the mail server hung up; the letter may have arrived, and is not sent again: {error}"
        )
        sent.is_hung_up = True
    except (SMTPException, OSError) as error:
        with ledger:
            for table in ("letters", "marks"):
                ledger.execute(f"delete from {table} where {_THIS}", mail)
            ledger.execute("delete from told where email = ? and period = ?", (address, mail[2]))
        sent.failures.append(f"{subscriber.email}: {error}")
        sent.is_hung_up = _closes_connection(error)
    else:
        with ledger:
            ledger.execute(f"update letters set state = 'sent' where {_THIS}", mail)
        sent.addresses.append(subscriber.email)


def _closes_connection(error: Exception) -> bool:
    """Whether the server said 421: it closes the connection, and who comes next is not heard."""
    if isinstance(error, UnsentError) or not isinstance(error, SMTPException):
        return False
    codes = [code for code, _ in error.recipients.values()] if isinstance(error, SMTPRecipientsRefused) else []
    return 421 in (*codes, getattr(error, "smtp_code", None))


def _last_mark(ledger: sqlite3.Connection, address: str, every: Every) -> Mark | None:
    """The loads and landings that the reader's last letter covered; None before the first."""
    query = "select loaded_until, landed_until from marks where (email, every) = (?, ?) order by rowid desc limit 1"
    found = ledger.execute(query, (address, every)).fetchone()
    return found and Mark(*map(datetime.fromisoformat, found))


def _noted(ledger: sqlite3.Connection, mail: tuple[str, str, str], keys: list[str], until: Mark) -> bool:
    """Records the letter, its contents and what it covers; False where another run has noted it before."""
    with ledger:
        if not ledger.execute(
            "insert or ignore into letters values (?, ?, ?, 'sending', ?)", (*mail, now().isoformat())
        ).rowcount:
            return False
        ledger.execute(
            "insert into marks values (?, ?, ?, ?, ?)",
            (*mail, until.loaded_until.isoformat(), until.landed_until.isoformat()),
        )
        ledger.executemany("insert into told values (?, ?, ?)", [(mail[0], key, mail[2]) for key in keys])
        return True


def write_letter(mails: MailingList, subscriber: Subscriber, period: str, news: Digest) -> EmailMessage:
    """The message, plain and HTML. The same subscriber and period have the same Message-ID."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = mails.sender, subscriber.email, news.subject
    message["Date"] = format_datetime(now())
    name = hashlib.sha256(f"{subscriber.email.casefold()} {subscriber.every} {period}".encode()).hexdigest()[:24]
    message["Message-ID"] = f"<{name}@{mails.list_id}>"
    message["List-Id"] = f"<{mails.list_id}>"
    message["List-Unsubscribe"] = f"<{mails.unsubscribe}>"
    if mails.unsubscribe.startswith("https:"):
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["Auto-Submitted"] = "auto-generated"
    message["Precedence"] = "list"
    message.set_content(as_text(news, mails.unsubscribe))
    message.add_alternative(as_html(news, mails.unsubscribe), subtype="html")
    return message


def current_period(every: Every) -> str:
    """The day, or the ISO week, that it is in UTC: '2026-03-09', '2026-W11'."""
    return f"{now():%Y-%m-%d}" if every == "day" else f"{now():%G-W%V}"


@contextmanager
def _ledger(settings: Settings) -> Iterator[sqlite3.Connection]:
    """The ledger of letters and their contents: for one run at a time."""
    settings.home.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(settings.digest_ledger, timeout=settings.lock_timeout_seconds)) as ledger:
        ledger.executescript(_TABLES)
        _fold_addresses(ledger)
        yield ledger


def _fold_addresses(ledger: sqlite3.Connection) -> None:
    """Before 0.4 the ledger had addresses as the list wrote them."""
    with ledger:
        for table in ("letters", "marks", "told"):
            for (email,) in ledger.execute(f"select distinct email from {table}").fetchall():
                if email != email.casefold():
                    ledger.execute(f"update or ignore {table} set email = ? where email = ?", (email.casefold(), email))
                    ledger.execute(f"delete from {table} where email = ?", (email,))
