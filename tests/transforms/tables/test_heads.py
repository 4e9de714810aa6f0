"""Numbers and the heads that they stand under."""

import json
import re
import unicodedata

import pytest

from transforms.tables.archive import read_sources
from transforms.tables.grid import read_grid
from transforms.tables.heads import read_cells
from transforms.tables.macros import Macros
from transforms.tables.read import read_paper


def read(body, specification="lccc"):
    table = read_grid(body, specification, Macros({}))
    return [(cell.row, cell.column, cell.value.value) for cell in read_cells(table)]


def test_heads_of_several_rows_and_groups():
    body = r"""\toprule
\multirow{2}{*}{Method} & \multicolumn{2}{c}{ImageNet} & COCO \\ \cmidrule(lr){2-3} & Top-1 & Top-5 & AP \\ \midrule
\multicolumn{4}{l}{\emph{Supervised}} \\ ResNet & 76.1 & 92.9 & 38 \\ \midrule
\multicolumn{4}{l}{\emph{Ours}} \\ Stones & \textbf{79.3} & -- & 41 \\ \bottomrule"""
    assert read(body) == [
        (("Supervised", "ResNet"), ("ImageNet", "Top-1"), 76.1),
        (("Supervised", "ResNet"), ("ImageNet", "Top-5"), 92.9),
        (("Supervised", "ResNet"), ("COCO", "AP"), 38.0),
        (("Ours", "Stones"), ("ImageNet", "Top-1"), 79.3),
        (("Ours", "Stones"), ("COCO", "AP"), 41.0),
    ]


def test_labels_over_several_rows_and_marks_beside_them():
    body = r"""Data & Model & Aug. & Acc. \\ \hline
\multirow{2}{*}{CIFAR} & A & \checkmark & 90.1 \\ & B & & 91.2 \\ \hline"""
    cells = read_cells(read_grid(body, "llcc", Macros({})))
    assert [(cell.row, cell.column) for cell in cells] == [(("CIFAR", "A"), ("Acc.",)), (("CIFAR", "B"), ("Acc.",))]
    assert [cell.attributes for cell in cells] == [(("Aug.", "✓"),), (("Aug.", ""),)]


def test_one_head_over_two_lines_is_one_and_a_rule_parts_two():
    assert read(r" & Gemini & GPT \\ & Judge & Judge \\ \midrule A & 1.5 & 2.5 \\", "lcc")[0][1] == ("Gemini Judge",)
    assert read(r" & Gemini & GPT \\ \hline & Acc & Acc \\ \hline A & 1.5 & 2.5 \\", "lcc")[0][1] == ("Gemini", "Acc")


def test_blocks_have_heads_of_their_own():
    body = r"""\multicolumn{3}{c}{Dialogues} \\ \toprule & BL & BR \\ \hline BL & - & 0.8 \\
\multicolumn{3}{c}{Chat} \\ \toprule & KV & HF \\ \hline KV & - & 0.4 \\"""
    assert read(body, "lcc") == [(("Dialogues", "BL"), ("BR",), 0.8), (("Chat", "KV"), ("HF",), 0.4)]


def test_a_number_over_several_columns_has_the_heads_that_all_have():
    body = (
        r" & \multicolumn{2}{c}{FID} \\ & zero & fine \\ \hline A & 1.0 & 2.0 \\ Random & \multicolumn{2}{c}{2.47} \\"
    )
    assert read(body, "lcc")[-1] == (("Random",), ("FID",), 2.47)


def test_a_cell_at_the_foot_of_its_rows_stands_in_all_of_them():
    assert [
        row for row, _, _ in read(r"D & M & Acc \\ \hline & A & 1.5 \\ \multirow{-2}{*}{Data} & B & 2.5 \\", "llc")
    ] == [
        ("Data", "A"),
        ("Data", "B"),
    ]


def test_a_table_of_too_many_cells_is_cut():
    grid = read_grid(r"1 & 2 & 3 \\ " * 40_000, "ccc", Macros({}))
    assert 20_000 <= len(grid.cells) <= 20_003


def folded(text):
    text = unicodedata.normalize("NFKD", text).lower().replace("−", "-").replace("–", "-").replace("×", "x")
    return re.sub(r"[^a-z0-9%+.]", "", text)


def is_path(found, asked):
    return [word for word in map(folded, found) if word] == [word for word in map(folded, asked) if word]


def test_cells_of_real_tables_by_hand(shared, tmp_path):
    """Of the cells of the main tables of 24 e-prints, annotated by hand, nearly all with value, row and column."""
    count = right = bold = right_bold = 0
    for line in (shared / "gold" / "table_cells.jsonl").read_text("utf-8").splitlines():
        gold = json.loads(line)
        content = (shared / "data" / "eprints" / f"{gold['paper']}.tar.gz").read_bytes()
        paper = read_paper(read_sources(content).files)
        tables = [
            each for each in paper.tables if folded(each.caption or "").startswith(folded(gold["caption_starts"])[:60])
        ]
        tables = [each for each in tables if each.place.file.endswith(gold["file"].lstrip("./"))] or tables
        pool = list(tables[min(gold["tabular"], len(tables) - 1)].cells) if tables else []
        for cell in gold["cells"]:
            count += 1
            bold += cell["bold"]
            same = [each for each in pool if each.value.value == pytest.approx(cell["value"])]
            found = next((e for e in same if is_path(e.row, cell["row"]) and is_path(e.column, cell["column"])), None)
            if found:
                pool.remove(found)
                right += 1
                right_bold += cell["bold"] and found.cell.seen.bold
    assert right / count >= 0.98
    assert right_bold / bold >= 0.98
