from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.papers import normalise
from warehouse.upstream.sources import read_source

parse = read_source("hf_listing").parse
CHROME = "Get trending papers in your email inbox once a day!"
ABSTRACT = (
    "We show that a plain method, trained for longer than is usual, does as well as much larger ones. It is simple."
)
PAGE = (
    f"{CHROME}\nGet trending papers in your email inbox!\nSubscribeFirst Paper: A Title\n{ABSTRACT}\nSecond "
    f"Paper\n{ABSTRACT}\n"
)


def titles(content, encoding="utf-8"):
    return parse(content.encode(encoding) if isinstance(content, str) else content).records["title_raw"].to_list()


def accounted(parsed):
    return (
        parsed.records["line_count"].sum() + parsed.rejects["line_count"].sum() + parsed.ignored_line_count
        == parsed.line_count
    )


def test_a_page():
    parsed = parse(PAGE.encode())
    assert parsed.records.select("title_raw", "abstract_raw", "rank", "line_first", "line_last").rows() == [
        ("First Paper: A Title", ABSTRACT, 1, 3, 4),
        ("Second Paper", ABSTRACT, 2, 5, 6),
    ]
    assert (parsed.line_count, parsed.ignored_line_count, parsed.rejects.height) == (6, 2, 0)


def test_the_real_listing(real_listing):
    parsed = parse(real_listing.read_bytes())
    assert parsed.records["rank"].to_list() == list(range(1, 244))
    assert parsed.records["abstract_raw"].null_count() == parsed.rejects.height == 0
    assert parsed.records["title_raw"][0].startswith("Decoder Pre-Training")
    assert not any(
        "trending papers" in text for column in ("title_raw", "abstract_raw") for text in parsed.records[column]
    )
    assert accounted(parsed)


def test_the_real_listing_twice_over(real_listing):
    content = real_listing.read_bytes()
    assert parse(content + b"\n" + content).records.height == 486


@pytest.mark.parametrize(
    "page",
    [
        PAGE.replace("\n", "\r\n"),
        PAGE.replace("\n", "\r"),
        "\ufeff" + PAGE,
        PAGE.rstrip("\n"),
        PAGE.replace("\nSecond", "\n\n  \nUpvote 12\n32\nToday\nSecond"),
        PAGE.replace("Second Paper\n", "Second Paper\n- 3 authors\n"),
    ],
)
def test_line_ends_marks_and_chrome_do_not_matter(page):
    assert titles(page) == ["First Paper: A Title", "Second Paper"]
    assert accounted(parse(page.encode()))


def test_utf_16_with_its_mark():
    assert titles(PAGE, "utf-16") == ["First Paper: A Title", "Second Paper"]


def test_pages_one_after_the_other():
    assert titles(PAGE + PAGE.replace("First", "Third")) == [
        "First Paper: A Title",
        "Second Paper",
        "Third Paper: A Title",
        "Second Paper",
    ]


def test_subscribe_is_only_taken_off_where_the_button_stands():
    assert titles(
        f"SubscribeNet for All\n{ABSTRACT}\nSubscribeNet Again\n{ABSTRACT}\nSubscribers Leave\n{ABSTRACT}\n"
    ) == [
        "Net for All",
        "SubscribeNet Again",
        "Subscribers Leave",
    ]


def test_a_title_without_an_abstract_is_a_paper():
    parsed = parse(f"Lonely Title\nSecond Paper\n{ABSTRACT}\nLast Title\n".encode())
    assert parsed.records["abstract_raw"].to_list() == [None, ABSTRACT, None]
    assert accounted(parsed)


def test_a_title_that_a_cut_page_ends_in_is_a_reject():
    parsed = parse(f"First Paper\n{ABSTRACT}\nSecond Pap".encode())
    assert parsed.records["title_raw"].to_list() == ["First Paper"]
    assert parsed.rejects["reason"].to_list() == ["cut"]
    assert parse(f"First Paper\n{ABSTRACT}\nSecond Paper\n".encode()).records.height == 2


def test_an_abstract_without_a_title_is_a_reject():
    parsed = parse(f"{ABSTRACT}\nSecond Paper\n{ABSTRACT}\n{ABSTRACT}\n".encode())
    assert parsed.rejects.select("reason", "line_first", "entry_index").rows() == [
        ("abstract_without_title", 1, 1),
        ("abstract_without_title", 4, 3),
    ]
    assert parsed.records["rank"].to_list() == [1]
    assert accounted(parsed)


def test_a_title_of_two_sentences_is_a_title():
    assert titles(
        f"Don't Lie to Me! Robust and Efficient Explainability with a Verified Analysis of Everything\n{ABSTRACT}\n"
    )[0].startswith("Don't")


def test_bytes_that_are_not_utf_8_reject_their_entry_alone():
    parsed = parse(PAGE.encode().replace(b"Second", b"Se\xffcond"))
    assert parsed.rejects.select("reason", "line_first", "line_last", "line_count").rows() == [("not_utf8", 5, 6, 2)]
    assert parsed.records["title_raw"].to_list() == ["First Paper: A Title"]


def test_nul_bytes_are_marked_in_the_raw_text_and_gone_from_the_text():
    parsed = parse(PAGE.replace("Second Paper", "Second\x00Paper").encode())
    assert parsed.records["title_raw"][1] == "Second\ufffdPaper"
    assert "\x00" not in normalise(parsed.records, "hf_listing")["title"][1]


def test_a_very_long_line_is_a_reject():
    parsed = parse(f"Title\n{'word ' * 10_000}\nSecond Paper\n{ABSTRACT}\n".encode())
    assert parsed.rejects["reason"].to_list() == ["line_too_long"]
    assert len(parsed.rejects["excerpt"][0]) <= 120
    assert parsed.records["title_raw"].to_list() == ["Second Paper"]


@pytest.mark.parametrize("content", [b"", b"\n", b"\xef\xbb\xbf", b"\n\r\n  \n"])
def test_an_empty_file_has_no_papers(content):
    parsed = parse(content)
    assert parsed.records.is_empty()
    assert parsed.rejects.is_empty()
    assert parsed.ignored_line_count == parsed.line_count


LINES = st.lists(
    st.one_of(
        st.text(max_size=40), st.sampled_from([CHROME, ABSTRACT, "A Title", "\r", "\x00", "Upvote 3", "word " * 100])
    )
)


@given(LINES.map("\n".join).map(lambda text: text.encode("utf-8", "surrogatepass")) | st.binary())
def test_every_line_of_any_bytes_is_accounted_for(content):
    parsed = parse(content)
    assert accounted(parsed)
    entries = [*parsed.records["entry_index"], *parsed.rejects["entry_index"]]
    assert sorted(entries) == list(range(1, len(entries) + 1))
    papers = normalise(parsed.records, "hf_listing", date(2026, 3, 2))
    assert papers.height == parsed.records.height
    assert papers.select("own_id", "text_id", "title").null_count().sum_horizontal().item() == 0
