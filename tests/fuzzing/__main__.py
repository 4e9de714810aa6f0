"""Fuzzes a parser with atheris: `make fuzz SOURCE=pwc SECONDS=600`. A finding ends it, and is kept beside the corpus to
become a test.

Coverage of transforms/ guides it, from seeds of our own in the shape of the source. What must hold, whatever the bytes:
nothing is raised, every entry is accounted for, and the frames can be normalised and written. SOURCE=texts fuzzes what
reads claims and links: each must stand in its text.
"""

import argparse
import io
import re
import sys
import tempfile
from functools import partial
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["transforms"]):
    import polars as pl

    from tests.fuzzing.seeds import SEEDS
    from transforms.extraction import extract
    from transforms.formats.fields import printable
    from transforms.frames import RECORDS, combine, conform
    from transforms.papers import normalise
    from warehouse.settings import PROJECT
    from warehouse.upstream.sources import Source, list_source_names, read_source
    from warehouse.vocabularies import read_vocabulary


def judge_file(facts: Source, content: bytes) -> None:
    """Raises where the parser does not keep its promise for these bytes."""
    parsed = combine(facts.pieces(io.BytesIO(content)))
    kept = parsed.kept_entries.len()
    assert kept == parsed.entry_count, f"{parsed.entry_count} entries, {kept} of them kept"
    for frame in (
        normalise(parsed.records, facts.name),
        parsed.rejects,
        parsed.results,
        parsed.terms,
        parsed.link_checks,
        parsed.listed_links,
    ):
        frame.write_parquet(io.BytesIO())


def judge_text(content: bytes) -> None:
    """Raises where a claim or link does not stand in the text made of these bytes."""
    title, _, abstract = printable(content.decode("utf-8", "replace")).partition("\n")
    papers = normalise(conform([{"title_raw": title or "A title", "abstract_raw": abstract}], RECORDS), "hf_listing")
    claims, links, _ = extract(papers.select("text_id", "title", "abstract"), read_vocabulary())
    for name, places in (("value_text", claims), ("url_text", links)):
        for row in places.join(papers, on="text_id").filter(pl.col("char_start").is_not_null()).iter_rows(named=True):
            assert row[row["section"]][row["char_start"] : row["char_end"]] == row[name], row


def words(seeds: list[bytes]) -> str:
    """libFuzzer's dictionary: the fields and tags of the seeds."""
    found = {word for seed in seeds for word in re.findall(rb'"[a-z_A-Z]{2,24}"|</?[a-zA-Z:]{2,24}', seed)}
    return "".join('"' + "".join(f"\\x{byte:02x}" for byte in word) + '"\n' for word in sorted(found))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzzing", description=__doc__.splitlines()[0])
    parser.add_argument("source", choices=[*list_source_names(), "texts"])
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--corpus", type=Path, default=PROJECT / "var" / "fuzzing", help="where the corpus and findings are kept"
    )
    options = parser.parse_args()
    seeds = SEEDS[options.source]()
    judge = judge_text if options.source == "texts" else partial(judge_file, read_source(options.source))
    corpus = options.corpus / options.source
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds):
        (corpus / f"seed-{number}").write_bytes(seed)
        judge(seed)
    with tempfile.NamedTemporaryFile("w", suffix=".dict") as dictionary:
        dictionary.write(words(seeds))
        dictionary.flush()
        named = [f"-dict={dictionary.name}"] if words(seeds) else []
        limits = [
            f"-max_total_time={options.seconds}",
            f"-seed={options.seed}",
            "-timeout=30",
            "-rss_limit_mb=4096",
            "-max_len=20000",
        ]
        places = [*named, f"-artifact_prefix={options.corpus}/{options.source}-finding-", str(corpus)]
        atheris.Setup([sys.argv[0], *limits, *places], judge)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
