"""Lines for a technician: kept until the broker has them, and told on the console at once."""

import json

_MOST_KEPT = 32  # the newest; what goes is counted and said with the next one
_MOST_TEXT = 400
_MOST_TRACEBACK = 3000  # the end of it: a payload has at most 6 KiB


class Log:
    """`client` is set once there is one. Levels are "info", "warning" and "error"."""

    def __init__(self, topic, clock, tell):
        self._topic = topic
        self._clock = clock
        self._tell = tell
        self._waiting = []  # [packet id or None, payload]
        self._dropped = 0
        self.client = None

    def say(self, level, text, traceback=None):
        """Publish a line; it is kept while there is no link."""
        self._tell("{}: {}".format(level, text))
        if traceback:
            self._tell(traceback)
        message = {"v": 1, "t": self._clock.unix_ms(), "level": level, "text": text[:_MOST_TEXT]}
        if traceback:
            message["traceback"] = traceback[-_MOST_TRACEBACK:]
        if len(self._waiting) >= _MOST_KEPT:
            self._waiting.pop(0)
            self._dropped += 1
        if self._dropped:
            message["dropped"] = self._dropped
        self._waiting.append([None, json.dumps(message).encode()])
        self.send()

    def send(self):
        """Publish what has not been published on this link."""
        if self.client is None:
            return
        for line in self._waiting:
            if line[0] is None:
                line[0] = self.client.publish(self._topic, line[1], 1)

    def link_is_new(self):
        """What the broker has not acknowledged goes again."""
        for line in self._waiting:
            line[0] = None
        self.send()

    def published(self, packet_id):
        """The broker has it."""
        self._waiting = [line for line in self._waiting if line[0] != packet_id]
