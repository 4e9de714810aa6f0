import polars as pl
import pytest

from transforms.vocabulary import Vocabulary
from warehouse.vocabularies import read_vocabulary


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    return read_vocabulary()


@pytest.fixture
def texts():
    """Makes the frame that claims and links are read from: one text an abstract."""

    def make(*abstracts: str, title: str = "A title") -> pl.DataFrame:
        return pl.DataFrame(
            {"text_id": [f"t{i}" for i in range(len(abstracts))], "title": title, "abstract": list(abstracts)}
        )

    return make
