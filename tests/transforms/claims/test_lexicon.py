import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.claims.lexicon import Lexicon
from transforms.claims.spellings import make_lexicon
from transforms.claims.tokens import Spelling
from warehouse.vocabularies import read_vocabulary


def tokens(lexicon, sentence):
    tokens = lexicon.read(sentence)
    return [tokens.text(i) for i in range(len(tokens))]


def test_phrases_are_one_token_and_possessives_two(lexicon):
    assert tokens(lexicon, "ELECTRA's attack success rate, i.e. 3.2% (on CIFAR-10).") == [
        "ELECTRA", "'", "s", "attack success rate", ",", "i.e.", "3.2%", "(", "on", "CIFAR-10", ")", ".",
    ]  # fmt: skip


def test_case_counts_for_what_is_written_with_capitals(lexicon):
    tokens = lexicon.read("The map shows mAP and Accuracy on the pile of Pile")
    assert [tokens.text(i) for i in range(len(tokens)) if tokens.metric(i)] == ["mAP", "Accuracy"]
    assert [tokens.dataset(i) for i in range(len(tokens)) if tokens.dataset(i)] == ["Pile"]


@pytest.mark.parametrize(
    ("sentence", "free"),
    [
        ("See Section 2.2 and Llama 3 with 41.5", ["41.5"]),
        ("In 2019 it was 41.5 BLEU", ["41.5"]),
        ("SQuAD 2.0 gave an F1 of 88.1", ["88.1"]),
        ("We use Wan2.1 and 3D data", []),
        ("at https://x.org/90%25", []),
    ],
)
def test_numbers_that_tell_names_apart_are_not_free(lexicon, sentence, free):
    assert [found.value_text for found in lexicon.read(sentence).numbers.values()] == free


def test_an_unknown_class_is_an_error():
    lexicon = Lexicon([Spelling("by", "by"), Spelling("GPT", "model"), Spelling("Section", "numbered")], ["points"])
    assert lexicon.tags("by")
    with pytest.raises(ValueError, match="no word is of class nothing"):
        lexicon.tags("by", "nothing")


LEXICON = make_lexicon(read_vocabulary())
SENTENCE = st.text(alphabet="0123456789.,%x×-–~±+ ()'accuracyofbyGLUE^/", max_size=80)


@given(SENTENCE)
def test_tokens_are_the_sentence_without_its_white_space(sentence):
    tokens = LEXICON.read(sentence)
    assert len(tokens.tags) == len(tokens.reverse) == len(tokens)
    assert "".join("".join(tokens.text(i) for i in range(len(tokens))).split()) == "".join(sentence.split())
    for i, found in tokens.numbers.items():
        assert sentence[found.start : found.end] == found.value_text
        assert tokens.text(i).startswith(found.value_text)
