"""`paperhouse web` as a process of its own, for all tests of this folder."""

import re
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

collect_ignore = ["pwc_client/ask.py"]  # for a Python of its own
PAPERHOUSE = Path(sys.executable).parent / "paperhouse"


@pytest.fixture(scope="module")
def serve():
    """Starts `paperhouse web` on a free port; gives a client of it."""
    started = []

    def start(settings, options=(), **changed):
        environment = {"PAPERHOUSE_HOME": str(settings.home)} | changed
        command = [PAPERHOUSE, "web", "--port", "0", *options]
        server = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        review = server.stdout.readline().split()[-1] if "--edit" in options else None
        url = re.search(r"http://\S+?(?=;)", server.stdout.readline())[0]
        client = httpx2.Client(base_url=url, timeout=30)
        client.review = review
        started.append((server, client))
        return client

    yield start
    for server, client in started:
        client.close()
        server.terminate()
        server.wait()


@pytest.fixture(scope="module")
def site(serve, whole_sample):
    return serve(whole_sample)
