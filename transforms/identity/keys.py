"""The keys of a record: the id that its source gives it, its title as identity compares it, and the hashes that other
tables refer to.

transforms/identity/matching.py and clustering.py make one paper of the records that are one.
"""

import re
import unicodedata
from functools import lru_cache
from hashlib import blake2b

import polars as pl

_TITLE_NOISE = re.compile(r"[\W_]+")
_LATEX = re.compile(r"\\[A-Za-z]+\s*|[\\${}^~]")
ABSTRACT_HEAD_CHARACTERS = 400


def stable_hash(text: str, digest_size: int = 8) -> str:
    """A hash that is the same in every process, on every machine and for ever: BLAKE2b in hexadecimal."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=digest_size).hexdigest()


def normalise_title(title: str) -> str:
    """The title without case, accents' encoding, punctuation and white space: what two spellings of one title share.

    >>> normalise_title("RoAST: Robustifying  Language-Models")
    'roast robustifying language models'
    """
    return _TITLE_NOISE.sub(" ", unicodedata.normalize("NFKC", title).casefold()).strip()


def title_key(title: str) -> str:
    """The title as identity compares it: normalised, and without LaTeX, accents and ampersands; ' : ' stands where a
    subtitle begins.

    >>> title_key(r"RoAST: $\\\\alpha$-Robust \\\\emph{Modèles} & More")
    'roast : robust modeles and more'
    """
    folded = _folded(_LATEX.sub(" ", title.replace("&", " and ").replace("+", " plus ")))
    parts = [_TITLE_NOISE.sub(" ", part).strip() for part in re.split(r":\s|\s[-–—]\s|\s*[—]\s*|[?!]\s", folded)]
    return " : ".join(part for part in parts if part) or folded.strip()


def _folded(text: str) -> str:
    """The text without accents and case."""
    if text.isascii():
        return text.lower()
    return "".join(
        character for character in unicodedata.normalize("NFKD", text) if not unicodedata.combining(character)
    ).casefold()


def abstract_head(abstract: pl.Expr) -> pl.Expr:
    """The letters and digits of the abstract's beginning, which cut and whole abstracts share."""
    return (
        abstract.str.head(ABSTRACT_HEAD_CHARACTERS * 2)
        .str.to_lowercase()
        .str.replace_all(r"[\W_]+", "")
        .str.head(ABSTRACT_HEAD_CHARACTERS)
    )


@lru_cache(maxsize=1 << 18)
def surname(author: str) -> str:
    """The author's last name, folded: of "A. B. Müller" and of "Müller, A. B.".

    >>> surname("A. B. Müller"), surname("Müller, A. B."), surname("Jane Doe Jr.")
    ('muller', 'muller', 'doe')
    """
    folded = _folded(author)
    last_first = folded.partition(",")
    words = [word for word in re.split(r"[\s.]+", last_first[0] if last_first[1] else folded) if word.strip("-'’")]
    while len(words) > 1 and words[-1] in ("jr", "sr", "ii", "iii", "iv"):
        words.pop()
    return re.sub(r"[^\w]", "", words[-1]) if words else ""


def add_identity(papers: pl.DataFrame) -> pl.DataFrame:
    """The papers with own_id, source_record_id (the source's own, else own_id), title_key and mention_id.

    own_id: the arXiv id, else the DOI, else the ACL or OpenReview id, else a hash of the normalised title and, where
    known, the first author's surname.
    """
    given_id = pl.coalesce(
        "arxiv_id", "doi", pl.format("acl:{}", "acl_id"), pl.format("openreview:{}", "openreview_id")
    )
    names = papers.select(given_id.alias("given_id"), "title", pl.col("authors").list.first().alias("author"))
    own_id = pl.Series(
        [given or _title_id(title, author) for given, title, author in names.iter_rows()], dtype=pl.String
    )
    keyed = papers.with_columns(
        own_id=own_id, title_key=pl.col("title").map_elements(title_key, return_dtype=pl.String)
    )
    named = keyed.with_columns(source_record_id=pl.coalesce("source_record_id", "own_id"))
    mention = pl.concat_str("source", "source_record_id", "title_key", separator="\n")
    return named.with_columns(
        mention_id=mention.map_elements(lambda text: stable_hash(text, 10), return_dtype=pl.String)
    )


def _title_id(title: str, author: str | None) -> str:
    by = f"\n{surname(author)}" if author else ""
    return f"title:{stable_hash(normalise_title(title) + by)}"


def add_text_id(papers: pl.DataFrame) -> pl.DataFrame:
    """The papers with text_id, the hash of title and abstract: equal texts have equal claims, wherever they come
    from."""
    text = pl.concat_str(pl.col("title"), pl.lit("\n"), pl.col("abstract").fill_null(""))
    return papers.with_columns(
        text_id=text.map_elements(lambda joined: stable_hash(joined, digest_size=12), return_dtype=pl.String)
    )
