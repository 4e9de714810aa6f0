"""A load corpus of any size: abstracts recombined from real sentences, so that their lengths, numbers and links are
real while every paper is new."""

import json
import random
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import polars as pl

from transforms.identity.keys import stable_hash
from transforms.papers import normalise
from transforms.text.sentences import find_sentence_spans
from warehouse.settings import PROJECT
from warehouse.upstream.sources import read_source

SENTENCES_PER_ABSTRACT = (5, 9)
_PEOPLE = 100_000  # who write papers
SHARED = PROJECT.parent / "shared" / "data"


def corpus(papers: int, listing: Path | None = None, seed: int = 7) -> pl.DataFrame:
    """(text_id, title, abstract) of so many papers. listing: a saved papers page to take sentences from; without one,
    the bundled sample."""
    words, sentences = _material(listing)
    chance = random.Random(seed)  # noqa: S311
    titles = [" ".join(chance.choices(words, k=chance.randint(5, 12))) for _ in range(papers)]
    abstracts = [" ".join(chance.choices(sentences, k=chance.randint(*SENTENCES_PER_ABSTRACT))) for _ in range(papers)]
    return pl.DataFrame({"text_id": [f"t{i}" for i in range(papers)], "title": titles, "abstract": abstracts})


def write_snapshot(papers: int, files: Sequence[Path], seed: int = 7, first: int = 0) -> None:
    """Papers as lines of arXiv's snapshot, dealt to the files by a hash of their ids; 1 % are a second version
    of an earlier one.

    The same numbers give the same bytes; first: behind which number the papers of a month are counted. Sentences come
    from ../shared where that is, else from the bundled sample, whose papers have ten times as many claims: reading them
    takes four times as long.
    """
    words, sentences = _material(listing if (listing := SHARED / "hf_papers_listing.txt").exists() else None)
    chance, people = random.Random(seed), random.Random(seed)  # noqa: S311
    known: list[str] = []
    numbers: Counter[str] = Counter()
    with ExitStack() as stack:
        outputs = [stack.enter_context(file.open("w", encoding="utf-8")) for file in files]
        for i in range(papers):
            month = f"{chance.randint(8, 26):02}{chance.randint(1, 12):02}"
            is_again = bool(known) and chance.random() < 0.01
            numbers[month] += not is_again
            arxiv_id = chance.choice(known) if is_again else f"{month}.{first + numbers[month]:05}"
            if not is_again and len(known) < 50_000:
                known.append(arxiv_id)
            versions = [
                {"version": f"v{number}", "created": "Mon, 2 Apr 2007 19:18:42 GMT"}
                for number in range(1, 3 if is_again else 2)
            ]
            names = [_name(people.randrange(_PEOPLE)) for _ in range(3)]
            line = {
                "id": arxiv_id,
                "submitter": "A. Submitter",
                "authors": f"A. {names[0]}, B. {names[1]} and C. {names[2]}",
                "title": " ".join(chance.choices(words, k=chance.randint(5, 12))),
                "comments": None,
                "journal-ref": None,
                "doi": f"10.5555/{seed}.{i}" if chance.random() < 0.2 else None,
                "report-no": None,
                "categories": "cs.LG cs.CL",
                "license": None,
                "abstract": "  "
                + "\n".join(chance.choices(sentences, k=chance.randint(*SENTENCES_PER_ABSTRACT)))
                + "\n",
                "versions": versions,
                "update_date": f"20{month[:2]}-{month[2:]}-{chance.randint(1, 28):02}",
                "authors_parsed": [[name, f"{letter}.", ""] for name, letter in zip(names, "ABC", strict=True)],
            }
            outputs[int(stable_hash(arxiv_id), 16) % len(outputs)].write(json.dumps(line) + "\n")


def _name(number: int) -> str:
    """A family name for each number."""
    letters = [chr(ord("a") + number // 26**place % 26) for place in range(4)]
    return "".join(letters).capitalize()


def _material(listing: Path | None) -> tuple[list[str], list[str]]:
    """(words of titles, sentences of abstracts) of a saved papers page; of the bundled sample without one."""
    files = [listing] if listing else sorted((PROJECT / "sample" / "hf_listing").glob("*.txt"))
    frames = [normalise(read_source("hf_listing").parse(file.read_bytes()).records, "hf_listing") for file in files]
    papers = pl.concat(frames).drop_nulls("abstract")
    sentences = [abstract[start:end] for abstract in papers["abstract"] for start, end in find_sentence_spans(abstract)]
    return [word for title in papers["title"] for word in title.split()], sentences


def snapshot_texts(file: Path) -> pl.DataFrame:
    """(text_id, title, abstract) of the papers of an arXiv snapshot, white space folded."""
    folded = pl.col("title", "abstract").str.strip_chars().str.replace_all(r"\s+", " ")
    texts = pl.scan_ndjson(file).select(folded).collect()
    return texts.select(pl.int_range(pl.len()).cast(pl.String).alias("text_id"), "title", "abstract")
