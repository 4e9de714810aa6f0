"""What docs/security.md promises of the lock file and the images."""

import re
import tomllib

from warehouse.settings import PROJECT, Settings


def test_every_package_of_the_lock_file_has_a_hash():
    packages = tomllib.loads((PROJECT / "uv.lock").read_text("utf-8"))["package"]
    fetched = [package for package in packages if "editable" not in package["source"]]
    assert len(fetched) > 200
    for package in fetched:
        files = [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]
        assert files, package["name"]
        assert all(file["hash"].startswith("sha256:") for file in files), package["name"]


def test_every_setting_is_reported():
    page = (PROJECT / "docs" / "operations.md").read_text("utf-8")
    told = set(re.findall(r"(?:PAPERHOUSE|…)_([A-Z_]+)`", page))
    untold = [
        name
        for name in Settings.model_fields
        if not any(name.upper() == each or name.upper().endswith(f"_{each}") for each in told)
    ]
    assert [name for name in untold if not name.startswith("guardrail_")] == []


def test_findings_are_triaged():
    page = (PROJECT / "docs" / "security.md").read_text("utf-8")
    ignored = re.findall(r'"(S\d{3})"', (PROJECT / "pyproject.toml").read_text("utf-8"))
    assert all(rule in page for rule in ignored)
