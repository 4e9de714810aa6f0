from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from transforms.sections import Section
from transforms.sentences import sentence_spans


def split(text):
    return [text[start:end] for start, end in sentence_spans(text)]


def test_sentences():
    assert split("It gains 3.5%. Is it new? (Yes.) We cite Smith et al. They agree, e.g. On this.") == [
        "It gains 3.5%.",
        "Is it new?",
        "(Yes.)",
        "We cite Smith et al. They agree, e.g. On this.",
    ]


@given(st.text(alphabet="aA1.!?\"' ()\n", max_size=60))
def test_sentences_lose_only_white_space(text):
    spans = sentence_spans(text)
    assert "".join("".join(split(text)).split()) == "".join(text.split())
    assert all(a < b <= c for (a, b), (c, _) in pairwise(spans))


def test_a_place_knows_its_sentence():
    section = Section("t", "abstract", "One here. Two there. Three.")
    assert [section.sentence_at(position) for position in (0, 8, 10, 22)] == [0, 0, 1, 2]
