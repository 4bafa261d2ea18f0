"""What the engine said, and what follows from it, in tables that pages can ask."""
