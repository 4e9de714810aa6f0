import polars as pl

from transforms import extraction
from transforms.extraction import extract


def test_many_texts_are_read_by_several_processes_with_the_same_result(vocabulary, monkeypatch):
    texts = pl.DataFrame(
        {
            "text_id": [f"t{i}" for i in range(300)],
            "title": [f"Method {i} is 2.5x faster" for i in range(300)],
            "abstract": [
                f"It improves accuracy by {i}.5% on COCO. Code: https://github.com/a/b{i}" if i % 3 else None
                for i in range(300)
            ],
        },
        schema_overrides={"abstract": pl.String},
    )
    alone = extract(texts, vocabulary)
    monkeypatch.setattr(extraction, "CHUNK", 70)
    together = extract(texts, vocabulary)
    assert (alone[0].height, alone[1].height) == (500, 200)
    for one, other in zip(alone, together, strict=True):
        assert one.equals(other)
