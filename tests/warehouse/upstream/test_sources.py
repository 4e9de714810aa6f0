import pytest

from warehouse.errors import UsageError
from warehouse.upstream import sources


@pytest.mark.parametrize("config", sources.sources(), ids=lambda config: config.name)
def test_every_source_has_its_facts_and_its_parser(config):
    assert config.parser_version
    assert config.parse(b"").records.is_empty()
    assert config.assertions.min_papers <= config.assertions.max_papers
    assert config.file_patterns


def test_an_unknown_source_is_named():
    with pytest.raises(UsageError, match="there is no source 'nope'"):
        sources.source("nope")
