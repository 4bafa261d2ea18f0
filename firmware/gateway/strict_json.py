"""JSON objects from outside, the same on both interpreters."""

import json

_DEEPEST = 16  # brackets in brackets; beyond it json would exhaust the stack


def parse_object(payload):
    """The dict that `payload` (bytes) says. Raises ValueError."""
    # Asked first: MicroPython's json takes an object whose last bracket is missing.
    if not _is_closed(payload):
        raise ValueError("not JSON")
    try:
        fields = json.loads(payload)
    except ValueError as error:
        raise ValueError("not JSON") from error
    if not isinstance(fields, dict):
        raise ValueError("not a JSON object")
    return fields


def _is_closed(payload):
    """Whether every bracket outside of texts is closed, and none stands too deep."""
    depth = 0
    quoted = escaped = False
    for byte in payload:
        if escaped:
            escaped = False
        elif quoted:
            escaped = byte == 0x5C
            quoted = byte != 0x22
        elif byte == 0x22:
            quoted = True
        elif byte in b"{[":
            depth += 1
            if depth > _DEEPEST:
                return False
        elif byte in b"}]":
            depth -= 1
    return depth == 0 and not quoted
