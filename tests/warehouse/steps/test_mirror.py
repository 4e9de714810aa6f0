"""A publication in a bucket: read over S3 and HTTP, sent once, switched last, whatever happens on the way."""

import json
import os
import re
import subprocess
import sys
import time

import boto3
import duckdb
import obstore
import pytest
from typer.testing import CliRunner

from tests import services
from warehouse.cli.app import app
from warehouse.errors import UsageError
from warehouse.log import log_file
from warehouse.redaction import redact
from warehouse.settings import Settings
from warehouse.steps import mirror as mirroring
from warehouse.steps.mirror import CURRENT, mirror
from warehouse.steps.pipeline import run
from warehouse.steps.publish import publish
from warehouse.storage.connection import extension_file, quoted
from warehouse.storage.publication import read_manifest

PROSE = "Our sorter reaches {}% accuracy on CIFAR-10. It is simple. Code: https://github.com/quarry/stones"
KEYS = {"access_key_id": "key", "secret_access_key": "very-secret-key", "region": "us-east-1"}


@pytest.fixture(scope="module")
def s3(tmp_path_factory):
    with services.s3(tmp_path_factory.mktemp("s3")) as port:
        yield port


@pytest.fixture
def mirrored(warehouse_copy, s3, tmp_path):
    """A home with a publication, whose mirror is an empty place in the bucket."""
    return at(warehouse_copy, s3, tmp_path.name)


def at(settings, port, prefix, **options):
    store = KEYS | {"endpoint": f"http://127.0.0.1:{port}"}
    return Settings(home=settings.home, mirror=f"s3://{services.BUCKET}/{prefix}", mirror_store=store, **options)


def open_mirror(settings):
    return mirroring._open(settings)


def read(store, name=CURRENT):
    return json.loads(bytes(obstore.get(store, name).bytes()))


def names(store):
    return {meta["path"] for batch in obstore.list(store) for meta in batch}


def needed(described):
    return {described["database"]} | {file for facts in described["tables"].values() for file in facts["files"]}


def make_public(port, prefix):
    """What a bucket that anybody may read has by its policy."""
    client = boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{port}",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
        region_name="us-east-1",
    )
    for found in client.list_objects_v2(Bucket=services.BUCKET, Prefix=prefix)["Contents"]:
        client.put_object_acl(Bucket=services.BUCKET, Key=found["Key"], ACL="public-read")


DIES = """
import os, sys, obstore
from warehouse.settings import Settings
from warehouse.steps.mirror import mirror
put, left = obstore.put, iter(range(int(sys.argv[1])))
obstore.put = lambda *what, **how: put(*what, **how) if next(left, None) is not None else os._exit(9)
mirror(Settings())
"""


def mirror_and_die(settings, puts):
    """Mirrors in a process that dies before it sends one more than so many files; returns its exit code."""
    store = {name: value.get_secret_value() for name, value in settings.mirror_store.items()}
    variables = {"HOME": str(settings.home), "MIRROR": settings.mirror, "MIRROR_STORE": json.dumps(store)}
    env = os.environ | {f"PAPERHOUSE_{name}": value for name, value in variables.items()}
    return subprocess.run([sys.executable, "-c", DIES, str(puts)], env=env, check=False).returncode


def add(settings, listing, number):
    day = time.strftime("%Y-%m-%d", time.gmtime(1_775_000_000 + 86_400 * number))
    return run(settings, "hf_listing", [listing((f"Sorter {number}", PROSE.format(80 + number)), name=f"{day}.txt")])


def test_duckdb_reads_the_mirror_over_s3_and_over_http(mirrored, s3):
    sent = mirror(mirrored)
    store = open_mirror(mirrored)
    described = read(store)
    assert described["version"] == sent.version
    assert names(store) == needed(described) | {CURRENT, f"publications/{sent.version}.json"}
    connection = duckdb.connect()
    connection.execute(f"load {quoted(str(extension_file('httpfs')))}")
    connection.execute(
        f"create secret (type s3, key_id 'key', secret 'secret', endpoint '127.0.0.1:{s3}', url_style 'path', "
        "use_ssl false, region 'us-east-1')"
    )
    rows = read_manifest(mirrored)["tables"]["fct_papers"]["row_count"]
    prefix = mirrored.mirror.removeprefix("s3://")
    make_public(s3, prefix.partition("/")[2])
    for address in (mirrored.mirror, f"http://127.0.0.1:{s3}/{prefix}"):
        connection.execute(
            f"set variable files = (select list_transform(tables.fct_papers.files, lambda file: '{address}/' || file) "
            f"from read_json('{address}/current.json'))"
        )
        assert connection.execute("select count(*) from read_parquet(getvariable('files'))").fetchone() == (rows,)
        connection.execute(f"attach '{address}/{described['database']}' as mirror (read_only)")
        assert connection.execute("select count(*) from mirror.marts.fct_papers").fetchone() == (rows,)
        connection.execute("detach mirror")


def test_each_run_mirrors_what_it_publishes_and_sends_no_segment_twice(mirrored, listing):
    assert "mirror" in add(mirrored, listing, 1).seconds
    store = open_mirror(mirrored)
    before = names(store)
    assert mirror(mirrored).sent_files == 0
    assert publish(mirrored)["version"] == mirror(mirrored).version
    described = read(store)
    assert before < names(store)  # the last publications are kept
    assert set(described["tables"]["fct_papers"]["files"]) <= before
    assert described["database"] not in before


def test_a_mirror_that_dies_in_the_middle_shows_the_last_publication_until_the_next_try(mirrored):
    mirror(mirrored)
    store = open_mirror(mirrored)
    shown = read(store)
    publish(mirrored)
    total = len(needed(mirroring._describe(read_manifest(mirrored))) - names(store))
    assert total > 2
    for puts in (0, 1, total // 2, total - 2 - total // 2, 0, 1):  # the last two: before each of the descriptions
        assert mirror_and_die(mirrored, puts) == 9
        assert read(store) == shown
        assert needed(shown) <= names(store)
    mirror(mirrored)
    assert read(store)["version"] == shown["version"] + 1
    assert needed(read(store)) <= names(store)


def test_old_publications_stay_for_their_grace_and_then_go(mirrored, s3):
    prefix = mirrored.mirror.rpartition("/")[2]
    patient = at(mirrored, s3, prefix, publications_kept=1)
    store = open_mirror(patient)
    for _ in range(3):
        publish(patient)
        mirror(patient)
    assert len([name for name in names(store) if name.startswith("publications/")]) == 3
    hasty = at(mirrored, s3, prefix, publications_kept=1, publication_grace_seconds=0)
    assert mirror(hasty).removed_files > 2
    described = read(store)
    assert names(store) == needed(described) | {CURRENT, f"publications/{described['version']}.json"}


def test_a_mirror_that_is_away_leaves_the_publication_here_and_says_how_to_go_on(warehouse_copy, listing, monkeypatch):
    monkeypatch.setitem(mirroring._RETRY, "max_retries", 0)
    settings = at(warehouse_copy, services.free_port(), "away")
    before = read_manifest(settings)["version"]
    report = add(settings, listing, 1)
    (failure,) = report.failures
    assert f"publication {before + 1}" in failure
    assert "Next, once the mirror answers: paperhouse mirror" in failure
    assert "very-secret-key" not in failure
    assert "Debug source" not in failure
    assert list(report.outcomes.values()) == ["loaded"]
    assert report.manifest["version"] == read_manifest(settings)["version"] == before + 1


def test_the_mirror_of_another_home_is_left_alone(mirrored, warehouse_copy, tmp_path):
    mirror(mirrored)
    store = open_mirror(mirrored)
    before = names(store)
    mirrored.mirror_home_file.unlink()  # this home is another one now
    publish(mirrored)
    with pytest.raises(UsageError, match="is the mirror of another home, at publication"):
        mirror(mirrored)
    assert names(store) == before


def test_a_home_that_was_restored_from_a_backup_does_not_replace_what_it_mirrored_later(mirrored):
    mirror(mirrored)
    store = open_mirror(mirrored)
    later = read(store) | {"version": 3, "published_at": "2999-01-01T00:00:00+00:00"}
    obstore.put(store, CURRENT, json.dumps(later).encode())
    with pytest.raises(UsageError, match=r"publication 3 of 2999-01-01.*later"):
        mirror(mirrored)
    assert read(store) == later


def test_old_files_that_cannot_be_removed_stay_and_are_logged(warehouse_copy, tmp_path, monkeypatch):
    options = {"publications_kept": 1, "publication_grace_seconds": 0}
    settings = Settings(home=warehouse_copy.home, mirror=str(tmp_path / "mirror"), **options)
    mirror(settings)
    publish(settings)

    def refuse(*_):
        raise PermissionError("no right to delete")

    with monkeypatch.context() as patch:
        patch.setattr(obstore, "delete", refuse)
        assert mirror(settings).removed_files == 0
    logged = [json.loads(line) for line in log_file(settings).read_text("utf-8").splitlines()]
    assert [line["message"] for line in logged if line["event"] == "left out"] == [
        f"old files stay in {settings.mirror}: no right to delete"
    ]
    assert mirror(settings).removed_files > 1


def test_a_folder_is_a_mirror_too(warehouse_copy, tmp_path):
    settings = Settings(home=warehouse_copy.home, mirror=str(tmp_path / "a mirror"))
    sent = mirror(settings)
    described = json.loads((tmp_path / "a mirror" / CURRENT).read_text("utf-8"))
    assert sent.sent_bytes == sum((tmp_path / "a mirror" / file).stat().st_size for file in needed(described))
    others = [
        tmp_path / "a mirror" / name
        for name in ("notes.txt", "a#1", "parquet/mine.parquet", "publications/list.json", "publications/999.json")
    ]
    for other in others:
        other.write_text("of somebody else")
    cut = tmp_path / "a mirror" / described["database"]
    cut.write_bytes(cut.read_bytes()[:100])
    leftover = cut.with_name(f"{cut.name}#1")  # of a file that was not whole yet when a mirror was killed
    leftover.write_bytes(b"")
    assert mirror(settings).sent_files == 1
    assert all(other.exists() for other in others)
    assert not leftover.exists()


@pytest.mark.parametrize(
    "text",
    [
        "[1]",
        "{",
        '{"version": 3}',
        '{"home": "1", "version": 3, "published_at": "soon"}',
        '{"home": "1", "version": 3, "published_at": "2026-01-01T00:00:00"}',
    ],
)
def test_a_place_of_somebody_else_is_left_alone(text, warehouse_copy, tmp_path):
    (tmp_path / CURRENT).write_text(text)
    with pytest.raises(UsageError, match=r"current\.json that paperhouse did not write"):
        mirror(Settings(home=warehouse_copy.home, mirror=str(tmp_path)))


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("", "no mirror is set"),
        ("ftp://host/papers", "no address"),
        ("s3://", "no address"),
        ("s3:/papers", "no address"),
        ("memory://", "no address"),
        ("https://user:word@host/papers", "no address"),
        ("az://container/papers", "Account must be specified"),
        ("~nobody-of-this-name/papers", "is no folder"),
    ],
)
def test_what_is_no_mirror_is_named_with_the_way_out(address, message, warehouse_copy):
    with pytest.raises(UsageError, match=message) as caught:
        mirror(Settings(home=warehouse_copy.home, mirror=address))
    assert "word" not in str(caught.value)
    assert "Debug source" not in str(caught.value)


def test_an_endpoint_that_is_no_url_is_told(warehouse_copy):
    settings = Settings(home=warehouse_copy.home, mirror="s3://b/p", mirror_store={"aws_endpoint": "localhost:9000"})
    with pytest.raises(UsageError, match=r"aws_endpoint of PAPERHOUSE_MIRROR_STORE is no URL"):
        mirror(settings)


def test_of_what_a_store_needs_the_keys_alone_are_secrets():
    Settings(mirror_store={"secret_access_key": "abcd-so-secret", "region": "us-middle-3", "allow_http": "true"})
    assert redact("true in us-middle-3: abcd-so-secret") == "true in us-middle-3: ***"
    Settings(mirror_store={"endpoint": "http://ann:pa55word@127.0.0.1:9"})  # pragma: allowlist secret
    assert redact("GET http://ann:pa55word@127.0.0.1:9/x") == "GET http://ann:***@127.0.0.1:9/x"


def test_the_command_says_what_it_sent(warehouse_copy, tmp_path, monkeypatch):
    monkeypatch.setenv("PAPERHOUSE_HOME", str(warehouse_copy.home))
    monkeypatch.setenv("PAPERHOUSE_MIRROR", str(tmp_path / "mirror"))
    result = CliRunner().invoke(app, ["mirror"])
    assert result.exit_code == 0, result.output
    assert re.search(r"publication \d+ in .*mirror: \d+ files, [\d.]+ MB sent, 0 old files removed", result.output)
