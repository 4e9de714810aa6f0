"""The config of a source, as its YAML gives it. Every field is typed: one that is unknown, missing or of another type
is an error when the YAML is read, which names the file and the field."""

import re
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field


class Section(BaseModel):
    """A part of the YAML."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Freshness(Section):
    warn_after_days: int = Field(description="Days without a load after which the source is late.")
    error_after_days: int = Field(description="Days without a load after which it is overdue.")


class Trust(Section):
    text: int = Field(description="Of the sources that know a paper, the highest gives its title and abstract.")
    dates: int = Field(description="Of the sources that know a paper, the highest gives its days.")


class Assertions(Section):
    min_papers: int = Field(description="The fewest papers of a batch.")
    max_papers: int = Field(description="The most papers of a batch.")
    max_reject_share: float = Field(description="The largest share of entries that may be rejects, from 0 to 1.")
    max_null_abstract_share: float = Field(description="The largest share of papers without an abstract.")
    allows_lists_without_abstracts: bool = Field(
        False, description="Whether a file may have no abstract at all: it did not lose any."
    )
    tolerated_rejects: int = Field(0, description="The number of rejects that do not count for the share.")

    def reject_share(self, reject_count: int, entry_count: int) -> float:
        return max(0, reject_count - self.tolerated_rejects) / max(1, entry_count)


class Limits(Section):
    unpacked_max_bytes: int = Field(20_000_000_000, description="The most bytes that a packed file may hold.")
    line_max_characters: int = Field(20_000, description="The longest line of a page of text.")
    title_max_characters: int = Field(300, description="A longer line of a page of text is an abstract.")


class ListedPapers(Section):
    """Which papers a live source is asked for one by one, in place of days: see warehouse/steps/fetch_papers.py."""

    listed_days: int = Field(description="Papers that a list had in so many days before the newest list.")
    most: int = Field(description="The most papers of a refresh, those with the most upvotes first.")
    again_after_days: int = Field(description="Days before a paper is asked for again.")
    otherwise: str | None = Field(None, description="The source that is asked where this one does not have a paper.")


class Live(Section):
    """How the source is read from the network, see transforms/formats/paging.py."""

    schedule: str = Field(description="When its DAG runs, as cron has it, in UTC.")
    url: str = Field(description="The address that is asked; {arxiv_id} stands for a paper's.")
    content_types: list[str] = Field(description="The content types that an answer may have.")
    requests_per_second: float = Field(description="The most requests in a second.")
    lag_days: int = Field(
        0, description="Days between the last day of a scheduled refresh and the day that it runs on."
    )
    overlap_days: int = Field(0, description="Days that a refresh fetches again before the end of the last one.")
    page_size: int = Field(0, description="Entries of a page.")
    categories: list[str] = Field([], description="The categories that are asked for.")
    set: str | None = Field(None, description="The set of OAI-PMH that is asked for.")
    empty_days: list[str] = Field([], description="Days of the week that may bring nothing.")
    papers: ListedPapers | None = Field(None, description="Which papers are asked for, in place of days.")


class SourceConfig(Section):
    name: str = Field(description="The name of the YAML file; it is taken from there and not written into it.")
    title: str = Field(description="The name for people.")
    publisher: str = Field(description="Who publishes it.")
    url: str = Field(description="Where people find it.")
    licence: str = Field(description="Under which licence its records are.")
    description: str = Field(description="What it has, and how its files come to be.")
    formats: dict[str, list[str]] = Field(
        description="Each format that the parser names, with the upstream fields without which no file is of it."
    )
    file_patterns: list[str] = Field(description="The names of files that are taken from a folder.")
    bundled_files: int = Field(
        1, description="The most files that land together as one batch: of a source of many small ones."
    )
    file_name: str | None = Field(
        None, description="A pattern of a file's name, whose groups `venue` and `venue_year` hold for its papers."
    )
    venues: list[str] = Field([], description="Venues of file names as they are written; others are in capitals.")
    freshness: Freshness = Field(description="When the source is late.")
    trust: Trust = Field(description="Its rank among the sources that know a paper.")
    assertions: Assertions = Field(description="The bounds that a batch must keep.")
    lookups: Section = Field(Section(), description="The lists of words and patterns that its parser names.")
    limits: Limits = Field(Limits(), description="How much of a file is read.")
    live: Live | None = Field(None, description="How it is read from the network; without it, it is read from files.")

    def venue_of(self, file_name: str) -> tuple[str | None, int | None]:
        """(venue, year) of the papers of a file, by its name."""
        match = re.match(self.file_name, file_name, re.I) if self.file_name else None
        if not match:
            return None, None
        known = {re.sub(r"\W", "", name).casefold(): name for name in self.venues}
        return known.get(match["venue"].casefold(), match["venue"].upper()), int(match["venue_year"])

    def lacking_fields(self, format_name: str, upstream_fields: Mapping[str, Mapping[str, int]]) -> list[str]:
        """The fields that a file of the format must have, and no entry has with a value."""
        needed = self.formats.get(format_name, [])
        return [name for name in needed if set(upstream_fields.get(name, {})) <= {"null"}]
