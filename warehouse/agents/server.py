"""`paperhouse mcp`: the tools over standard input and output, or over HTTP."""

from collections.abc import Callable
from hmac import compare_digest
from importlib.metadata import version

import uvicorn
from mcp.server import MCPServer
from mcp.server.mcpserver.resources import FileResource
from mcp.server.transport_security import TransportSecuritySettings
from mcp.types import ToolAnnotations
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from warehouse.agents.tools import Tools
from warehouse.readers.sockets import listen, refuse_open_host
from warehouse.settings import PROJECT, Settings

_INSTRUCTIONS = """
paperhouse is a warehouse of machine-learning papers: numbers that abstracts claim, each with its sentence; numbers of
the papers' own tables, each with its place; results that leaderboards report; links to code with their state. Cite what
you take by claim_id, cell_id or result_id, with its sentence, and name the publication. A program read claims and
tables: say how sure a row is (confidence), and look at `evidence` before you rest on one. Begin with search_papers,
leaderboard or schema.
"""
_READ_ONLY = ToolAnnotations(readOnlyHint=True, destructiveHint=False, idempotentHint=True, openWorldHint=False)
_RESOURCES = {
    "dictionary": ("docs/data-dictionary.md", "Every table and column of the publication."),
    "cookbook": ("docs/cookbook.md", "Queries for common questions, with their answers on the sample."),
}


def make_server(settings: Settings) -> MCPServer:
    """The server with all tools, and the data dictionary and the cookbook as resources."""
    server = MCPServer(
        "paperhouse", version=version("paperhouse"), instructions=" ".join(_INSTRUCTIONS.split()), log_level="WARNING"
    )
    for tool in Tools(settings).all():
        server.tool(annotations=_READ_ONLY)(tool)
    for name, (file, description) in _RESOURCES.items():
        file_resource = FileResource(
            uri=f"paperhouse://{name}",
            name=name,
            description=description,
            mime_type="text/markdown",
            path=PROJECT / file,
        )
        server.add_resource(file_resource)
    return server


def serve_agents(settings: Settings, host: str, port: int, on_progress: Callable[[str], None]) -> None:
    """Serves over HTTP until it is interrupted. Raises UsageError where the port is in use, or where others could
    connect and no token is set."""
    token = settings.mcp_token.get_secret_value() if settings.mcp_token else None
    if not token:
        refuse_open_host(host, "PAPERHOUSE_MCP_TOKEN")
    listening = listen(host, port, "paperhouse mcp --http --port N")
    app: ASGIApp = make_server(settings).streamable_http_app(
        stateless_http=True, json_response=True, host=host, transport_security=None if token else _own_names(host)
    )
    on_progress(f"agents connect to http://{host}:{listening.getsockname()[1]}/mcp; stop it with Ctrl-C")
    config = uvicorn.Config(_Guarded(app, token) if token else app, log_level="warning", server_header=False)
    uvicorn.Server(config).run(sockets=[listening])


def _own_names(host: str) -> TransportSecuritySettings:
    """Only who names this machine is answered: a page of another site would name its own host or origin."""
    names = {host if ":" not in host else f"[{host}]", "127.0.0.1", "localhost", "[::1]"}
    return TransportSecuritySettings(
        allowed_hosts=[f"{name}:*" for name in names], allowed_origins=[f"http://{name}:*" for name in names]
    )


class _Guarded:
    """Answers 401 to who does not show the token."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app, self._expected = app, f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        shown = dict(scope.get("headers", [])).get(b"authorization", b"")
        if scope["type"] == "http" and not compare_digest(shown, self._expected):
            answer = JSONResponse({"error": "show the token: Authorization: Bearer …"}, 401)
            await answer(scope, receive, send)
            return
        await self._app(scope, receive, send)
