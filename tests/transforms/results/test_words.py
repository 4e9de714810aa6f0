import numpy as np

from transforms.results.words import SIZE, Words, hash_words, load_words, write_words


def test_words_weigh_what_was_written(tmp_path):
    cells, body = np.zeros(SIZE, dtype=np.float16), np.zeros(SIZE, dtype=np.float16)
    cells[hash_words(["c:acc"])] = 2.5
    body[hash_words(["b:stone", "b:sort"])] = 1.0
    write_words(tmp_path / "words.npy.gz", cells, body)
    words = load_words(tmp_path / "words.npy.gz")
    assert words.weigh(["c:acc", "c:other"]) == 2.5
    assert words.weigh_body(["b:stone", "b:sort", "b:unknown"]) == 2 / 2**0.5


def test_the_same_words_are_written_in_the_same_bytes(tmp_path):
    for name in ("a.gz", "b.gz"):
        write_words(tmp_path / name, np.ones(SIZE, dtype=np.float16), np.zeros(SIZE, dtype=np.float16))
    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()


def test_a_text_without_known_words_weighs_nothing():
    empty = np.zeros(SIZE, dtype=np.float16)
    assert Words(empty, empty).weigh_body(["b:stone"]) == 0
