"""Commands from the agent: answered once, never done twice, never done late."""

import asyncio
import json

from drivers.errors import ReaderError

from gateway.strict_json import parse_object

_REMEMBERED = 32
_MOST_KEPT = 4096  # bytes of replies kept for a repeat; a sweep's alone may take 5 KB
_MOST_AT_ONCE = 4  # that take their time; one more is refused


class Later:
    """An action that takes its time: `work()` is a coroutine that returns the reply's fields."""

    def __init__(self, work):
        self.work = work


class Commands:
    """`take(payload)` has the reply published by `reply(bytes)`, at once or when it is done.

    `clock.unix_ms()` decides what is too late. `find(name)` gives an action or None: a function
    of a command's `args` that returns the fields of the reply or a `Later`, or raises ValueError
    with the reason. `failed(name, error)` takes an error that is a bug of ours.
    """

    def __init__(self, clock, find, reply, failed):
        self._clock = clock
        self._find = find
        self._reply = reply
        self._failed = failed
        self._answered = []  # [id, reply or None while it is being done, ok], the newest last
        self._running = 0

    def take(self, payload):
        """Do a command. Raises ValueError where it has no id to reply to."""
        command = parse_object(payload)
        name = command.get("id")
        if not isinstance(name, str) or len(name) > 64:
            raise ValueError("a command without an id")
        for known, reply, _ in self._answered:
            if known == name:
                if reply is not None:
                    self._reply(reply)
                return
        self._answered = self._answered[1 - _REMEMBERED :]
        place = [name, None, None]
        self._answered.append(place)
        try:
            result = self._begin(command)
        except ValueError as error:
            self._answer(place, False, {"error": str(error)})
            return
        if isinstance(result, Later):
            self._running += 1
            asyncio.create_task(self._finish(place, result))
        else:
            self._answer(place, True, result)

    def _begin(self, command):
        now = self._clock.unix_ms()
        expires = command.get("exp")
        if not isinstance(expires, int):
            raise ValueError("no time of expiry")
        if now is None:
            raise ValueError("the clock was never set")
        if now > expires:
            raise ValueError("expired")
        name, args = command.get("do"), command.get("args", {})
        if not isinstance(name, str) or not isinstance(args, dict):
            raise ValueError("do is a name and args an object")
        action = self._find(name)
        if action is None:
            raise ValueError("not supported yet by this firmware")
        if self._running >= _MOST_AT_ONCE:
            raise ValueError("busy with other commands")
        return action(args)

    async def _finish(self, place, later):
        try:
            self._answer(place, True, await later.work())
        except (ReaderError, ValueError) as error:
            self._answer(place, False, {"error": str(error)})
        except Exception as error:  # noqa: BLE001 - whoever asked must hear of it too
            self._failed("command", error)
            self._answer(place, False, {"error": repr(error)})
        finally:
            self._running -= 1

    def _answer(self, place, ok, fields):
        fields = dict(fields)
        fields.update({"id": place[0], "ok": ok})
        place[1], place[2] = json.dumps(fields).encode(), ok
        self._reply(place[1])
        self._shorten_old()

    def _shorten_old(self):
        """Beyond what may be kept, a repeat is told only how its command ended."""
        size = 0
        for place in reversed(self._answered):
            size += len(place[1] or b"")
            if size > _MOST_KEPT and place[2] is not None:
                name, _, ok = place
                place[1] = json.dumps({"id": name, "ok": ok, "repeat": True}).encode()
