import pytest

from warehouse.operations.docs import make_pages


@pytest.mark.parametrize("file", make_pages(), ids=lambda file: file.name)
def test_the_page_is_current(file):
    assert file.read_text("utf-8") == make_pages()[file], "run: make docs"
