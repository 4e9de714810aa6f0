"""`paperhouse web`: the explorer on a port of this machine."""

from collections.abc import Callable
from secrets import token_urlsafe

import uvicorn

from warehouse.readers.sockets import listen
from warehouse.settings import Settings
from warehouse.web.app import create_app


def serve_site(
    settings: Settings, host: str, port: int, on_progress: Callable[[str], None], edit: bool = False
) -> None:
    """Serves until it is interrupted; edit: with the page where rows are answered. Raises UsageError where the port is
    in use."""
    listening = listen(host, port, "paperhouse web --port N")
    address = f"http://{host}:{listening.getsockname()[1]}"
    token = token_urlsafe(24) if edit else None
    if token:
        on_progress(f"rows are answered on {address}/review?token={token}")
    on_progress(f"the explorer is on {address}; stop it with Ctrl-C")
    config = uvicorn.Config(create_app(settings, host, token), log_level="warning", server_header=False)
    uvicorn.Server(config).run(sockets=[listening])
