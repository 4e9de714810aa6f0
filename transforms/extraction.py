"""Claims and links of many texts, spread over the processors."""

import gc
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor

import polars as pl

from transforms.claims.extract import extract_claims
from transforms.links import extract_links
from transforms.sentences import once_each
from transforms.vocabulary import Vocabulary

PARALLEL_FROM = 20_000  # texts; starting processes takes a second
_CHUNK = 20_000  # texts

Found = tuple[pl.DataFrame, pl.DataFrame]


def extract(texts: pl.DataFrame, vocabulary: Vocabulary) -> Found:
    """texts (text_id, title, abstract; cleaned) → CLAIMS and LINKS, in the order of the texts and of what stands in them."""
    texts = once_each(texts)
    if texts.height < PARALLEL_FROM or multiprocessing.current_process().daemon:
        return _extract(texts, vocabulary)
    # Spawned, as a fork would copy polars' locks.
    with ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn"), _start, (vocabulary,)) as pool:
        claims, links = zip(*pool.map(_extract_chunk, texts.iter_slices(_CHUNK)), strict=True)
    return pl.concat(claims), pl.concat(links)


def _extract(texts: pl.DataFrame, vocabulary: Vocabulary) -> Found:
    return extract_claims(texts, vocabulary), extract_links(texts, vocabulary)


_of_process: Vocabulary  # each process has its own, as a chunk would bring another one


def _start(vocabulary: Vocabulary) -> None:
    global _of_process
    _of_process = vocabulary
    gc.disable()  # nothing that is read holds itself, and the process ends with its work


def _extract_chunk(texts: pl.DataFrame) -> Found:
    return _extract(texts, _of_process)
