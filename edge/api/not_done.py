"""What a person asked for is not done: what the page says of it, and the browser's status."""

from edge.api.words.commanding import Told


class NotDone(Exception):
    """`told` says why, and what would do."""

    def __init__(self, told: Told, status: int = 422) -> None:
        super().__init__(told.said)
        self.told, self.status = told, status
