"""A till as an MCP server of the buyer's own: any MCP client shops at a merchant by REST (extra `mcp`)."""
