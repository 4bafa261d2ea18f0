"""How lists are paged."""

from typing import Annotated

from fastapi import Query

MAX_LIMIT = 200  # rows a page: what a browser draws without a pause
MAX_OFFSET = 10_000_000  # beyond any school; keeps it in what SQLite counts with

Offset = Annotated[int, Query(ge=0, le=MAX_OFFSET, description="How many to pass over.")]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="At most so many.")]
