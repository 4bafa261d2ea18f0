"""The HTTP API, the live stream and the pages: they read the agent, and nothing imports them."""
