"""The agent, its engine and page, the `rollcall` command, and the formats all parts share."""
