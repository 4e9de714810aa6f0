from itertools import pairwise

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from transforms.text.sentences import find_sentence_spans, split_sentences


def split(text):
    return [text[start:end] for start, end in find_sentence_spans(text)]


def test_sentences():
    assert split("It gains 3.5%. Is it new? (Yes.) We cite Smith et al. They agree, e.g. On this.") == [
        "It gains 3.5%.",
        "Is it new?",
        "(Yes.)",
        "We cite Smith et al. They agree, e.g. On this.",
    ]


@given(st.text(alphabet="aA1.!?\"' ()\n", max_size=60))
def test_sentences_lose_only_white_space(text):
    spans = find_sentence_spans(text)
    assert "".join("".join(split(text)).split()) == "".join(text.split())
    assert all(a < b <= c for (a, b), (c, _) in pairwise(spans))


@given(
    st.lists(
        st.text(alphabet="aA1.!?\"' ()", max_size=60).map(lambda text: " ".join(text.split())), min_size=1, max_size=4
    )
)
def test_a_frame_of_texts_has_the_same_sentences(abstracts):
    texts = pl.DataFrame(
        {"text_id": [str(i) for i in range(len(abstracts))], "title": "A title. Of two.", "abstract": abstracts}
    )
    found = split_sentences(texts, "").filter(pl.col("sentence").str.strip_chars() != "")
    expected = [
        (str(i), section, index, start, text[start:end])
        for i, abstract in enumerate(abstracts)
        for section, text in (("title", "A title. Of two."), ("abstract", abstract))
        for index, (start, end) in enumerate(find_sentence_spans(text))
    ]
    assert found.select("text_id", "section", "sentence_index", "char_start", "sentence").rows() == expected


def test_only_sentences_that_match_and_are_wanted():
    texts = pl.DataFrame(
        {
            "text_id": ["t", "t"],
            "title": ["One 1", "One 1"],
            "abstract": ["Two 2. None. Three 3.", "Two 2. None. Three 3."],
        }
    )
    assert split_sentences(texts, r"\d")["sentence"].to_list() == ["One 1", "Two 2.", "Three 3."]
    assert split_sentences(texts, r"\d", lambda text: text.str.contains("T"))["sentence_index"].to_list() == [0, 2]
