import pytest

from transforms.claims.extract import Reader
from transforms.claims.reading import Lexicon


@pytest.fixture(scope="session")
def reader(vocabulary) -> Reader:
    return Reader(vocabulary)


@pytest.fixture(scope="session")
def lexicon(reader) -> Lexicon:
    return reader.lexicon
