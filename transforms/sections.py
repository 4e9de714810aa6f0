"""The two texts of a paper, title and abstract, with their sentences: what claims and links are read from."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from transforms.sentences import sentence_spans


@dataclass(frozen=True)
class Section:
    text_id: str
    name: str  # 'title' or 'abstract'
    text: str

    @cached_property
    def spans(self) -> list[tuple[int, int]]:
        return sentence_spans(self.text)

    def sentence(self, index: int) -> str:
        start, end = self.spans[index]
        return self.text[start:end]

    def sentence_at(self, position: int) -> int:
        """The index of the sentence that holds the character."""
        return max(0, bisect_right([start for start, _ in self.spans], position) - 1)


def sections(texts: pl.DataFrame, containing: str) -> Iterator[Section]:
    """The titles and abstracts of texts (text_id, title, abstract; each text_id once) that the regular expression matches."""
    matching = (
        texts.unique("text_id", maintain_order=True)
        .unpivot(["title", "abstract"], index="text_id", variable_name="name", value_name="text")
        .filter(pl.col("text").str.contains(containing))
    )
    return (Section(*row) for row in matching.select("text_id", "name", "text").iter_rows())
