"""Who gets a digest of what: `subscribers.yml` in PAPERHOUSE_HOME."""

from email.headerregistry import Address
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from warehouse.errors import UsageError
from warehouse.settings import Settings

Every = Literal["day", "week"]


class Subscriber(BaseModel):
    """One address and its filters: a paper is sent where any of them matches; without any, all are."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    email: str
    every: Every = "day"
    keywords: list[str] = []  # words of title or abstract
    datasets: list[str] = []  # that the paper claims numbers on
    authors: list[str] = []  # full names

    @property
    def has_filters(self) -> bool:
        return bool(self.keywords or self.datasets or self.authors)

    def joined(self, other: "Subscriber") -> "Subscriber":
        """This one, who also gets what the other does."""
        names = ("keywords", "datasets", "authors")
        is_for_all = not (self.has_filters and other.has_filters)
        return self.model_copy(
            update={name: [] if is_for_all else [*getattr(self, name), *getattr(other, name)] for name in names}
        )

    @field_validator("email")
    @classmethod
    def _is_an_address(cls, email: str) -> str:
        if "@" not in email or not Address(addr_spec=email).domain:
            raise ValueError(f"'{email}' is no e-mail address")
        return email


class MailingList(BaseModel):
    """Who sends, what the list is called, where to unsubscribe (a mailto: or https: URL), and who gets it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sender: str
    list_id: str
    unsubscribe: str
    subscribers: list[Subscriber]

    @property
    def readers(self) -> list[Subscriber]:
        """The subscribers, each address and period once: its filters are those of all its entries, and none where one
        entry has none."""
        merged: dict[tuple[str, Every], Subscriber] = {}
        for each in self.subscribers:
            key = (each.email.casefold(), each.every)
            merged[key] = merged[key].joined(each) if key in merged else each
        return list(merged.values())

    @field_validator("unsubscribe")
    @classmethod
    def _is_hint(cls, url: str) -> str:
        if not url.startswith(("mailto:", "https://")):
            raise ValueError("'unsubscribe' must be a mailto: or https: URL")
        return url


def read_subscriber(settings: Settings, email: str) -> tuple[MailingList, Subscriber]:
    """The list and its subscriber of that address. Raises UsageError where there is none."""
    mails = read_mailing_list(settings)
    found = [each for each in mails.readers if each.email.casefold() == email.casefold()] if mails else []
    if mails is None or not found:
        raise UsageError(f"{settings.subscribers_file} has no subscriber {email}", "docs/readers.md shows such a file.")
    return mails, found[0]


def read_mailing_list(settings: Settings) -> MailingList | None:
    """The list, or None where there is no such file. Raises UsageError where it cannot be read."""
    if not settings.subscribers_file.exists():
        return None
    try:
        return MailingList.model_validate(yaml.safe_load(settings.subscribers_file.read_text("utf-8")))
    except (ValidationError, yaml.YAMLError) as error:
        raise UsageError(
            f"{settings.subscribers_file} cannot be read: {error}", "docs/readers.md shows one."
        ) from error
