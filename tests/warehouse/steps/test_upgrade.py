"""A home made by the release before (tests/fixtures/home-0.1.0.tar.xz, of two papers of our own) is read, and rebuilt
where its tables differ."""

import tarfile

import pytest

from warehouse.errors import StepError
from warehouse.operations.doctor import diagnose
from warehouse.operations.status import read_status
from warehouse.readers.papers import find_papers, read_papers
from warehouse.settings import PROJECT, Settings
from warehouse.steps.pipeline import rebuild, run
from warehouse.storage.database import build_database
from warehouse.storage.publication import open_publication, read_manifest

PAPERS = "select paper_id, title, abstract, claim_count, repo_link_count, first_seen_at from fct_papers order by all"


@pytest.fixture
def old(tmp_path):
    with tarfile.open(PROJECT / "tests" / "fixtures" / "home-0.1.0.tar.xz") as archive:
        archive.extractall(tmp_path / "old", filter="data")
    return Settings(home=tmp_path / "old")


def test_its_publication_is_read(old):
    with open_publication(old) as connection:
        (found,) = find_papers(connection, "sorting stones")
        (paper,) = read_papers(connection, [found["paper_id"]]).values()
        assert paper["claims"][0]["value_text"] == "3.2%"
    state = read_status(old)
    assert (state["publication"]["version"], len(state["loads"])) == (1, 1)
    assert "made by another version" in state["busy"]


def test_its_build_database_is_refused_with_the_way_out(old, listing):
    with pytest.raises(StepError, match="another version of paperhouse") as refused:
        run(
            old,
            "hf_listing",
            [listing(("A Title", "We show that it gains 3.1% accuracy, at no cost at all, and that it is plain."))],
        )
    assert "paperhouse rebuild" in refused.value.hint
    assert any("paperhouse rebuild" in finding.hint for finding in diagnose(old) if finding.state == "fault")
    assert read_manifest(old)["version"] == 1


def test_it_is_rebuilt_from_what_landed(old):
    with open_publication(old) as connection:
        before = connection.execute(PAPERS).fetchall()
    report = rebuild(old)
    assert set(report.outcomes.values()) == {"loaded"}
    assert read_manifest(old)["version"] == 2
    with open_publication(old) as connection:
        assert connection.execute(PAPERS).fetchall() == before
    with build_database(old, "test") as connection:
        assert connection.execute("select count(*) from raw.loads").fetchone() == (1,)
