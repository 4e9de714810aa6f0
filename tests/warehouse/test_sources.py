import pytest

from warehouse import sources
from warehouse.errors import UsageError


@pytest.mark.parametrize("facts", sources.sources(), ids=lambda facts: facts.name)
def test_every_source_has_its_facts_and_its_parser(facts):
    assert facts.parser_version
    assert facts.parse(b"").records.is_empty()
    assert facts.assertions.min_papers <= facts.assertions.max_papers
    assert facts.file_patterns


def test_an_unknown_source_is_named():
    with pytest.raises(UsageError, match="there is no source 'nope'"):
        sources.source("nope")
