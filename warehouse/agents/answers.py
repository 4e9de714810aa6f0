"""What the tools answer. Every answer names the publication, and every row the ids and sentences that it rests on, so
that an agent can cite them."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Row(BaseModel):
    model_config = ConfigDict(extra="ignore")  # of the columns of a table, those that an agent needs


class Claim(Row):
    claim_id: str
    paper_id: str
    title: str | None = None
    evidence: str = Field(description="The sentence that the number stands in.")
    section: str
    char_start: int
    value_text: str
    value: float | None
    unit: str | None
    kind: str = Field(description="'level' or 'change'.")
    direction: str | None
    bound: str | None
    metric: str | None
    datasets: list[str] | None
    condition: str | None
    subject: str | None = Field(description="Whose number it is, such as 'proposed'.")
    confidence: float
    verdict: str | None = Field(description="What a person said of it, where one did.")


class Entry(Row):
    rank: int | None = Field(description="None for what is less sure, of people, or a baseline.")
    task: str | None
    dataset: str
    metric: str
    condition: str | None
    model: str | None
    value: float
    value_text: str
    unit: str | None
    higher_is_better: bool | None
    evidence_kind: str = Field(
        description="'reported' by a leaderboard, a 'claim' of the abstract, 'both', or 'table'."
    )
    evidence: str | None
    confidence: float | None
    is_sure: bool
    published_on: date | None = Field(description="The first day of the month, where only the month is known.")
    title: str | None
    paper_id: str | None
    claim_id: str | None
    result_id: str | None
    cell_id: str | None


class Link(Row):
    link_id: str
    url: str | None
    kind: str | None
    availability: str | None = Field(description="What the paper says of it.")
    state: str | None = Field(description="What its host answered, where it was asked.")
    last_checked_at: datetime | None


class TableResult(Row):
    task: str | None
    dataset: str | None
    metric: str | None
    condition: str | None
    model: str | None
    value_text: str | None
    row_confidence: float | None
    table_number: int | None
    cell_id: str | None


class Paper(Row):
    paper_id: str
    title: str | None
    abstract: str | None
    authors: list[str] | None
    arxiv_id: str | None
    doi: str | None
    published_on: date | None
    published_precision: str | None
    venue: str | None
    is_withdrawn: bool
    claims: list[Claim]
    table_results: list[TableResult]
    links: list[Link]


class Found(Row):
    paper_id: str
    title: str | None
    score: float
    claim_count: int
    repo_link_count: int


class FoundClaim(Row):
    claim_id: str
    paper_id: str
    title: str | None
    score: float
    evidence: str
    value_text: str
    metric: str | None
    datasets: list[str] | None
    confidence: float


class Evidence(Row):
    id: str
    kind: str = Field(description="'claim' or 'cell'.")
    paper_id: str
    title: str | None
    value_text: str
    metric: str | None
    dataset: str | None
    condition: str | None
    text: str = Field(description="The sentence of a claim; the caption of a cell's table.")
    place: str = Field(description="Section and characters of a claim; table, row, column, file and line of a cell.")
    confidence: float | None


class Disagreement(Row):
    paper_id: str
    title: str | None
    dataset: str
    metric: str | None
    claim_id: str
    claimed_text: str
    claim_evidence: str | None
    checked_against: str
    reported_text: str
    result_evidence: str | None
    result_url: str | None
    cell_id: str | None
    table_paper_id: str | None
    result_id: str | None


class Trend(Row):
    rank: int
    paper_id: str
    title: str | None
    upvote_gain: int | None
    as_of: date


class Table(Row):
    name: str
    description: str | None
    columns: list[str] = Field(description="Name, type and description of each.")


class Answer(BaseModel):
    publication: int = Field(description="The number of the publication that the answer is of.")
    published_at: datetime


class _Page(Answer):
    next_offset: int | None = Field(None, description="Ask again with this offset for what follows; None at the end.")


class Papers(_Page):
    papers: list[Found]


class FoundClaims(_Page):
    claims: list[FoundClaim]


class Claims(_Page):
    claims: list[Claim]


class Leaderboard(_Page):
    entries: list[Entry]
    others: list[str] = Field(description="Further leaderboards of the dataset: metric, condition, unit, task.")


class OnePaper(Answer):
    paper: Paper


class Comparison(Answer):
    papers: list[Paper]
    shared: list[str] = Field(description="What several of them measure: dataset, metric, condition, and their values.")


class OneEvidence(Answer):
    evidence: Evidence


class Disagreements(_Page):
    disagreements: list[Disagreement]


class Trending(Answer):
    papers: list[Trend]


class Rows(_Page):
    columns: list[str]
    rows: list[list[Any]]


class Schema(Answer):
    tables: list[Table]
    macros: list[str] = Field(description="Table macros: signature and what each gives.")
