"""Series of loads through the real steps, dbt and the command line: the marts that grew by them are those of one full
build, and of a home that is rebuilt from what landed; an id that was published leads to its paper."""

import json
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from tests.warehouse.steps.test_steps import marts
from warehouse.cli.app import app
from warehouse.settings import Settings
from warehouse.steps.build import build
from warehouse.steps.check import check
from warehouse.steps.land import land, reopen_all_loads
from warehouse.steps.load import load
from warehouse.steps.parse import parse
from warehouse.storage.publication import open_publication, read_manifest

STONES = "We sort stones by weight, with care, and reach 91.5% accuracy on ImageNet. Code: https://github.com/a/b " * 2
CATS = "Cats are sorted by length, and nobody knew how long that takes: it gains 3.2% on CIFAR-10. " * 3
TITLES = ("Sorting Stones by Weight", "Sorting Stones by Weight: A Study of Many Shores", "Painting Walls at Night")
# Of one instant.
CHECKS = [
    {"url": "https://github.com/a/b", "checked_at": "2026-03-09T10:00:00+00:00", "via": "page", "http_status": status}
    for status in (200, 404, 401)
]


# A series changes most of the few papers that were published, which is what guardrails refuse.
LIFTED = {"guardrail_min_rows_share": 0, "guardrail_min_claims_share": 0, "guardrail_max_null_jump": 1}


class Home:
    """A home in which things happen by the command line."""

    def __init__(self, folder, **guardrails):
        self.folder, self.guardrails = folder, guardrails
        self.settings = Settings(home=folder / "home", **guardrails)
        self.loaded, self.late, self.count = [], [], 0

    def call(self, *arguments):
        values = {"home": self.settings.home, **self.guardrails}
        variables = {f"PAPERHOUSE_{name.upper()}": str(value) for name, value in values.items()}
        done = CliRunner().invoke(app, arguments, env=variables)
        assert done.exit_code == 0, (arguments, done.output, done.exception)

    def land(self, source, lines):
        self.count += 1
        file = self.folder / f"{source}-{self.count}.jsonl"
        file.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
        (batch,) = land(self.settings, source, [file])
        return batch

    def take_in(self, batch):
        for step in (parse, check, load):
            step(self.settings, batch)
        if batch not in self.loaded:
            self.loaded.append(batch)

    def act(self, name, what):
        if name == "load":
            self.take_in(self.land("semantic_scholar", what))
        elif name == "late":
            self.late.append(self.land("semantic_scholar", what))
        elif name == "check":
            self.take_in(self.land("link_checks", [what]))
        elif name == "withdraw" and len(self.loaded) > 1:
            self.call("withdraw", self.loaded.pop(), "--reason", "test")
        elif name == "publish" and self.loaded:
            self.publish()

    def publish(self):
        for step in ("build", "audit", "publish"):
            self.call(step)

    def ids(self):
        with open_publication(self.settings) as connection:
            found = connection.execute("select paper_id from fct_papers").fetchall()
            return {paper_id for (paper_id,) in found}

    def lost(self, ids):
        """Those of the ids that lead to no paper, though a record of theirs is still there."""
        with open_publication(self.settings) as connection:
            query = "select marts.paper_id_of(?) is null"
            return {paper_id for paper_id in ids if connection.execute(query, [paper_id]).fetchone()[0]}


def paper(number, title, abstract, **ids):
    return {"corpusid": number, "title": title, "abstract": abstract, "externalids": ids}


# What happens: papers are loaded, at once or at the end, links are checked, the last load is withdrawn, and all is
# published.
SERIES = {
    "a paper falls apart, and what leaves it would have the id of another": [
        ("load", [paper(0, TITLES[0], CATS)]),
        ("load", [paper(1, TITLES[1], STONES, ArXiv="2401.00001")]),
        ("publish", None),
        ("load", [paper(2, TITLES[0], STONES), paper(3, TITLES[0], STONES, DOI="10.5555/a")]),
        ("publish", None),
        ("load", [paper(4, TITLES[2], f"{STONES} Again.", DOI="10.5555/a", ArXiv="2401.00002")]),
    ],
    "a DOI is corrected": [
        ("load", [paper(i, f"{TITLES[2]} and {word}", CATS + word, DOI="10.5555/b") for i, word in enumerate("ABC")]),
        ("publish", None),
        ("load", [paper(0, f"{TITLES[2]} and A", f"{CATS}A", DOI="10.5555/a")]),
    ],
    "links are checked at one instant": [
        ("load", [paper(0, TITLES[0], STONES)]),
        ("publish", None),
        *(("check", each) for each in CHECKS),
    ],
    "what landed first is loaded last": [
        ("late", [paper(0, TITLES[0], STONES)]),
        ("load", [paper(1, TITLES[0], STONES, ArXiv="2401.00001")]),
        ("publish", None),
    ],
    "papers share a text, and one is withdrawn": [
        ("load", [paper(0, TITLES[0], STONES)]),
        ("publish", None),
        ("load", [paper(1, TITLES[0], STONES, ArXiv="2401.00001")]),
        ("withdraw", None),
    ],
}


def without_instants(found):
    """Rows without what differs between a home and its rebuild: batches are loaded anew."""
    names = ("load_number", "record_number")
    return {
        table: sorted(repr({name: value for name, value in row.items() if name not in names}) for row in rows)
        for table, rows in found.items()
    }


a_paper = st.builds(
    lambda number, title, abstract, ids: paper(number, title, abstract, **ids),
    st.integers(0, 3),
    st.sampled_from(TITLES),
    st.sampled_from((STONES, CATS, f"{STONES} Again.")),
    st.fixed_dictionaries(
        {},
        optional={
            "DOI": st.sampled_from(("10.5555/a", "10.5555/b")),
            "ArXiv": st.sampled_from(("2401.00001", "2401.00002")),
        },
    ),
)
some_papers = st.lists(a_paper, min_size=1, max_size=4)
an_act = st.one_of(
    st.tuples(st.just("load"), some_papers),
    st.tuples(st.just("late"), some_papers),
    st.tuples(st.just("check"), st.sampled_from(CHECKS)),
    st.tuples(st.sampled_from(("withdraw", "publish")), st.none()),
)


@pytest.mark.trust
@pytest.mark.parametrize("series", SERIES.values(), ids=SERIES)
def test_what_grew_is_what_is_built_at_once(series):
    run_series(series)


@pytest.mark.trust
@given(st.lists(an_act, min_size=3, max_size=8))
@settings(max_examples=4, deadline=None)
def test_what_grew_by_any_series_is_what_is_built_at_once(series):
    run_series(series)


@pytest.mark.trust
def test_papers_that_became_one_are_no_loss_to_the_guardrails(tmp_path):
    home, words = Home(tmp_path), ("stones", "walls", "nights", "shores", "weights", "lengths")
    apart = [
        paper(i, f"On {each}", f"{each} {CATS[i * 20 :]} https://github.com/a/b", DOI=f"10.5555/{i}")
        for i, each in enumerate(words)
    ]
    home.act("load", apart)
    home.publish()
    assert len(home.ids()) == len(words)
    home.act("load", [apart[0] | {"corpusid": each["corpusid"]} for each in apart])
    home.publish()
    assert len(home.ids()) == 1


def run_series(series):
    with TemporaryDirectory() as folder:
        home, published, has_withdrawn = Home(Path(folder), **LIFTED), set(), False
        home.act("load", [paper(9, "A Paper That Is Always There", CATS + " Always.")])
        for name, what in series:
            home.act(name, what)
            has_withdrawn = has_withdrawn or name == "withdraw"
            if read_manifest(home.settings):
                published |= home.ids()
        for batch in home.late:
            home.take_in(batch)
        home.publish()
        if not has_withdrawn:
            assert home.lost(published) == set()
        grown = marts(home.settings)
        build(home.settings, full_refresh=True)
        assert marts(home.settings) == grown
        fresh = Settings(home=Path(folder) / "fresh")
        shutil.copytree(home.settings.landing, fresh.landing)
        for batch in reopen_all_loads(fresh):
            for step in (parse, check, load):
                step(fresh, batch)
        build(fresh)
        assert without_instants(marts(fresh)) == without_instants(grown)
