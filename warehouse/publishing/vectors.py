"""Vectors of texts by their meaning, where the extra `meaning` is installed: static embeddings that its package ships.

The mean of the vectors of a text's tokens, of length 1, each of its 256 numbers as one byte: nothing is downloaded, no
GPU is needed.
"""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import polars as pl

from warehouse.errors import UsageError
from warehouse.storage.connection import insert_frame, scalar
from warehouse.versions import read_model_name

if TYPE_CHECKING:
    from wordllama.inference import WordLlamaInference

DIMENSIONS = 256
_CHUNK_SIZE = 20_000  # texts

# By the numbers of their rows, as the texts themselves would not stay in memory.
_FIND_WITHOUT_VECTOR = f"""
create or replace temp table without_vector as
select row, (row_number() over (order by row) - 1) // {_CHUNK_SIZE} as chunk
from (
    select min(papers.rowid) as row from raw.papers as papers anti join raw.text_vectors using (text_id)
    where title <> '' or abstract is not null
    group by text_id
) as found
"""
# In the order of their length, as the model fills those that it reads together up to the longest.
_READ_CHUNK = """
select papers.text_id, concat_ws('. ', papers.title, papers.abstract) as text
from without_vector inner join raw.papers as papers on without_vector.row = papers.rowid
where without_vector.chunk = ?
order by length(text)
"""


def embed(connection: duckdb.DuckDBPyConnection) -> int:
    """Gives a vector to every loaded text that has none; returns to how many. Nothing happens where the model is not
    installed."""
    name = read_model_name()
    if name is None:
        return 0
    connection.execute("delete from raw.text_vectors where model <> ?", [name])
    connection.execute(_FIND_WITHOUT_VECTOR)
    count = 0
    for chunk in range(scalar(connection, "select coalesce(max(chunk) + 1, 0) from without_vector")):
        texts = connection.execute(_READ_CHUNK, [chunk]).fetchall()
        ids, contents = zip(*texts, strict=True)
        insert_frame(
            connection,
            "raw.text_vectors",
            _vectors(_model(), list(ids), list(contents)).with_columns(model=pl.lit(name)),
        )
        count += len(texts)
    connection.execute("drop table without_vector")
    return count


def embed_words(words: str) -> list[int]:
    """The vector of words, as texts have theirs. Raises UsageError where the model is not installed."""
    if read_model_name() is None:
        raise UsageError("search by meaning needs the extra `meaning`", "Next: make extras")
    vector: list[int] = _vectors(_model(), [""], [words])["vector"][0].to_list()
    return vector


def _vectors(model: "WordLlamaInference", text_ids: list[str], texts: list[str]) -> pl.DataFrame:
    """text_id, vector: 256 bytes each, of which 127 stands for 1."""
    vectors = (np.asarray(model.embed(texts, norm=True)) * 127).round().clip(-127, 127).astype("int8")
    return pl.DataFrame({"text_id": text_ids, "vector": pl.Series(vectors, dtype=pl.Array(pl.Int8, DIMENSIONS))})


@cache
def _model() -> "WordLlamaInference":
    import wordllama

    return wordllama.WordLlama.load(cache_dir=Path(wordllama.__file__).parent, dim=DIMENSIONS, disable_download=True)
