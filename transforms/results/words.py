"""The weights of words: how much one speaks for a result, in a table's heads or a paper's text.

Words are places in an array by their hash, so that no list of them is needed.
"""

import gzip
import io
import zlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

SIZE = 1 << 18

Weights = npt.NDArray[np.float16]


def hash_words(words: Iterable[str]) -> list[int]:
    """The places of words in an array of weights."""
    return [zlib.crc32(word.encode()) % SIZE for word in words]


class Words:
    """cells: weights of the words around a cell; body: of those of a paper's text."""

    def __init__(self, cells: Weights, body: Weights) -> None:
        self._cells: list[float] = cells.tolist()
        self._body: list[float] = body.tolist()

    def weigh(self, words: Iterable[str]) -> float:
        """The sum of the words' weights beside a cell."""
        weights = self._cells
        return sum(weights[place] for place in hash_words(words))

    def weigh_body(self, words: Iterable[str]) -> float:
        """The sum of the weights of a text's words, over the root of their number."""
        return self.weigh_places(hash_words(words))

    def weigh_places(self, places: Iterable[int]) -> float:
        """The same of words by their places."""
        found = [weight for place in places if (weight := self._body[place])]
        return float(sum(found) / max(1, len(found)) ** 0.5)


def write_words(path: Path, cells: Weights, body: Weights) -> None:
    content = io.BytesIO()
    np.save(content, np.stack([cells, body]).astype(np.float16))
    path.write_bytes(gzip.compress(content.getvalue(), mtime=0))


@cache
def load_words(path: Path) -> Words:
    with gzip.open(path) as file:
        cells, body = np.load(io.BytesIO(file.read()))
    return Words(cells, body)


NO_WORDS = Words(np.zeros(SIZE, dtype=np.float16), np.zeros(SIZE, dtype=np.float16))
