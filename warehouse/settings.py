"""Where paperhouse keeps its state, and what can be set: by environment variables that begin with PAPERHOUSE_."""

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from warehouse.redaction import remember_secret

PROJECT = Path(__file__).resolve().parents[1]
_MEMORY = 3_000_000_000  # bytes
_PASSWORD = re.compile(r"\s*\bpassword\s*=\s*('[^']*'|\S+)")  # of libpq's connection string
_SECRET = re.compile("secret|key|password|token|sas|credential|account_file", re.I)  # in the name of what a store needs
_URL_WITH_SECRET = re.compile(r"://[^/]*@|\?")
_CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")


def _memory_limit() -> str:
    """3 GB, and at most half of what the container (cgroup v2) may take, as two processes work at once."""
    try:
        limit = int(_CGROUP_LIMIT.read_text("ascii"))
    except (OSError, ValueError):  # no cgroup v2, or "max"
        limit = 2 * _MEMORY
    return f"{min(_MEMORY, limit // 2) // 1_000_000}MB"


Share = Annotated[float, Field(ge=0, le=1)]
Port = Annotated[int, Field(ge=1, le=65_535)]


class Settings(BaseSettings):
    """PAPERHOUSE_HOME, PAPERHOUSE_LOCK_TIMEOUT_SECONDS and so on; every path below is derived from home."""

    model_config = SettingsConfigDict(env_prefix="PAPERHOUSE_", frozen=True)

    home: Path = PROJECT / "var"
    # Where loads and marts live before they are published: a file of DuckDB, or DuckLake, which many processes share.
    backend: Literal["duckdb", "ducklake"] = "duckdb"
    ducklake_catalog: SecretStr = SecretStr("")  # "postgres:host=… dbname=…", as DuckLake takes it
    ducklake_data: str = ""  # a folder that all share, or s3://BUCKET/…; by default lake/ below home
    ducklake_store: dict[
        str, SecretStr
    ] = {}  # {"key_id": …, "secret": …, "region": …, "endpoint": …, "url_style": …, "use_ssl": …}
    lock_timeout_seconds: NonNegativeFloat = 1800
    publications_kept: PositiveInt = 5
    publication_grace_seconds: NonNegativeFloat = 900  # an older one is kept so long after the one that came next
    mirror: str = (
        ""  # where each publication is copied for others to read: s3://BUCKET/PREFIX, gs://…, az://…, a folder
    )
    mirror_store: dict[
        str, SecretStr
    ] = {}  # beside AWS_… and the like: {"access_key_id": …, "secret_access_key": …, "region": …, "endpoint": …}
    dbt_threads: PositiveInt = 2
    memory_limit: str = Field(default_factory=_memory_limit)  # of DuckDB, in each process; what needs more goes to disk
    text_vectors: bool = True  # for `paperhouse similar`, where the extra `meaning` is installed
    search_index: bool = True  # in each publication, for `paperhouse search`
    keeps_originals: bool = False  # of e-prints that land their pictures too, not their text files alone
    log_to_stderr: bool = False  # the steps' log lines, beside logs/paperhouse.jsonl
    deadline_minutes: NonNegativeFloat = 120  # a DAG run that takes longer is reported as late; 0: never
    # Guardrails: the audit fails where the new marts fall so far behind the last publication.
    guardrail_min_rows_share: Share = 0.5  # of its papers, links
    guardrail_min_claims_share: Share = 0.67  # of its claims per paper
    guardrail_max_null_jump: Share = 0.1  # more papers without an abstract, as a share of all
    airflow_port: Port = 8080
    airflow_execution_port: Port = 8081  # at which running tasks report to Airflow
    airflow_start_seconds: PositiveFloat = 300  # `make up` gives up where Airflow does not answer by then
    batch_slots: NonNegativeInt = (
        0  # so many batches are parsed or checked at once under Airflow; 0: as many as there are processors
    )
    input_folders: list[Path] = []  # from which, beside the inboxes, `paths` of a triggered ingest_papers may come
    inbox_poke_seconds: PositiveFloat = 60  # between two looks of watch_inbox
    inbox_settle_seconds: NonNegativeFloat = 30  # the scheduler leaves a file alone until it did not change for so long
    serve_token: SecretStr | None = (
        None  # what clients of `paperhouse serve` must show; by default one in the file below
    )
    mcp_token: SecretStr | None = None  # what clients of `paperhouse mcp --http` must show; needed beyond loopback
    serve_query_seconds: PositiveFloat = 300  # a query of a client of `paperhouse serve` that takes longer ends
    web_query_seconds: PositiveFloat = 10  # what a page of `paperhouse web` asks longer ends
    web_port: Port = 8000  # of the explorer that `paperhouse airflow up` starts
    web_hosts: list[
        str
    ] = []  # names by which a proxy or a network knows `paperhouse web`, beside localhost and addresses
    explorer_url: str = "http://127.0.0.1:8000"  # to which Airflow, dashboards and logs link
    npm_registry: str = "https://registry.npmjs.org"  # from which `paperhouse web --export` takes DuckDB-WASM
    # The HTTP client of live sources.
    contact: str = ""  # an e-mail address or URL that hosts can write to; nothing is fetched without
    live: dict[
        str, dict[str, Any]
    ] = {}  # source → what differs from its YAML's `live`, as for a mirror: {"arxiv_oai": {"url": "https://…"}}
    http_attempts: PositiveInt = 5
    http_connect_timeout_seconds: PositiveFloat = 10
    http_read_timeout_seconds: PositiveFloat = 60
    http_deadline_seconds: PositiveFloat = 600  # for one answer
    http_first_wait_seconds: NonNegativeFloat = 3
    http_longest_wait_seconds: NonNegativeFloat = 600
    http_most_bytes: PositiveInt = 500_000_000  # of one answer, packed or unpacked
    http_allow_private_hosts: bool = False
    # Checks of links: `paperhouse check-links` and the DAG check_links.
    link_checks_per_run: PositiveInt = 2000
    link_checks_per_second: PositiveFloat = 1.0  # of one site
    link_check_timeout_seconds: PositiveFloat = 20
    github_url: str = "https://api.github.com"
    github_token: SecretStr | None = None  # under Airflow the password of the connection github_default

    @field_validator("home")
    @classmethod
    def _absolute(cls, home: Path) -> Path:
        return home.expanduser().resolve()

    def model_post_init(self, _: Any) -> None:
        for name in type(self).model_fields:
            value = getattr(self, name)
            # Of what a store needs, a region or an address is no secret.
            named = value.items() if isinstance(value, dict) else [("secret", value)]
            for key, each in named:
                secret = each.get_secret_value() if isinstance(each, SecretStr) else ""
                if secret and (_SECRET.search(key) or _URL_WITH_SECRET.search(secret)):
                    remember_secret(secret)

    @property
    def inbox(self) -> Path:
        return self.home / "inbox"

    @property
    def landing(self) -> Path:
        return self.home / "landing"

    @property
    def fetch_state(self) -> Path:
        return self.home / "fetch"

    @property
    def build(self) -> Path:
        return self.home / "build"

    @property
    def build_database(self) -> Path:
        return self.build / "warehouse.duckdb"

    @property
    def lake(self) -> str:
        """DuckLake's catalog, as DuckDB attaches it, without the password."""
        return f"ducklake:{_PASSWORD.sub('', self.ducklake_catalog.get_secret_value()).strip()}"

    @property
    def lake_password(self) -> str:
        """The password of DuckLake's catalog; empty where it has none."""
        found = _PASSWORD.search(self.ducklake_catalog.get_secret_value())
        return found[1].strip("'") if found else ""

    @property
    def lake_data(self) -> str:
        return self.ducklake_data or f"{self.home / 'lake'}/"

    @property
    def published(self) -> Path:
        return self.home / "published"

    @property
    def quarantine(self) -> Path:
        return self.home / "quarantine"

    @property
    def data_docs(self) -> Path:
        return self.home / "data_docs"

    @property
    def airflow_home(self) -> Path:
        return self.home / "airflow"

    @property
    def subscribers_file(self) -> Path:
        return self.home / "subscribers.yml"

    @property
    def digest_ledger(self) -> Path:
        return self.home / "digest.sqlite"

    @property
    def serve_token_file(self) -> Path:
        return self.home / "serve_token"

    @property
    def mirror_home_file(self) -> Path:
        return self.home / "mirror_home"

    @property
    def logs(self) -> Path:
        return self.home / "logs"
