from warehouse.dbt import results, target


def test_results_that_were_cut_off_are_none(settings):
    target(settings).mkdir(parents=True)
    (target(settings) / "run_results.json").write_text('{"results": [{"unique_id": "model.x", "sta')
    assert results(settings) == []
