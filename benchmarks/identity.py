"""How well and how fast records of one paper are found to be one.

    make benchmark-identity
    make benchmark-identity BENCHMARK="--records 1000000"

Quality: real titles (of ../shared/data where that is, else of the sample), variants of them as other sources would give
them, and hard negatives: parts of a series, other version numbers, errata, the same title by others. What is known
beside the title (authors, abstract) is drawn for each variant. Pairs of records are counted: precision is the share of
joined pairs that are one paper, recall the share of pairs of one paper that are joined. Speed: made papers, each known
to two sources, of which one gives no id.
"""

import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import duckdb
import polars as pl
import typer
from rapidfuzz import fuzz
from rich.console import Console
from rich.table import Column, Table

from benchmarks.corpus import SHARED
from transforms.frames import RECORDS, conform
from transforms.papers import normalise
from warehouse.settings import PROJECT, Settings
from warehouse.steps.resolve import Resolution, resolve
from warehouse.storage.connection import insert_frame
from warehouse.storage.database import open_build_database, write_lock
from warehouse.upstream.sources import read_source

Record = dict[str, Any]
REAL = {
    "hf_listing": ["hf_papers_listing.txt"],
    "hf_daily": ["hf_daily/*.json"],
    "arxiv_api": ["arxiv_atom/*.xml"],
    "conference": ["paperlists/*.json"],
    "curated_list": ["cv_arxiv_daily.json"],
}
VERSION_WORDS = (" (Extended Version)", " [Preprint]", " - Technical Report", " (extended abstract)", ": Full Version")
LATEX = {"alpha": r"$\alpha$", "2": "$2$", "é": r"\'e", "&": r"\&", "%": r"\%"}


def real_papers() -> list[Record]:
    """One record a paper, by arXiv id or title, of the real files; of the bundled sample without them."""
    files = [(name, file) for name, globs in REAL.items() for glob in globs for file in sorted(SHARED.glob(glob))]
    files = files or [("hf_listing", file) for file in sorted((PROJECT / "sample" / "hf_listing").glob("*.txt"))]
    papers: dict[str, Record] = {}
    for name, file in files:
        for record in read_source(name).parse(file.read_bytes()).records.to_dicts():
            papers.setdefault(record["arxiv_id"] or record["title_raw"].casefold(), record)
    return list({record["title_raw"].casefold(): record for record in papers.values()}.values())


def variants(paper: Record, chance: random.Random) -> Iterator[tuple[str, Record]]:
    """(kind, record) of the same paper as other sources give it, with less known of it."""
    title = paper["title_raw"]
    main, colon, subtitle = title.partition(": ")
    changed = {
        "case": chance.choice([title.upper(), title.lower(), title.title()]),
        "punctuation": title.replace("-", " ").replace(",", "").replace(":", " -") + chance.choice([".", "", " "]),
        "LaTeX": "".join(LATEX.get(part, part) for part in title.partition(chance.choice(list(LATEX))))
        if chance.random() < 0.5
        else rf"\emph{{{title}}}",
        "typo": with_typo(title, chance),
        "version word": title + chance.choice(VERSION_WORDS),
        "dropped subtitle": main if colon else title,
        "same title": title,
    }
    for kind, text in changed.items():
        if kind == "dropped subtitle" and not (colon and len(subtitle.split()) > 1):
            continue
        known = known_of(paper, chance)
        if kind == "dropped subtitle":  # what is left is often one word, which by itself would name no paper
            known |= {"authors": paper["authors"], "abstract_raw": known["abstract_raw"] or paper["abstract_raw"]}
        yield kind, {**known, "title_raw": text}


def with_typo(title: str, chance: random.Random) -> str:
    """The title with two letters of a longer word swapped, or one left out."""
    words = title.split()
    long = [i for i, word in enumerate(words) if len(word) >= 6 and word.isalpha()]
    if not long:
        return title
    i = chance.choice(long)
    at = chance.randrange(1, len(words[i]) - 2)
    word = words[i]
    words[i] = word[:at] + (word[at + 1] + word[at] + word[at + 2 :] if chance.random() < 0.5 else word[at + 1 :])
    return " ".join(words)


def known_of(paper: Record, chance: random.Random) -> Record:
    """What a source that has no ids knows: authors or not, all or the first; the abstract, cut short, or none."""
    authors, abstract = paper["authors"], paper["abstract_raw"]
    return {
        "authors": chance.choice([None, authors, authors and authors[:1]]),
        "abstract_raw": chance.choice([None, abstract, abstract and abstract[: max(200, len(abstract) // 3)]]),
        "year": paper["year"]
        or (paper["published_on"] or paper["updated_on"] or datetime(2026, 1, 1, tzinfo=UTC)).year,
    }


def negatives(paper: Record, other: Record, chance: random.Random) -> Iterator[tuple[str, Record]]:
    """(kind, record) of papers that are others, whatever their titles say."""
    title, about = paper["title_raw"], known_of(paper, chance)
    foreign = other["abstract_raw"] and " ".join(reversed(other["abstract_raw"].split()))  # an abstract of no paper
    yield "Part I", {**about, "title_raw": f"{title}: Part I", "abstract_raw": foreign}
    yield "Part II", {**about, "title_raw": f"{title}: Part II", "abstract_raw": None}
    yield "v2.0", {**about, "title_raw": f"{title} v2.0", "abstract_raw": None}
    yield "erratum", {**about, "title_raw": f"Erratum: {title}", "abstract_raw": None}
    people = {"authors": ["Zebulon Quux", "Yolanda Xyzzy"], "abstract_raw": foreign, "year": about["year"]}
    if paper["authors"] or (paper["abstract_raw"] and foreign):
        yield "same title, others", {**people, "title_raw": title}
    words = title.split()
    i = chance.randrange(len(words))
    swapped = [*words[:i], chance.choice(other["title_raw"].split()), *words[i + 1 :]]
    if (
        len(words) > 3
        and fuzz.ratio(swapped[i].casefold(), words[i].casefold()) < 60
        and min(len(swapped[i]), len(words[i])) > 4
    ):
        yield (
            "another word",
            {**people, "authors": other["authors"], "abstract_raw": None, "title_raw": " ".join(swapped)},
        )


def labelled(papers: list[Record], chance: random.Random) -> Iterator[tuple[str, str, str, Record]]:
    """(source, kind, truth, record) of all papers, their variants and negatives."""
    for number, paper in enumerate(papers):
        other = papers[chance.randrange(len(papers))]
        if other is paper:
            other = papers[number - 1]
        yield "base", "base", f"p{number}", paper
        for kind, record in variants(paper, chance):
            yield f"variant {kind}", kind, f"p{number}", record
        for kind, record in negatives(paper, other, chance):
            yield f"negative {kind}", kind, f"p{number} {kind}", record


def records_frame(rows: list[tuple[str, Record]], first: int = 0) -> pl.DataFrame:
    """(source, record) → PAPERS as raw.papers holds them, one record id a row."""
    frames = []
    for name, group in pl.DataFrame({"source": [name for name, _ in rows], "i": range(len(rows))}).group_by(
        "source", maintain_order=True
    ):
        indices = group["i"].to_list()
        records = [
            {
                **{column: rows[i][1].get(column) for column in RECORDS},
                "entry_index": first + i + 1,
                "source_record_id": f"r{first + i}",
            }
            for i in indices
        ]
        frames.append(normalise(conform(records, RECORDS), str(name[0])))
    return pl.concat(frames)


def loaded(connection: duckdb.DuckDBPyConnection, papers: pl.DataFrame, load_number: int) -> None:
    landed_at = pl.lit(datetime(2026, 1, load_number, tzinfo=UTC))
    insert_frame(
        connection,
        "raw.papers",
        papers.with_columns(batch_id=pl.lit(f"b{load_number}"), load_number=load_number, landed_at=landed_at),
    )


def resolved(connection: duckdb.DuckDBPyConnection, since: int, load_number: int) -> tuple[Resolution, float]:
    start = time.perf_counter()
    return resolve(connection, since, load_number), time.perf_counter() - start


def quality(
    connection: duckdb.DuckDBPyConnection, out: Console, paper_count: int, show_errors: int
) -> tuple[float, float]:
    """Prints and returns (precision, recall) of pairs."""
    chance = random.Random(7)  # noqa: S311
    papers = real_papers()
    rows = list(labelled(chance.sample(papers, min(paper_count, len(papers))) if paper_count else papers, chance))
    loaded(connection, records_frame([(name, record) for name, _, _, record in rows]), 1)
    resolution, seconds = resolved(connection, 0, 1)
    query = "select entry_index, paper_id, matched_by from raw.papers inner join raw.mention_papers using (mention_id)"
    found = {index: (paper_id, rule) for index, paper_id, rule in connection.execute(query).fetchall()}
    truth = {i + 1: row[2] for i, row in enumerate(rows)}
    joined, true, both = (Counter[Any]() for _ in range(3))
    for i, each in truth.items():
        joined[found[i][0]] += 1
        true[each] += 1
        both[found[i][0], each] += 1
    pairs = [sum(n * (n - 1) // 2 for n in counts.values()) for counts in (joined, true, both)]
    precision, recall = pairs[2] / max(1, pairs[0]), pairs[2] / max(1, pairs[1])
    table = Table("record", *(Column(name, justify="right") for name in ("records", "with its paper", "share")))
    home = {each: found[i][0] for i, each in truth.items() if rows[i - 1][1] == "base"}
    for kind in dict.fromkeys(row[1] for row in rows):
        indices = [i for i in truth if rows[i - 1][1] == kind]
        is_negative = rows[indices[0] - 1][0].startswith("negative")
        right = sum((found[i][0] == home[truth[i].split()[0]]) != is_negative for i in indices)
        table.add_row(
            ("not: " if is_negative else "") + kind, f"{len(indices):,}", f"{right:,}", f"{right / len(indices):.4f}"
        )
        wrong = [i for i in indices if (found[i][0] == home[truth[i].split()[0]]) == is_negative]
        for i in wrong[:show_errors]:
            out.print(f"{kind}: {rows[i - 1][3]['title_raw']} | {found[i]}", markup=False)
    out.print(table)
    out.print(
        f"{len(rows):,} records, {resolution.pair_count:,} pairs compared, {seconds:.1f} s; pairwise precision "
        f"{precision:.4f}, recall {recall:.4f}"
    )
    return precision, recall


def made_papers(count: int, chance: random.Random, first: int = 0) -> list[Record]:
    """A number of papers with arXiv ids, counted from first."""
    words = sorted({word for paper in real_papers() for word in paper["title_raw"].split()})
    begin, middle = (
        "al be co da el fa gu ha in jo ka lo ma ni or pe".split(),
        "ber dal fo gre man ni ros su ta ve wi xa".split(),
    )
    surnames = [
        a + b + c
        for a in begin
        for b in middle
        for c in ("ck", "dez", "gh", "ik", "li", "mann", "no", "ova", "ri", "sen", "ta", "wa")
    ]
    return [
        {
            "title_raw": " ".join(chance.choices(words, k=chance.randint(5, 12))),
            "abstract_raw": " ".join(f"the {word} of" for word in chance.choices(words, k=30)),
            "authors": [f"{chance.choice('ABCDEFG')}. {chance.choice(surnames)}" for _ in range(3)],
            "arxiv_id": f"{10 + i // 1_000_000:02d}{1 + i // 100_000 % 10:02d}.{i % 100_000:05d}",
            "year": 2010,
        }
        for i in range(first, first + count)
    ]


def speed(connection: duckdb.DuckDBPyConnection, out: Console, record_count: int) -> None:
    """Prints how long a full and an incremental resolution take."""
    chance = random.Random(7)  # noqa: S311
    table = Table(
        "resolution", *(Column(name, justify="right") for name in ("records", "looked at", "pairs", "seconds"))
    )
    more = max(1, record_count // 100)
    for load_number, count in ((1, record_count), (2, more)):
        known = load_number == 2
        papers = made_papers(count // 2, chance, first=record_count if known else 0)
        bare = [
            {
                **paper,
                "arxiv_id": None,
                "title_raw": with_typo(paper["title_raw"], chance),
                "authors": paper["authors"][:1],
            }
            for paper in papers
        ]
        for first in range(0, len(papers), 50_000):
            piece = [("ids", paper) for paper in papers[first : first + 50_000]] + [
                ("bare", paper) for paper in bare[first : first + 50_000]
            ]
            loaded(connection, records_frame(piece, 10_000_000 * load_number + 2 * first), load_number)
        resolution, seconds = resolved(connection, load_number - 1, load_number)
        name = "incremental" if known else "full"
        table.add_row(
            name,
            f"{resolution.mention_count:,}",
            f"{resolution.changed_count:,}",
            f"{resolution.pair_count:,}",
            f"{seconds:.1f}",
        )
    paper_count = connection.execute("select count(distinct paper_id) from raw.mention_papers").fetchone()
    out.print(table)
    out.print(f"{paper_count[0] if paper_count else 0:,} papers")


def main(
    records: Annotated[
        int, typer.Option(help="How many made records to resolve, to see how fast; 0 leaves that out.")
    ] = 200_000,
    errors: Annotated[int, typer.Option(help="How many wrong records of each kind to print.")] = 0,
    with_quality: Annotated[
        bool, typer.Option("--quality/--no-quality", help="Whether to measure precision and recall.")
    ] = True,
    papers: Annotated[int, typer.Option(help="How many of the real papers to measure quality on; 0: all.")] = 0,
) -> None:
    out = Console(width=100)
    measures = [lambda connection: quality(connection, out, papers, errors)] * with_quality + [
        lambda connection: speed(connection, out, records)
    ] * bool(records)
    for measure in measures:
        with tempfile.TemporaryDirectory() as folder:
            settings = Settings(home=Path(folder))
            with write_lock(settings, "benchmark"), open_build_database(settings) as connection:
                measure(connection)


if __name__ == "__main__":
    typer.run(main)
