"""A merchant reached by any MCP client, over the routes that REST has (needs the extra `mcp`)."""

from acp.server.mcp.catalogue import Catalogue
from acp.server.mcp.role import mcp

__all__ = ["Catalogue", "mcp"]
