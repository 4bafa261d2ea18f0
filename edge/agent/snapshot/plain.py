"""Turns the engine's objects into bytes, and back, with the standard library's pickle.

Nothing is listed twice: an object's state is its fields, whatever they are. Its class must be one
of the engine's own or of the contracts' structs; anything else (a function, a file, another
library's object) is refused when it is written. What is referred to several times is written once
and is one object again. Reading calls nothing but the classes that were looked up beforehand among
the engine's: a name that is none of theirs is refused, whatever the bytes ask for.
"""

import io
import pickle
import sys
from collections import Counter
from collections.abc import Callable
from copyreg import __newobj__  # type: ignore[attr-defined]  # by its name pickle knows it
from operator import attrgetter
from typing import Any

import msgspec

from edge.agent.engine.building import Building
from edge.contracts.school import School

_OWN = "edge.agent.engine"
_CONTRACTS = "edge.contracts"

_PROTOCOL = 5
_NAMED = frozenset({type, type(msgspec.Struct), type(lambda: None)})
# What was worked out from others of its fields is worked out again.
_MADE_OF: dict[type, tuple[str, ...]] = {Building: ("school",)}

_Reduced = tuple[Any, ...]


class NotPlain(TypeError):
    """Something in the engine is no state, or the bytes hold what is not this engine's."""


def fields_of(kind: type) -> tuple[str, ...] | None:
    """The names of a class's fields, None where its objects have any (no `__slots__`)."""
    if kind in _MADE_OF:
        return _MADE_OF[kind]
    slots = [name for base in reversed(kind.__mro__) for name in base.__dict__.get("__slots__", ())]
    return tuple(slots) if slots else None


class Writer:
    """Makes bytes of objects. `classes` names those that were met, with their fields."""

    def __init__(self) -> None:
        self.classes: list[tuple[str, tuple[str, ...]]] = []

    def plain(self, value: Any) -> bytes:
        """Return the value as bytes.

        Raises:
            NotPlain: it holds something that is no state.
        """
        found = io.BytesIO()
        _Pickler(found, self.classes).dump(value)
        return found.getvalue()


def unpack(kind: type, packed: bytes) -> Any:
    """Return a struct that msgspec writes better: with dates in it, or fields given by name."""
    return msgspec.msgpack.decode(packed, type=kind)


class _Pickler(pickle.Pickler):
    def __init__(self, file: io.BytesIO, classes: list[tuple[str, tuple[str, ...]]]) -> None:
        super().__init__(file, _PROTOCOL)
        self._classes = classes
        self._known: dict[type, Callable[[Any], _Reduced]] = {Counter: _reduced_counter}

    def reducer_override(self, value: Any) -> Any:
        """Say how to make an object that is no plain value (asked by pickle for each)."""
        kind = type(value)
        if kind in _NAMED and (value is unpack or value in self._known):
            return NotImplemented  # goes by its name
        reduced = self._known.get(kind) or self._meet(kind, value)
        return reduced(value)

    def _meet(self, kind: type, first: Any) -> Callable[[Any], _Reduced]:
        fields: tuple[str, ...]
        reduced: Callable[[Any], _Reduced]
        if kind.__module__.startswith((_OWN, _CONTRACTS)) and issubclass(kind, msgspec.Struct):
            fields = kind.__struct_fields__
            in_order = first.__reduce__()[0] is kind and kind.__module__ != School.__module__
            reduced = _in_order if in_order else _packed
        elif kind.__module__.startswith(_OWN):
            slots = fields_of(kind)
            fields = tuple(vars(first)) if slots is None else slots
            reduced = _reducer(kind, None if slots is None else fields)
        else:
            raise NotPlain(f"{kind.__module__}.{kind.__qualname__} is no state of the engine")
        self._classes.append((_name(kind), fields))
        self._known[kind] = reduced
        return reduced


class Reader:
    """Makes objects of what a `Writer` wrote; `classes` are those that it named.

    Raises:
        NotPlain: one of the classes is no longer, or has other fields.
    """

    def __init__(self, classes: list[tuple[str, tuple[str, ...]]]) -> None:
        known = _classes()
        self._classes: dict[str, Callable[..., Any]] = {_name(f): f for f in (Counter, unpack)}
        for name, fields in classes:
            kind = known.get(name)
            if kind is None:
                raise NotPlain(f"{name} is unknown")
            now = kind.__struct_fields__ if issubclass(kind, msgspec.Struct) else fields_of(kind)
            if now is not None and tuple(now) != tuple(fields):
                raise NotPlain(f"{name} has other fields")
            self._classes[name] = kind

    def value(self, plain: bytes | memoryview) -> Any:
        """Return the value that was written.

        Raises:
            NotPlain: the bytes name what is none of the classes.
        """
        return _Unpickler(io.BytesIO(plain), self._classes).load()


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, classes: dict[str, Callable[..., Any]]) -> None:
        super().__init__(file)
        self._classes = classes

    def find_class(self, module: str, name: str) -> Callable[..., Any]:
        """Return the class of that name, which must be one of those agreed on."""
        kind = self._classes.get(f"{module}.{name}")
        if kind is None:
            raise NotPlain(f"{module}.{name} is no class of the engine")
        return kind


def _reduced_counter(value: "Counter[Any]") -> _Reduced:
    return Counter, (dict(value),)


def _in_order(value: msgspec.Struct) -> _Reduced:
    return value.__reduce__()  # type: ignore[return-value]


def _packed(value: msgspec.Struct) -> _Reduced:
    return unpack, (type(value), msgspec.msgpack.encode(value))


def _reducer(kind: type, slots: tuple[str, ...] | None) -> Callable[[Any], _Reduced]:
    """Return how an object of a class of the engine is made: `slots` are its fields, if fixed."""
    of = (kind,)
    if kind in _MADE_OF:
        values = _getter(_MADE_OF[kind])
        return lambda value: (kind, values(value))
    if hasattr(kind, "__setstate__"):  # frozen with slots: pickle cannot set them itself
        return lambda value: (__newobj__, of, value.__getstate__())
    if slots is None:
        return lambda value: (__newobj__, of, vars(value))
    values = _getter(slots)
    return lambda value: (__newobj__, of, (None, dict(zip(slots, values(value), strict=True))))


def _getter(fields: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    if len(fields) == 1:
        only = attrgetter(fields[0])
        return lambda value: (only(value),)
    return attrgetter(*fields) if fields else lambda value: ()


def _name(kind: Callable[..., Any]) -> str:
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
