import pytest

from warehouse.operations.docs import pages


@pytest.mark.parametrize("file", pages(), ids=lambda file: file.name)
def test_the_page_is_current(file):
    assert file.read_text("utf-8") == pages()[file], "run: make docs"
