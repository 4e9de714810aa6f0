"""Several sources in one warehouse: one body of papers, with versions, listings, results, links and what each source
was trusted for."""

import gzip
import json

import pytest

from tests.upstream import oai, oai_record, paper
from warehouse.errors import RejectedError
from warehouse.settings import Settings
from warehouse.steps.audit import audit
from warehouse.steps.build import build
from warehouse.steps.check import check
from warehouse.steps.land import land
from warehouse.steps.load import load
from warehouse.steps.parse import parse
from warehouse.steps.publish import publish
from warehouse.storage.publication import open_publication

ABSTRACT = "We sort stones with Gneiss. It achieves 91.5% accuracy on ImageNet. Code: https://github.com/quarry/gneiss"


def day(date, *papers):
    return json.dumps(
        {"date": date, "papers": [{"abstract": ABSTRACT[:60], "authors": ["Ann Stone"]} | each for each in papers]}
    ).encode()


def row(**changes):
    return {
        "model_name": "Gneiss",
        "paper_title": paper(1)["title"],
        "paper_url": f"https://arxiv.org/abs/{paper(1)['id']}v1",
        "paper_date": "2026-03-02",
    } | changes


STONES, WITHDRAWN = (
    {"id": paper(1)["id"], "title": paper(1)["title"]},
    {"id": paper(7)["id"], "title": paper(7)["title"]},
)
FILES = [
    ("hf_daily", "2026-03-05.json", day("2026-03-05", STONES | {"upvotes": 10}, WITHDRAWN | {"upvotes": 9})),
    ("hf_daily", "2026-03-06.json", day("2026-03-06", STONES | {"upvotes": 25, "mood": "good"})),
    (
        "arxiv_oai",
        "oai.xml",
        oai([oai_record(1, versions=2), oai_record(7, versions=2, source_type="I")]).replace(
            b"Stone 1 is sorted. It gains 3.1% accuracy.", ABSTRACT.encode()
        ),
    ),
    (
        "pwc",
        "links.json.gz",
        gzip.compress(
            json.dumps(
                [
                    {
                        "paper_title": paper(1)["title"],
                        "paper_arxiv_id": paper(1)["id"],
                        "repo_url": url,
                        "is_official": official,
                        "framework": "jax",
                    }
                    for url, official in (
                        ("https://github.com/quarry/gneiss", True),
                        ("https://github.com/fans/gneiss-again", False),
                    )
                ]
            ).encode()
        ),
    ),
    (
        "pwc",
        "evaluation-tables.json",
        json.dumps(
            [
                {
                    "task": "Image Classification",
                    "subtasks": [],
                    "datasets": [
                        {
                            "dataset": "ImageNet",
                            "sota": {
                                "rows": [
                                    row(metrics={"Top 1 Accuracy": "0.915"}),
                                    row(metrics={"Top 1 Accuracy": "12%"}, model_name="Small"),
                                    row(metrics={"Params": "24M"}, paper_title=""),
                                    row(metrics={"Params": "2M"}, paper_title="", paper_url="arxiv.org/abs/2401.09999"),
                                    row(metrics={"Params": "3M"}, paper_title="https://stones.example", paper_url=""),
                                ]
                            },
                        }
                    ],
                }
            ]
        ).encode(),
    ),
    (
        "curated_list",
        "list.json",
        json.dumps(
            {
                "Sorting": {
                    paper(1)["id"]: f"|**2026-03-04**|**{paper(1)['title'].upper()}**|Ann Stone "
                    f"et.al.|[{paper(1)['id']}](u)|null|\n",
                    "odd": "no row",
                }
                | {
                    f"2604.{i:05d}": f"|**2026-04-01**|**Another Pebble Paper {i}**|Ben Rock "
                    f"et.al.|[2604.{i:05d}](u)|null|\n"
                    for i in range(30)
                }
            }
        ).encode(),
    ),
]


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    folder = tmp_path_factory.mktemp("together")
    settings = Settings(home=folder / "home")
    for source, name, content in FILES:
        file = folder / name
        file.write_bytes(content)
        for batch in land(settings, source, [file]):
            for step in (parse, check, load):
                step(settings, batch)
    for step in (build, audit, publish):
        step(settings)
    with open_publication(settings) as connection:
        yield lambda query: connection.execute(query).fetchall()


def test_a_paper_of_five_sources_is_one(published):
    assert published("select count(*), max(source_count) from fct_papers") == [(33, 4)]
    assert published("select distinct paper_id from paper_aliases where alias = '2603.00001'") == [("2603.00001",)]


def test_the_most_trusted_source_gives_text_and_days(published):
    found = published(
        "select abstract, published_on::varchar, updated_on::varchar, version, authors[1] from fct_papers "
        "where arxiv_id = '2603.00001'"
    )
    assert found == [(ABSTRACT, "2026-03-02", "2026-03-03", 2, "Ann Stone")]


def test_withdrawn_is_kept_and_marked(published):
    assert published("select paper_id, is_withdrawn from fct_papers where paper_id like '2603%' order by all") == [
        ("2603.00001", False),
        ("2603.00007", True),
    ]
    assert {paper_id for (paper_id,) in published("select paper_id from trending")} == {"2603.00001"}


def test_versions_stand_in_both_times(published):
    found = published(
        "select source, version, title is null, valid_from::varchar, valid_to::varchar from paper_versions "
        "where paper_id = '2603.00001' order by all"
    )
    assert [each for each in found if each[0] == "arxiv_oai"] == [
        ("arxiv_oai", 1, True, "2026-03-02", "2026-03-03"),
        ("arxiv_oai", 2, False, "2026-03-03", None),
    ]
    assert {each[0] for each in found} == {"arxiv_oai", "hf_daily", "pwc", "curated_list"}


def test_listings_and_momentum(published):
    assert published(
        "select listed_on::varchar, upvotes from paper_listings where paper_id = '2603.00001' and source = "
        "'hf_daily' order by all"
    ) == [
        ("2026-03-05", 10),
        ("2026-03-06", 25),
    ]
    assert published("select window_days, upvote_gain from trending order by all") == [(1, 15), (7, 25), (30, 25)]


def test_links_have_their_lives_and_their_sources(published):
    found = published(
        "select url, section, source, is_official, mentioned_in_paper, framework from fct_repo_links order by url"
    )
    assert found == [
        ("https://github.com/fans/gneiss-again", "listing", "pwc", False, None, "jax"),
        ("https://github.com/quarry/gneiss", "abstract", "arxiv_oai", True, True, "jax"),
    ]
    assert published("select repo_link_count from fct_papers where paper_id = '2603.00001'") == [(2,)]


def test_a_claim_meets_the_leaderboard(published):
    reported = "from fct_reported_results where metric = 'accuracy' order by value"
    assert published(f"select dataset, metric, value_text, model {reported}") == [
        ("ImageNet", "accuracy", "0.915", "Gneiss"),
        ("ImageNet", "accuracy", "12%", "Small"),
    ]
    assert published("select outcome, claimed_text, reported_text, result_count, claim_evidence, "
        "result_evidence from claim_checks") == [
        (
            "percent_fraction", "91.5%", "0.915", 2,
            "It achieves 91.5% accuracy on ImageNet.", "Image Classification / ImageNet / Top 1 Accuracy / Gneiss",
        )
    ]  # fmt: skip


def test_drift_is_noticed_and_kept(published):
    found = published("select original_name, schema_changes from load_history where schema_changes <> '{}'")
    assert [(name, json.loads(changes)) for name, changes in found] == [("2026-03-06.json", {"new": ["mood"]})]


def test_rejects_name_their_source_and_reason(published):
    assert published("select source, original_name, entry_index, line_first, reason from rejects") == [
        ("curated_list", "list.json", 2, None, "not_a_row")
    ]


def test_a_result_without_a_title_finds_its_paper_by_the_url(published):
    query = """
        select papers.paper_id, papers.title, results.value, results.paper_title
        from fct_reported_results as results left join fct_papers as papers using (paper_id)
        where metric_text = 'Params' order by value
    """
    assert published(query) == [
        ("2401.09999", None, 2e6, None),
        (None, None, 3e6, None),
        (paper(1)["id"], paper(1)["title"], 24e6, None),
    ]


def test_the_trust_in_each_source_is_one_table(published):
    assert published("select source from dim_sources where source like 'arxiv%' order by text_trust desc") == [
        ("arxiv_oai",),
        ("arxiv_api",),
        ("arxiv_snapshot",),
        ("arxiv_html",),
        ("arxiv_source",),
    ]


@pytest.mark.parametrize(("with_abstract", "passes"), [(0, True), (2, False), (6, True)])
def test_a_list_may_lack_abstracts_but_not_lose_them(settings, tmp_path, with_abstract, passes):
    file = tmp_path / "mm2024.json"
    papers = [{"title": f"A paper on stone {i}", "author": "Ann Stone"} for i in range(10)]
    for each in papers[:with_abstract]:
        each["abstract"] = ABSTRACT
    file.write_text(json.dumps(papers), "utf-8")
    (batch_id,) = land(settings, "conference", [file])
    parse(settings, batch_id)
    if passes:
        assert check(settings, batch_id).is_passed
    else:
        with pytest.raises(RejectedError, match="no more papers without an abstract"):
            check(settings, batch_id)
