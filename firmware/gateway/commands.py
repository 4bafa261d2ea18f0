"""Commands from the agent: answered once, never done twice, never done late."""

import json

from gateway.strict_json import parse_object

_REMEMBERED = 32


class Commands:
    """`answer(payload)` gives the reply to publish. `clock.unix_ms()` decides what is too late.

    `actions` maps a command's name to a function of its `args` that returns the fields of the
    reply, or raises ValueError with the reason.
    """

    def __init__(self, clock, actions):
        self._clock = clock
        self._actions = actions
        self._answered = []  # (id, reply), the newest last

    def answer(self, payload):
        """The reply to a command as bytes, or None where it has no id to reply to."""
        command = _parse(payload)
        if command is None:
            return None
        for name, reply in self._answered:
            if name == command["id"]:
                return reply
        reply = json.dumps(self._do(command)).encode()
        self._answered.append((command["id"], reply))
        self._answered = self._answered[-_REMEMBERED:]
        return reply

    def _do(self, command):
        now = self._clock.unix_ms()
        expires = command.get("exp")
        if not isinstance(expires, int):
            return _refuse(command, "no time of expiry")
        if now is None:
            return _refuse(command, "the clock was never set")
        if now > expires:
            return _refuse(command, "expired")
        name, args = command.get("do"), command.get("args", {})
        if not isinstance(name, str) or not isinstance(args, dict):
            return _refuse(command, "do is a name and args an object")
        action = self._actions.get(name)
        if action is None:
            return _refuse(command, "not supported yet by this firmware")
        try:
            result = action(args)
        except ValueError as error:
            return _refuse(command, str(error))
        result.update({"id": command["id"], "ok": True})
        return result


def _parse(payload):
    try:
        command = parse_object(payload)
    except ValueError:
        return None
    return command if isinstance(command.get("id"), str) else None


def _refuse(command, reason):
    return {"id": command["id"], "ok": False, "error": reason}
