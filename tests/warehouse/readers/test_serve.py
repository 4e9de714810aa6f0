"""`paperhouse serve`: the real server in a process, real clients in others."""

import json
import os
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.ports import free_port
from warehouse.errors import UsageError
from warehouse.readers.serve import serve
from warehouse.settings import Settings
from warehouse.steps.publish import publish

PROGRAM = Path(sys.executable).with_name("paperhouse")

# A client in a process of its own: it runs queries from standard input, and prints each one's rows, or its error, as
# JSON.
CLIENT = """
import json, sys, duckdb
from warehouse.storage.connection import load_extension
connection = duckdb.connect()
for extension in ("httpfs", "quack"):
    load_extension(connection, extension)
connection.execute(f"attach '{sys.argv[1]}' as papers (token '{sys.argv[2]}')")
for line in sys.stdin:
    try:
        answer = connection.execute(line).fetchall()
    except duckdb.Error as error:
        answer = str(error)
    print(json.dumps(answer, default=str), flush=True)
"""
VERSIONS = "select distinct publication.version from marts.publication, marts.fct_papers"


class Server:
    def __init__(self, settings: Settings):
        self.settings, self.uri = settings, f"quack:127.0.0.1:{free_port()}"
        environment = os.environ | {"PAPERHOUSE_HOME": str(settings.home)}
        command = [PROGRAM, "serve", "--port", self.uri.rsplit(":", 1)[1]]
        self.process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.lines = []
        self.wait_for("attach")

    def wait_for(self, words):
        while not (self.lines and words in self.lines[-1]):
            line = self.process.stdout.readline()
            assert line, self.lines
            self.lines.append(line)

    def client(self, token=None):
        token = token or self.settings.serve_token_file.read_text("utf-8")
        return subprocess.Popen(
            [sys.executable, "-c", CLIENT, self.uri, token],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


def ask(client, query):
    """The rows of a query that the server runs; its error as text."""
    quoted = " ".join(query.split()).replace("'", "''")
    client.stdin.write(f"from papers.query('{quoted}')\n")
    client.stdin.flush()
    return json.loads(client.stdout.readline())


@pytest.fixture(scope="module")
def server(built, tmp_path_factory):
    settings = Settings(home=tmp_path_factory.mktemp("served") / "it's a home")
    shutil.copytree(built[0].home, settings.home, symlinks=True)
    server = Server(settings)
    yield server
    server.process.send_signal(signal.SIGINT)
    assert server.process.wait(20) == 0


def test_several_clients_follow_the_publications(server):
    clients = [server.client() for _ in range(4)]

    def keep_asking(client):
        seen = []
        while not seen or seen[-1] < 4:
            rows = ask(client, VERSIONS)
            assert isinstance(rows, list), rows
            ((version,),) = rows
            seen.append(version)
        return seen

    with ThreadPoolExecutor() as pool:
        asking = [pool.submit(keep_asking, client) for client in clients]
        for version in (2, 3, 4):
            publish(server.settings)
            server.wait_for(f"serving publication {version}")
        for each in asking:
            seen = each.result(120)
            assert seen == sorted(seen)
            assert seen[0] < 4
    for client in clients:
        client.communicate()


def test_tables_macros_and_search_are_served(server):
    client = server.client()
    client.stdin.write("select count(*) from papers.marts.fct_papers\n")
    client.stdin.flush()
    assert json.loads(client.stdout.readline()) == [[61]]
    assert ask(client, "select value from marts.claims_on('CIFAR-100') limit 1") == [[94.55]]
    assert "physical_plan" in str(ask(client, "explain select count(*) from marts.fct_papers"))
    assert "LoRA" in ask(client, "select title from marts.search_papers('low-rank adaptation', most := 1)")[0][0]
    assert ask(client, "select count(*) from marts.leaderboard_for('ImageNet', 'accuracy')")[0][0] > 3
    client.communicate()


@pytest.mark.parametrize(
    "query",
    [
        "create table t as select 1",
        "drop view marts.fct_papers",
        "attach 'x.duckdb'",
        "set threads = 1",
        "copy marts.fct_papers to 'x.csv'",
        "select * from read_text('/etc/hostname')",
        "from quack_stop('quack:127.0.0.1:9494')",
        "from query('from qua' || 'ck_server_list()')",
        "select 1; drop view marts.fct_papers",
        "explain analyze drop view marts.fct_papers",
        "explain analyze create or replace view marts.fct_papers as select 'forged'",
        "explain (analyze) drop view marts.fct_papers",
        "from query/*a*/('from quac' || 'k_server_list()')",
        "from json_execute_serialized_sql(json_serialize_sql('from quack_server_list()'))",
        "from quack_active_connections()",
        "begin",
        "this is no SQL",
    ],
)
def test_clients_may_read_and_nothing_else(server, query):
    client = server.client()
    answer = ask(client, query)
    assert "Authorization failed" in answer or "disabled by configuration" in answer, answer
    assert ask(client, "select count(*) from marts.fct_papers") == [[61]]
    client.communicate()


def test_a_wrong_token_is_refused(server):
    client = server.client("wrong")
    assert "uthentication" in client.communicate()[1]


def test_the_token_is_in_no_output_and_only_its_owner_reads_it(server):
    token = server.settings.serve_token_file
    assert token.stat().st_mode & 0o777 == 0o600
    assert token.read_text("utf-8") not in "".join(server.lines)


def test_others_are_not_served_without_a_token_of_your_own(built, monkeypatch):
    with pytest.raises(UsageError, match="PAPERHOUSE_SERVE_TOKEN"):
        serve(built[0], "0.0.0.0", 9494, print)


def test_nothing_to_serve_is_reported(settings):
    with pytest.raises(UsageError, match="nothing is published"):
        serve(settings, "127.0.0.1", free_port(), print)


def test_a_query_that_takes_too_long_ends_and_the_server_goes_on(built, tmp_path, monkeypatch):
    monkeypatch.setenv("PAPERHOUSE_SERVE_QUERY_SECONDS", "2")
    shutil.copytree(built[0].home, tmp_path / "home", symlinks=True)
    server = Server(Settings(home=tmp_path / "home"))
    try:
        client = server.client()
        assert isinstance(ask(client, "select count(*) from range(100000000000) where hash(range) % 7 = 3"), str)
        client.communicate()
        server.wait_for("the server starts again")
        server.wait_for("attach")
        client = server.client()
        assert ask(client, "select count(*) from marts.fct_papers") == [[61]]
        client.communicate()
    finally:
        server.process.kill()
        server.process.wait()
