from warehouse.dictionary import PAGE, dictionary


def test_the_page_is_current():
    assert PAGE.read_text("utf-8") == dictionary(), "run: make docs"
