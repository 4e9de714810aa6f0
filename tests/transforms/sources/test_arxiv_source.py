import gzip
import io
import tarfile
from dataclasses import replace

import pytest

from tests.fuzzing.seeds import SEEDS
from transforms.frames import combine
from warehouse.upstream.sources import read_source

SOURCE = read_source("arxiv_source")


def parse(content, name):
    return combine(SOURCE.pieces(io.BytesIO(content), name))


@pytest.mark.parametrize(
    ("name", "arxiv_id", "version"),
    [
        ("2401.00001.gz", "2401.00001", None),
        ("2401.00001v3.tar.gz", "2401.00001", 3),
        ("arXiv-2401.00001v2.tar.gz", "2401.00001", 2),
        ("hep-th9901001.gz", "hep-th/9901001", None),
        ("hep-th_9901001v1.gz", "hep-th/9901001", 1),
        ("math.GT0309136.gz", "math/0309136", None),
        ("0704.1707.gz", "0704.1707", None),
        ("paper.tar.gz", None, None),
    ],
)
def test_the_name_has_the_id(name, arxiv_id, version):
    records = parse(SEEDS["arxiv_source"]()[0], name).records
    assert records.select("arxiv_id", "source_record_id", "version").row(0) == (arxiv_id, arxiv_id, version)


def test_a_paper_has_title_abstract_tables_and_cells():
    parsed = parse(SEEDS["arxiv_source"]()[1], "2401.00001v2.tar.gz")
    record = parsed.records.to_dicts()[0]
    assert (record["title_raw"], record["abstract_raw"]) == (
        "Sorting Stones by Weight",
        "It gains 3.1% accuracy on ImageNet.",
    )
    table = parsed.tables.to_dicts()[0]
    assert (table["table_number"], table["label"], table["caption"], table["section"]) == (
        1,
        "tab:main",
        "Accuracy of StoneSort.",
        "Results",
    )
    cells = parsed.table_cells
    assert cells.select("row_path", "column_path", "value", "spread", "is_bold", "row_citations").rows() == [
        (["Scales"], ["ImageNet", "Top-1"], 76.1, None, False, ["scales"]),
        (["Scales"], ["ImageNet", "Top-5"], 92.0, 0.1, False, ["scales"]),
        (["StoneSort"], ["ImageNet", "Top-1"], 79.3, None, True, []),
    ]
    assert set(cells["file"]) == {"main.tex"}
    assert parsed.rejects["message"].to_list() == ["2401.00001v2.tar.gz: the table in more.tex, line 1, has no end"]


def test_a_bulk_archive_holds_e_prints():
    content = io.BytesIO()
    members = {"2401/2401.00001.gz": SEEDS["arxiv_source"]()[0], "2401/2401.00002.pdf": b"%PDF-1.5", "2401/": None}
    with tarfile.open(fileobj=content, mode="w") as file:
        for name, data in members.items():
            member = tarfile.TarInfo(name)
            member.type, member.size = (tarfile.DIRTYPE, 0) if data is None else (tarfile.REGTYPE, len(data))
            file.addfile(member, io.BytesIO(data or b""))
    parsed = parse(content.getvalue(), "arXiv_src_2401_001.tar")
    assert parsed.records["arxiv_id"].to_list() == ["2401.00001"]
    assert parsed.rejects["reason"].to_list() == ["no_source"]


def test_a_bulk_archive_that_breaks_off_gives_what_came():
    content, seed = io.BytesIO(), SEEDS["arxiv_source"]()[0]
    with tarfile.open(fileobj=content, mode="w") as file:
        for number in range(1, 4):
            member = tarfile.TarInfo(f"2401/2401.0000{number}.gz")
            member.size = len(seed)
            file.addfile(member, io.BytesIO(seed))
    of_member = 512 + len(seed) + -len(seed) % 512
    parsed = parse(content.getvalue()[: 2 * of_member + 600], "arXiv_src_2401_001.tar")
    assert parsed.records["arxiv_id"].to_list()[:2] == ["2401.00001", "2401.00002"]
    assert "broken_file" in parsed.rejects["reason"].to_list()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (gzip.compress(b"\\documentclass{article} no beginning", mtime=0), "no_document"),
        (gzip.compress(b"\\documentclass{article}\\begin{document}x\\end{document}", mtime=0), "no_arxiv_id"),
        (b"%PDF-1.5", "no_source"),
    ],
)
def test_what_cannot_be_read_is_a_reject(content, reason):
    parsed = parse(content, "paper.gz")
    assert (parsed.records.height, parsed.rejects["reason"].to_list()) == (0, [reason])


def test_an_e_print_that_is_too_large_stops_no_other():
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as file:
        for name, data in (("2401/2401.00001.gz", b"x" * 9000), ("2401/2401.00002.gz", SEEDS["arxiv_source"]()[0])):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            file.addfile(member, io.BytesIO(data))
    limits = SOURCE.config.limits.model_copy(update={"unpacked_max_bytes": 8000})
    source = replace(SOURCE, config=SOURCE.config.model_copy(update={"limits": limits}))
    parsed = combine(source.pieces(io.BytesIO(content.getvalue()), "arXiv_src_2401_001.tar"))
    assert parsed.records["arxiv_id"].to_list() == ["2401.00002"]
    assert parsed.rejects["reason"].to_list() == ["too_large"]
