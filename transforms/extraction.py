"""Claims and links of many texts, spread over the processors."""

import polars as pl

from transforms.claims.extract import extract_claims
from transforms.links import extract_links
from transforms.parallel import each
from transforms.sentences import once_each
from transforms.vocabulary import Vocabulary

CHUNK = 20_000  # texts; starting processes takes a second

Found = tuple[pl.DataFrame, pl.DataFrame]


def extract(texts: pl.DataFrame, vocabulary: Vocabulary) -> Found:
    """texts (text_id, title, abstract; cleaned) → CLAIMS and LINKS, in the order of the texts and of what stands in them."""
    texts = once_each(texts)
    claims, links = zip(*each(_extract, list(texts.iter_slices(CHUNK)) or [texts], vocabulary), strict=True)
    return pl.concat(claims), pl.concat(links)


def _extract(texts: pl.DataFrame, vocabulary: Vocabulary) -> Found:
    return extract_claims(texts, vocabulary), extract_links(texts, vocabulary)
