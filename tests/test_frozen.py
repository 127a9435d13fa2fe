"""Records that are finished when they are first used behave as those of `dataclasses`."""

from __future__ import annotations

import copy
import dataclasses
import pickle

import pytest

from paperrag.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    x: int
    y: int = 2
    names: list[str] = dataclasses.field(default_factory=list)

    def __post_init__(self) -> None:
        if self.x < 0:
            raise ValueError("below nothing")

    @property
    def sum(self) -> int:
        return self.x + self.y


@dataclass(frozen=True, slots=True)
class Place(Point):
    """A point that has a name."""

    name: str = "here"


def test_fields_are_set_in_order_by_name_and_by_default():
    assert (Point(1).x, Point(1).y, Point(1, y=3).sum, Place(1, 2, ["a"], "b").name) == (
        1,
        2,
        4,
        "b",
    )
    assert Point(1).names is not Point(1).names
    with pytest.raises(ValueError, match="below nothing"):
        Point(-1)
    with pytest.raises(TypeError, match=r"Point.__init__\(\) missing 1 required.*'x'"):
        Point()  # type: ignore[call-arg]


def test_equal_fields_make_equal_records_of_one_class():
    assert Point(1) == Point(1, 2) != Point(1, 3)
    assert Point(1) != Place(1)
    assert repr(Place(1)) == "Place(x=1, y=2, names=[], name='here')"

    @dataclass(frozen=True, slots=True)
    class Key:
        of: str

    assert {Key("a"), Key("a"), Key("b")} == {Key("b"), Key("a")}


def test_nothing_of_them_changes():
    point = Point(1)
    for change in (lambda: setattr(point, "x", 2), lambda: delattr(point, "x")):
        with pytest.raises(dataclasses.FrozenInstanceError, match="'x'"):
            change()
    with pytest.raises(dataclasses.FrozenInstanceError):
        point.other = 1  # type: ignore[attr-defined]
    assert not hasattr(point, "__dict__")


def test_functions_of_dataclasses_take_them():
    assert dataclasses.replace(Point(1), y=5) == Point(1, 5)
    assert dataclasses.asdict(Point(1)) == {"x": 1, "y": 2, "names": []}
    assert [one.name for one in dataclasses.fields(Place)] == ["x", "y", "names", "name"]
    for made in (
        copy.copy(Place(3)),
        copy.deepcopy(Place(3)),
        pickle.loads(pickle.dumps(Place(3))),
    ):
        assert made == Place(3)
    match Point(7, 8):
        case Point(x, y):
            assert (x, y) == (7, 8)
