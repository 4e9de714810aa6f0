import pytest

from transforms.claims.extract import ClaimReader
from transforms.claims.lexicon import Lexicon


@pytest.fixture(scope="session")
def reader(vocabulary) -> ClaimReader:
    return ClaimReader(vocabulary)


@pytest.fixture(scope="session")
def lexicon(reader) -> Lexicon:
    return reader.lexicon
