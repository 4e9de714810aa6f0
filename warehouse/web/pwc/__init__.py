"""The API of Papers with Code, version 1, over the publication."""

from warehouse.web.pwc.routes import router

__all__ = ["router"]
