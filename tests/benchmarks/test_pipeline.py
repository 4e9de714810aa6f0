"""The benchmark of the whole pipeline runs, on few papers; how fast is not judged here."""

from benchmarks.pipeline import _run


def test_it_prints_every_line(tmp_path, capsys):
    _run(tmp_path, papers=300, increment=50, with_dlt=False)
    output = capsys.readouterr().out
    for part in (
        "read_json",
        "land … publish",
        "nothing new",
        "some new papers",
        "parse",
        "publication: DuckDB",
        "papers by words",
    ):
        assert part in output
