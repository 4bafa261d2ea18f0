"""The database file: who may open it, and its numbered migrations."""
