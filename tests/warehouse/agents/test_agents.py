"""`paperhouse mcp`: the real server in a process, asked by the SDK's own client over both transports."""

import re
import subprocess
import sys
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import anyio
import httpx2
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from warehouse.steps.publish import publish

PAPERHOUSE = str(Path(sys.executable).with_name("paperhouse"))
WORD = "open-sesame"


@contextmanager
def served(settings, **changed):
    """The server over HTTP; gives its address."""
    environment = {"PAPERHOUSE_HOME": str(settings.home)} | changed
    command = [PAPERHOUSE, "mcp", "--http", "--port", "0"]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        yield re.search(r"http://\S+?(?=;)", server.stdout.readline())[0]
    finally:
        server.terminate()
        server.wait()


@pytest.fixture(scope="module")
def address(whole_sample):
    with served(whole_sample) as url:
        yield url


@asynccontextmanager
async def connected(transport, address, settings):
    environment = {"PAPERHOUSE_HOME": str(settings.home)}
    server = (
        address if transport == "http" else StdioServerParameters(command=PAPERHOUSE, args=["mcp"], env=environment)
    )
    async with Client(server) as client:
        yield client


async def ask(client, tool, **given):
    answer = await client.call_tool(tool, given)
    assert not answer.is_error, answer.content[0].text
    return answer.structured_content


async def fail(client, tool, **given):
    answer = await client.call_tool(tool, given)
    assert answer.is_error
    return answer.content[0].text


@pytest.mark.parametrize("transport", ["http", "stdio"])
def test_an_agent_finds_a_number_and_its_evidence(transport, address, whole_sample):
    async def walk():
        async with connected(transport, address, whole_sample) as client:
            assert {tool.name for tool in (await client.list_tools()).tools} == {
                "search_papers", "search_claims", "paper", "claims_on", "leaderboard", "evidence", "compare",
                "disagreements", "trending", "sql", "schema",
            }  # fmt: skip
            found = await ask(client, "search_papers", words="attention", limit=2)
            assert len(found["papers"]) == 2
            assert found["next_offset"] == 2
            following = await ask(client, "search_papers", words="attention", limit=2, offset=2)
            assert not {each["paper_id"] for each in found["papers"]} & {
                each["paper_id"] for each in following["papers"]
            }
            paper = (await ask(client, "paper", paper=found["papers"][0]["paper_id"]))["paper"]
            assert paper["title"] == found["papers"][0]["title"]
            claims = (await ask(client, "claims_on", dataset="imagenet"))["claims"]
            assert all("ImageNet" in each["datasets"] for each in claims)
            evidence = (await ask(client, "evidence", identifier=claims[0]["claim_id"]))["evidence"]
            assert evidence["value_text"] in evidence["text"] == claims[0]["evidence"]
            board = await ask(client, "leaderboard", dataset="ImageNet", metric="accuracy")
            assert [each["rank"] for each in board["entries"]][:2] == [1, 2]
            assert board["publication"] == found["publication"]
            cell = (await ask(client, "sql", query="select cell_id from fct_table_cells limit 1"))["rows"][0][0]
            place = (await ask(client, "evidence", identifier=cell))["evidence"]["place"]
            assert re.search(r"row .+, column .+, line \d+", place)
            assert (await ask(client, "trending", days=30))["papers"]

    anyio.run(walk)


def test_papers_are_compared_and_disagreements_listed(address, whole_sample):
    async def walk():
        async with Client(address) as client:
            entries = (await ask(client, "leaderboard", dataset="ImageNet", metric="accuracy"))["entries"]
            papers = list(dict.fromkeys(each["paper_id"] for each in entries if each["paper_id"]))[:2]
            compared = await ask(client, "compare", papers=papers)
            assert [each["paper_id"] for each in compared["papers"]] == papers
            assert any(line.startswith("ImageNet, accuracy") for line in compared["shared"])
            listed = await ask(client, "disagreements")
            count = await ask(client, "sql", query="select count(*) from claim_checks where outcome = 'differ'")
            assert count["rows"] == [[len(listed["disagreements"])]]
            tables = (await ask(client, "schema", table="fct_papers"))["tables"]
            assert any(column.startswith("published_on DATE") for column in tables[0]["columns"])
            assert any("claims_on" in macro for macro in (await ask(client, "schema"))["macros"])
            dictionary = await client.read_resource("paperhouse://dictionary")
            assert "fct_claimed_metrics" in dictionary.contents[0].text

    anyio.run(walk)


@pytest.mark.parametrize(
    "query",
    [
        "delete from fct_papers", "create table t as select 1", "select * from read_text('/etc/passwd')",
        "copy fct_papers to '/tmp/x'", "set threads = 1", "select 1; drop table fct_papers", "select 1; select 2",
        "no sql",
    ],
)  # fmt: skip
def test_only_what_reads_may_run(query, address):
    async def walk():
        async with Client(address) as client:
            assert "Write a SELECT" in await fail(client, "sql", query=query)
            assert (await ask(client, "sql", query="select count(*) > 0 from fct_papers"))["rows"] == [[True]]

    anyio.run(walk)


def test_what_is_not_there_is_told_with_a_way_out(address):
    async def walk():
        async with Client(address) as client:
            assert "no paper has the id" in await fail(client, "paper", paper="9999.99999")
            assert "there is no such leaderboard" in await fail(client, "leaderboard", dataset="No such set")
            assert "Names of datasets" in await fail(client, "leaderboard", dataset="ImageNet", metric="no metric")
            assert "no claim and no cell" in await fail(client, "evidence", identifier="0123456789abcdef")
            assert "no_column" in await fail(client, "sql", query="select no_column from fct_papers")
            assert "Cast the column" in await fail(client, "sql", query="select map {date '2020-01-01': 1}")
            assert "4,000,000" in await fail(client, "sql", query="select repeat('x', 5000000)")
            assert "days" in await fail(client, "trending", days=9)
            assert (await ask(client, "leaderboard", dataset="imagenet"))["entries"]
            assert "limit" in await fail(client, "search_papers", words="x", limit=100_000)

    anyio.run(walk)


def test_long_answers_page_and_a_long_query_ends(whole_sample):
    async def walk():
        with served(whole_sample, PAPERHOUSE_WEB_QUERY_SECONDS="1") as url:
            async with Client(url) as client:
                query, seen, offset = "select i from range(2500) as t (i) order by i", [], 0
                while offset is not None:
                    page = await ask(client, "sql", query=query, limit=1000, offset=offset)
                    seen += [row[0] for row in page["rows"]]
                    offset = page["next_offset"]
                assert seen == list(range(2500))
                slow = "select count(*) from range(10000000) a, range(100000) b where a.range % 7 = b.range % 5"
                assert "longer than 1 s" in await fail(client, "sql", query=slow)

    anyio.run(walk)


def test_a_new_publication_is_named_in_the_middle_of_a_session(warehouse_copy):
    settings = warehouse_copy

    async def walk():
        with served(settings) as url:
            async with Client(url) as client:
                before = (await ask(client, "trending"))["publication"]
                await anyio.to_thread.run_sync(publish, settings)
                after = await ask(client, "sql", query="select version from publication")
                assert after["rows"] == [[after["publication"]]] == [[before + 1]]

    anyio.run(walk)


def test_twenty_agents_ask_at_once(address):
    answers = []

    async def walk():
        async def one(number):
            async with Client(address) as client:
                board = await ask(client, "leaderboard", dataset="ImageNet", metric="accuracy")
                row = await ask(client, "sql", query=f"select {number}")
                answers.append((board["entries"][0]["rank"], row["rows"]))

        async with anyio.create_task_group() as group:
            for number in range(20):
                group.start_soon(one, number)

    anyio.run(walk)
    assert sorted(answers) == [(1, [[number]]) for number in range(20)]


def test_a_token_is_asked_for_and_others_hosts_are_refused(whole_sample):
    with served(whole_sample, PAPERHOUSE_MCP_TOKEN=WORD) as url:
        assert httpx2.post(url, json={}).status_code == 401

        async def walk():
            async with (
                httpx2.AsyncClient(headers={"Authorization": f"Bearer {WORD}"}) as http,
                Client(streamable_http_client(url, http_client=http)) as client,
            ):
                assert (await ask(client, "sql", query="select 1"))["rows"] == [[1]]

        anyio.run(walk)
    beyond = subprocess.run(
        [PAPERHOUSE, "mcp", "--http", "--host", "0.0.0.0", "--port", "0"],
        env={"PAPERHOUSE_HOME": str(whole_sample.home)}, capture_output=True, text=True,
    )  # fmt: skip
    assert beyond.returncode != 0
    assert "PAPERHOUSE_MCP_TOKEN" in beyond.stderr


def test_a_page_of_another_site_cannot_ask(address):
    answer = httpx2.post(address, json={}, headers={"Host": "evil.example", "Accept": "application/json"})
    assert answer.status_code == 421
    answer = httpx2.post(address, json={}, headers={"Origin": "http://evil.example", "Accept": "application/json"})
    assert answer.status_code == 403
