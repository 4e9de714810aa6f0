"""Secrets that this process has seen: they are taken out of every message and log line."""

import re

_SECRETS: set[str] = set()
_PASSWORD = re.compile(r"password\s*=\s*('(?:[^'\\]|\\.)*'|\S+)|(?<=:)([^:/@\s]+)(?=@)", re.I)
_SHORTEST = 4  # characters: a shorter one stands in half of all words


def remember_secret(secret: str) -> None:
    """From now on `redact` takes it out. Of a connection string it is the password."""
    passwords = [(first or second).strip("'") for first, second in _PASSWORD.findall(secret)]
    _SECRETS.update(each for each in passwords or [secret] if len(each) >= _SHORTEST)


def redact(text: str) -> str:
    """The text with *** in place of each secret.

    >>> remember_secret("postgres:host=127.0.0.1 password=so-secret")
    >>> redact("no server at host=127.0.0.1 password=so-secret")
    'no server at host=127.0.0.1 password=***'
    """
    for secret in sorted(_SECRETS, key=len, reverse=True):
        text = text.replace(secret, "***")
    return text
