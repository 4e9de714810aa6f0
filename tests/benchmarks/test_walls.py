"""The simulation prints what it is asked for."""

from benchmarks.walls import main


def test_hours_and_storage_grow_with_the_works(capsys):
    main(works=1_000_000, workers=1, publications=2, changed=0.01)
    few = capsys.readouterr().out
    main(works=100_000_000, workers=16, publications=2, changed=0.01)
    many = capsys.readouterr().out
    assert "1,000,000 works, 1 workers" in few
    assert "100,000,000 works, 16 workers" in many
    assert few != many
