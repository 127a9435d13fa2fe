"""Frozen records that cost next to nothing before the first of them is made.

`dataclasses.dataclass` writes and compiles six methods for a class, .7 ms each; a question loads a
hundred classes, makes records of half of them and compares those of two. Here a constructor is
compiled when it is first called, and the other methods are the same for all classes.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any

__all__ = ["dataclass"]

if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(cls=None, /, **options):
        """Return what `dataclasses.dataclass` does; frozen ones with slots are made as told above."""
        if cls is None:
            return lambda decorated: dataclass(decorated, **options)
        if options != {"frozen": True, "slots": True}:
            return dataclasses.dataclass(cls, **options)
        return _frozen(cls)


_MADE_ANEW = object()
"""Stands for a value that the field's factory is to make."""

_WITHOUT = ("__dict__", "__weakref__")


def _frozen(cls: Any) -> Any:
    """Return a class of the same body, with slots for its fields and the methods of a record."""
    cls.__doc__ = cls.__doc__ or cls.__name__  # else `dataclasses` writes one, .2 ms
    told = dataclasses.dataclass(init=False, repr=False, eq=False, match_args=False)(cls)
    fields = dataclasses.fields(told)
    own = [one.name for one in fields if one.name in inspect.get_annotations(cls)]
    body = {name: value for name, value in vars(told).items() if name not in (*own, *_WITHOUT)}
    names = tuple(one.name for one in fields)
    made = {"__slots__": tuple(own), "__match_args__": names, "__qualname__": cls.__qualname__}
    record = type(cls)(cls.__name__, cls.__bases__, {**_methods(names), **body, **made})
    record.__init__ = _first_init(record)
    return record


def _first_init(record: Any) -> Callable[..., None]:
    """Return a constructor that puts the true one in its place and calls that."""

    def __init__(self: Any, *values: Any, **named: Any) -> None:  # noqa: N807
        record.__init__ = _compiled_init(record)
        record.__init__(self, *values, **named)

    return __init__


def _compiled_init(record: Any) -> Callable[..., None]:
    """Return the constructor of a class: it sets slots directly, past what refuses that."""
    known: dict[str, Any] = {"_made_anew": _MADE_ANEW}
    given, lines = ["self"], ["pass"]
    for one in dataclasses.fields(record):
        known[f"_set_{one.name}"] = getattr(record, one.name).__set__
        value = one.name
        if one.default is not dataclasses.MISSING:
            known[f"_default_{one.name}"] = one.default
            given.append(f"{one.name}=_default_{one.name}")
        elif one.default_factory is not dataclasses.MISSING:
            known[f"_make_{one.name}"] = one.default_factory
            given.append(f"{one.name}=_made_anew")
            value = f"_make_{one.name}() if {one.name} is _made_anew else {one.name}"
        else:
            given.append(one.name)
        lines.append(f"_set_{one.name}(self, {value})")
    if hasattr(record, "__post_init__"):
        lines.append("self.__post_init__()")
    exec(f"def __init__({', '.join(given)}): {'; '.join(lines)}", known)  # as `dataclasses` does
    init: Callable[..., None] = known["__init__"]
    init.__qualname__ = f"{record.__qualname__}.__init__"
    return init


def _methods(names: tuple[str, ...]) -> dict[str, Any]:
    """Return the methods of records with these fields, by name."""
    get = attrgetter(*names) if names else type

    def __eq__(self: Any, other: object) -> Any:  # noqa: N807
        return get(self) == get(other) if other.__class__ is self.__class__ else NotImplemented

    def __hash__(self: Any) -> int:  # noqa: N807
        return hash(get(self))

    def __repr__(self: Any) -> str:  # noqa: N807
        told = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
        return f"{self.__class__.__qualname__}({told})"

    def __setattr__(self: Any, name: str, value: object) -> None:  # noqa: N807
        raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self: Any, name: str) -> None:  # noqa: N807
        raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")

    def __getstate__(self: Any) -> list[Any]:  # noqa: N807
        return [getattr(self, name) for name in names]

    def __setstate__(self: Any, state: list[Any]) -> None:  # noqa: N807
        for name, value in zip(names, state, strict=True):
            object.__setattr__(self, name, value)

    compared = (__eq__, __hash__, __repr__)
    kept = (__setattr__, __delattr__, __getstate__, __setstate__)
    return {method.__name__: method for method in (*compared, *kept)}
