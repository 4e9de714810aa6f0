from warehouse.readers import tables
from warehouse.readers.tables import arrange_tables


def cell(row, column, text, table="t"):
    places = {"table_id": table, "row_index": row, "column_index": column}
    return places | {"row_path": [f"row {row}"], "column_path": [f"column {column}"], "value_text": text}


def test_cells_stand_below_and_behind_their_heads():
    (arranged,) = arrange_tables([{"table_id": "t"}], [cell(1, 1, "1"), cell(1, 3, "2"), cell(2, 3, "3")])
    assert arranged["columns"] == [["column 1"], ["column 3"]]
    assert [(row["path"], [each and each["value_text"] for each in row["cells"]]) for row in arranged["rows"]] == [
        (["row 1"], ["1", "2"]),
        (["row 2"], [None, "3"]),
    ]
    assert not arranged["is_cut"]


def test_a_page_shows_no_more_than_it_can(monkeypatch):
    monkeypatch.setattr(tables, "MAX_CELLS", 2)
    cells = [cell(1, 1, "1"), *(cell(row, 1, "2", "u") for row in range(3))]
    first, second = arrange_tables([{"table_id": "t"}, {"table_id": "u"}], cells)
    assert (first["is_cut"], second["is_cut"], len(second["rows"])) == (False, True, 1)
