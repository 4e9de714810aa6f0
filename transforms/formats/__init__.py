"""What a parser is made of: the entries that it gives, the fields that it takes, formats that several sources share.

A module of a source imports from here; formats of one or two sources are modules of their own.
"""

from transforms.config import Live, Section, SourceConfig
from transforms.formats.bundle import iter_members
from transforms.formats.entries import Entry, Reject, broken, collect, objects, results_of_paper
from transforms.formats.fields import Fields, Row, Upstream, day, decoded, links, one_for_each, printable
from transforms.formats.files import BrokenFileError, open_decompressed, read_json_document, whole
from transforms.formats.json_array import iter_json_array, json_array
from transforms.formats.json_lines import json_lines
from transforms.formats.parquet import is_parquet, iter_parquet
from transforms.frames import Parsed
from transforms.identity.identifiers import (
    acl_id,
    arxiv_id,
    arxiv_version,
    doi,
    first_id,
    names_paper,
    openreview_id,
    paper_ids,
)

__all__ = [
    "BrokenFileError",
    "Entry",
    "Fields",
    "Live",
    "Parsed",
    "Reject",
    "Row",
    "Section",
    "SourceConfig",
    "Upstream",
    "acl_id",
    "arxiv_id",
    "arxiv_version",
    "broken",
    "collect",
    "day",
    "decoded",
    "doi",
    "first_id",
    "is_parquet",
    "iter_json_array",
    "iter_members",
    "iter_parquet",
    "json_array",
    "json_lines",
    "links",
    "names_paper",
    "objects",
    "one_for_each",
    "open_decompressed",
    "openreview_id",
    "paper_ids",
    "printable",
    "read_json_document",
    "results_of_paper",
    "whole",
]
