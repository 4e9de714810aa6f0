"""The benchmark of refreshes runs, on few papers; how fast is not judged here."""

from benchmarks.refresh import run


def test_it_prints_a_line_for_each_refresh(tmp_path, capsys):
    run(tmp_path, 300, [10, 20])
    output = capsys.readouterr().out
    for part in ("300 papers", "10 onto them", "20 onto them", "MB written", "papers by words"):
        assert part in output
