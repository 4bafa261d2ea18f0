"""Turns the engine's objects into plain values that msgpack can write, and back.

Nothing is listed twice: an object's state is its fields, whatever they are. Its class must be one
of the engine's own; structs, which are values, are written as msgspec writes them; anything else
(a function, a file, another library's object) is refused when it is written. What is referred to
several times is written once and is one object again. Reading calls nothing that the
bytes name: classes are looked up among the engine's, and only their fields are set.
"""

import sys
from collections import Counter
from collections.abc import Callable
from operator import attrgetter
from typing import Any

import msgspec

from edge.agent.engine.building import Building

_OWN = "edge.agent.engine"
_CONTRACTS = "edge.contracts"

# A list stands for what is no plain value; its first item says what.
_TUPLE, _LIST, _SET, _FROZENSET, _DICT, _COUNTER, _BIG, _NEW, _MADE, _STRUCT, _AGAIN = range(11)
_PLAIN = frozenset({str, float, bool, type(None), bytes})
_ITEMS: dict[type, int] = {list: _LIST, set: _SET, frozenset: _FROZENSET}
_PAIRS: dict[type, int] = {dict: _DICT, Counter: _COUNTER}
_MSGPACK_INTS = range(-(2**63), 2**63)
# What was worked out from others of its fields is worked out again.
_MADE_OF: dict[type, tuple[str, ...]] = {Building: ("school",)}


class NotPlain(TypeError):
    """Something in the engine is no state, or plain values are not what this engine holds."""


def fields_of(kind: type) -> tuple[str, ...] | None:
    """The names of a class's fields, None where its objects have any (no `__slots__`)."""
    if kind in _MADE_OF:
        return _MADE_OF[kind]
    slots = [name for base in reversed(kind.__mro__) for name in base.__dict__.get("__slots__", ())]
    return tuple(slots) if slots else None


class Writer:
    """Makes objects plain. `classes` names those that were met, with their fields."""

    def __init__(self) -> None:
        self.classes: list[tuple[str, tuple[str, ...]]] = []
        self._known: dict[type, Callable[[Any], list[Any]]] = {}
        self._numbers: dict[int, int] = {}

    def plain(self, value: Any) -> Any:
        """Return a value made of numbers, texts and lists.

        Raises:
            NotPlain: it holds something that is no state.
        """
        kind = type(value)
        if kind in _PLAIN:
            return value
        if kind is int:
            return value if value in _MSGPACK_INTS else [_BIG, hex(value)]
        if kind is tuple:
            return [_TUPLE, *map(self.plain, value)]
        number = self._numbers.get(id(value))
        if number is not None:
            return [_AGAIN, number]
        self._numbers[id(value)] = len(self._numbers)
        if kind in _ITEMS:
            return [_ITEMS[kind], *map(self.plain, value)]
        if kind in _PAIRS:
            return [_PAIRS[kind], *map(self.plain, value), *map(self.plain, value.values())]
        write = self._known.get(kind) or self._meet(kind, value)
        return write(value)

    def _meet(self, kind: type, first: Any) -> Callable[[Any], list[Any]]:
        number = len(self.classes)
        if kind.__module__.startswith((_OWN, _CONTRACTS)) and issubclass(kind, msgspec.Struct):
            fields: tuple[str, ...] = kind.__struct_fields__
            encode = msgspec.msgpack.encode

            def write(value: Any) -> list[Any]:
                return [_STRUCT, number, encode(value)]

        elif kind.__module__.startswith(_OWN):
            fields = fields_of(kind) or tuple(vars(first))
            has_slots = fields_of(kind) is not None
            values = _getter(fields)
            how = _MADE if kind in _MADE_OF else _NEW

            def write(value: Any) -> list[Any]:
                if not has_slots and tuple(vars(value)) != fields:
                    raise NotPlain(f"{kind.__qualname__} objects differ in their fields")
                return [how, number, *map(self.plain, values(value))]

        else:
            raise NotPlain(f"{kind.__module__}.{kind.__qualname__} is no state of the engine")
        self.classes.append((_name(kind), fields))
        self._known[kind] = write
        return write


class Reader:
    """Makes objects of what a `Writer` wrote; `classes` are those that it named.

    Raises:
        NotPlain: one of the classes is no longer, or has other fields.
    """

    def __init__(self, classes: list[tuple[str, tuple[str, ...]]]) -> None:
        known = _classes()
        self._classes: list[tuple[type, tuple[str, ...]]] = []
        for name, fields in classes:
            kind = known.get(name)
            if kind is None:
                raise NotPlain(f"{name} is unknown")
            now = kind.__struct_fields__ if issubclass(kind, msgspec.Struct) else fields_of(kind)
            if now is not None and tuple(now) != tuple(fields):
                raise NotPlain(f"{name} has other fields")
            self._classes.append((kind, tuple(fields)))
        self._objects: list[Any] = []
        self._texts: dict[str, str] = {}  # one object for each text, as it was
        self._read: dict[int, Callable[[list[Any]], Any]] = {
            _TUPLE: lambda plain: tuple(self._items(plain)),
            _AGAIN: lambda plain: self._objects[plain[1]],
            _BIG: lambda plain: int(plain[1], 16),
            _LIST: lambda plain: self._filled([], plain),
            _SET: lambda plain: self._filled(set(), plain),
            _FROZENSET: lambda plain: self._later(lambda: frozenset(self._items(plain))),
            _DICT: lambda plain: self._mapping({}, plain),
            _COUNTER: lambda plain: self._mapping(Counter(), plain),
            _NEW: self._object,
            _MADE: lambda plain: self._later(lambda: self._kind(plain)(*self._items(plain, 2))),
            _STRUCT: lambda plain: self._later(
                lambda: msgspec.msgpack.decode(plain[2], type=self._kind(plain))
            ),
        }

    def value(self, plain: Any) -> Any:
        """Return the value that was made plain."""
        kind = type(plain)
        if kind is list:
            return self._read[plain[0]](plain)
        return self._texts.setdefault(plain, plain) if kind is str else plain

    # What may be referred to again has a number: its place in `_objects`, taken before what it
    # holds is read, as that may refer to it.

    def _object(self, plain: list[Any]) -> Any:
        kind, fields = self._classes[plain[1]]
        made = object.__new__(kind)
        self._objects.append(made)
        for name, value in zip(fields, self._items(plain, 2), strict=True):
            object.__setattr__(made, name, value)
        return made

    def _filled(self, empty: Any, plain: list[Any]) -> Any:
        self._objects.append(empty)
        (empty.extend if type(empty) is list else empty.update)(self._items(plain))
        return empty

    def _mapping(self, empty: dict[Any, Any], plain: list[Any]) -> dict[Any, Any]:
        self._objects.append(empty)
        items = list(self._items(plain))
        half = len(items) // 2
        empty.update(zip(items[:half], items[half:], strict=True))
        return empty

    def _later(self, make: Callable[[], Any]) -> Any:
        at = len(self._objects)
        self._objects.append(None)
        self._objects[at] = made = make()
        return made

    def _items(self, plain: list[Any], start: int = 1) -> "map[Any]":
        return map(self.value, plain[start:])

    def _kind(self, plain: list[Any]) -> Any:
        return self._classes[plain[1]][0]


def _getter(fields: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    if len(fields) == 1:
        only = attrgetter(fields[0])
        return lambda value: (only(value),)
    return attrgetter(*fields) if fields else lambda value: ()


def _name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _classes() -> dict[str, type]:
    """The engine's classes and the contracts' by name."""
    return {
        _name(kind): kind
        for name, module in list(sys.modules.items())
        if name.startswith((_OWN, _CONTRACTS))
        for kind in vars(module).values()
        if isinstance(kind, type) and kind.__module__ == name
    }
