"""docker-compose.yml and docker-compose.cluster.yml: read as YAML everywhere, and by Docker's client where there is
one."""

import re
import shutil
import subprocess
import tomllib

import pytest
import yaml

from warehouse.settings import PROJECT

FILE = PROJECT / "docker-compose.yml"
TEXT = FILE.read_text("utf-8")
SERVICES = yaml.safe_load(TEXT)["services"]
CLUSTER = PROJECT / "docker-compose.cluster.yml"
CLUSTER_SERVICES = yaml.safe_load(CLUSTER.read_text("utf-8"))["services"]


def test_the_services_of_airflow_3_are_there():
    assert {"postgres", "api-server", "scheduler", "dag-processor", "triggerer", "reader"} <= set(SERVICES)


def test_the_cluster_has_what_celery_and_the_lake_need():
    assert {"redis", "catalog", "store", "worker", "quack", "scheduler"} <= set(CLUSTER_SERVICES)
    backend = {
        CLUSTER_SERVICES[name]["environment"]["PAPERHOUSE_BACKEND"] for name in ("scheduler", "worker", "api-server")
    }
    assert backend == {"ducklake"}


def test_images_are_pinned_by_version():
    images = re.findall(r"^FROM (.*)$", (PROJECT / "Dockerfile").read_text("utf-8"), re.M) + [
        service["image"] for service in [*SERVICES.values(), *CLUSTER_SERVICES.values()] if "image" in service
    ]
    assert all(re.search(r":\d+\.\d+", image) for image in images)


def test_our_image_is_of_the_projects_version():
    version = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    images = {
        service["image"]
        for service in [*SERVICES.values(), *CLUSTER_SERVICES.values()]
        if "paperhouse" in service.get("image", "")
    }
    assert images == {f"paperhouse:{version}"}


def test_every_lasting_service_has_a_health_check():
    assert all(
        "healthcheck" in SERVICES[name]
        for name in ("postgres", "api-server", "scheduler", "dag-processor", "triggerer", "explorer")
    )


SECRETS = (
    "POSTGRES_PASSWORD",
    "LAKE_PASSWORD",
    "STORE_SECRET",
    "API_SECRET",
    "JWT_SECRET",
    "FERNET_KEY",
    "SERVE_TOKEN",
)


def test_no_secret_has_a_default():
    secrets = re.findall(r"\$\{(\w+)([^}]*)\}", TEXT + CLUSTER.read_text("utf-8"))
    assert {name for name, _ in secrets} == {f"PAPERHOUSE_{name}" for name in SECRETS}
    assert all(rest.startswith(":?") for _, rest in secrets)


def test_ports_are_on_this_machine_alone_and_readers_read_only():
    assert [port for service in SERVICES.values() for port in service.get("ports", [])] == [
        "127.0.0.1:8080:8080",
        "127.0.0.1:8000:8000",
    ]
    assert SERVICES["explorer"]["volumes"] == ["state:/var/paperhouse:ro"]
    assert CLUSTER_SERVICES["quack"]["ports"] == ["127.0.0.1:9494:9494"]
    assert SERVICES["reader"]["volumes"] == ["state:/var/paperhouse:ro"]
    assert "\nUSER paperhouse\n" in (PROJECT / "Dockerfile").read_text("utf-8")


def test_docker_compose_config_parses_it(tmp_path):
    docker = shutil.which("docker")
    if not docker or subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("needs Docker's client with its compose plugin")
    (tmp_path / "env").write_text("".join(f"PAPERHOUSE_{name}=x\n" for name in SECRETS))
    command = [
        docker,
        "compose",
        "--env-file",
        tmp_path / "env",
        "--file",
        FILE,
        "--file",
        CLUSTER,
        "config",
        "--quiet",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
