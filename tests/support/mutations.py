"""Messages and files as chance spoils them: values of other kinds, keys gone, bytes changed."""

import json
import random
from copy import deepcopy
from typing import Any

DEEP = "<deep>"  # stands for more brackets than any interpreter's stack holds
ODD: list[Any] = [
    *(None, True, -1, 0, 1.5, 1e300, float("inf"), float("nan"), 2**53, 2**64),
    *("", "gw", "0" * 300, "\ud800", [], {}, [[]], DEEP),
]


def mutated(rng: random.Random, value: Any) -> bytes:
    """JSON with some of its values, keys or bytes changed."""
    value = json.loads(json.dumps(value))
    for _ in range(rng.randrange(3)):
        change_value(rng, value)
    text = json.dumps(value).replace(f'"{DEEP}"', "[" * 3000 + "]" * 3000)
    return mutated_bytes(rng, text.encode())


def change_value(rng: random.Random, spot: Any) -> None:
    """Change or delete one value somewhere in nested dicts and lists."""
    while isinstance(spot, dict | list) and spot:
        keys = list(spot) if isinstance(spot, dict) else list(range(len(spot)))
        key = rng.choice(keys)
        if not isinstance(spot[key], dict | list) or not spot[key] or rng.random() < 0.3:
            if rng.random() < 0.2:
                del spot[key]
            else:
                spot[key] = deepcopy(rng.choice(ODD))  # a list may be changed again
            return
        spot = spot[key]


def mutated_bytes(rng: random.Random, text: bytes) -> bytes:
    """A text with, sometimes, up to three places cut, overwritten or stuffed."""
    data = bytearray(text)
    for _ in range(rng.choice([0, 0, 0, 1, 3])):
        at = rng.randrange(len(data) + 1)
        data[at : at + rng.randrange(3)] = rng.randbytes(rng.randrange(3))
    return bytes(data)
