"""The explorer's own scripts and styles, held in memory: no query that takes long keeps a page from its style."""

import mimetypes
from pathlib import Path

from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send


class OwnFiles:
    """Answers with the files of a folder, by their paths in it."""

    def __init__(self, folder: Path) -> None:
        self._files = {
            file.relative_to(folder).as_posix(): (file.read_bytes(), mimetypes.guess_type(file.name)[0])
            for file in folder.rglob("*")
            if file.is_file()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = scope["path"].removeprefix(scope.get("root_path", "")).lstrip("/")
        content, kind = self._files.get(name, (None, None))
        response = PlainTextResponse("Not Found", 404) if content is None else Response(content, media_type=kind)
        await response(scope, receive, send)
