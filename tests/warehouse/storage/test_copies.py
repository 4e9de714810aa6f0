"""A build begins the copy of the last publication that the next one is made of."""

import pytest

from tests.warehouse.steps.test_publish import flip_a_bit
from warehouse.steps.audit import audit
from warehouse.steps.build import build
from warehouse.steps.publish import publish
from warehouse.storage.copies import copying_publication, remove_copies, take_copy
from warehouse.storage.publication import find_current_folder, read_manifest


@pytest.fixture
def database(warehouse_copy):
    return read_manifest(warehouse_copy)["database"]


def copies(settings):
    return sorted(settings.build.glob("*publication-*"))


def test_a_build_makes_the_copy_and_a_publication_takes_it(warehouse_copy, database):
    build(warehouse_copy)
    (copy,) = copies(warehouse_copy)
    assert copy.name == f"publication-{database['sha256'][:16]}.duckdb"
    inode, folder = copy.stat().st_ino, find_current_folder(warehouse_copy).resolve()
    file = warehouse_copy.build / "taken.duckdb"
    assert take_copy(warehouse_copy, folder, database, file)
    assert (file.stat().st_ino, file.read_bytes()) == (inode, (folder / "paperhouse.duckdb").read_bytes())
    assert copies(warehouse_copy) == []


def test_a_publication_leaves_none(warehouse_copy):
    build(warehouse_copy, full_refresh=True)
    assert copies(warehouse_copy) == []  # it would not be a copy but for what changed
    with copying_publication(warehouse_copy):
        pass
    (warehouse_copy.build / ".publication-0.duckdb.host.1.abcdef.tmp").touch()  # as a kill leaves it
    audit(warehouse_copy)
    publish(warehouse_copy)
    assert copies(warehouse_copy) == []


def test_none_is_made_of_a_damaged_publication(warehouse_copy, database):
    file = find_current_folder(warehouse_copy).resolve() / "paperhouse.duckdb"
    flip_a_bit(file)
    with copying_publication(warehouse_copy):
        pass
    assert copies(warehouse_copy) == []
    assert not take_copy(warehouse_copy, file.parent, database, warehouse_copy.build / "taken.duckdb")


def test_what_is_of_another_publication_goes(warehouse_copy):
    (warehouse_copy.build / "publication-0.duckdb").touch()
    with copying_publication(warehouse_copy):
        pass
    assert len(copies(warehouse_copy)) == 1
    remove_copies(warehouse_copy)
    assert copies(warehouse_copy) == []
