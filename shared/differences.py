"""What differs between two JSON values, by path. No I/O."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

_NAMED_BY = ("source_id", "code", "name", "title")  # what tells the members of a list apart


class Difference(BaseModel):
    """One difference: `null` on a side where the path does not exist."""

    path: str
    before: Any = None
    after: Any = None


def differences(before: Any, after: Any, path: str = "") -> Iterator[Difference]:
    """All of them, in the order of the fields.

    Members of a list are held against those of the same name (`sources[orders].url`), so that one more in front does
    not make all others different; a list whose members have no names, or twice the same, is one value.
    """
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in {**before, **after}:
            yield from differences(before.get(name), after.get(name), f"{path}.{name}" if path else str(name))
        return
    if isinstance(before, list) and isinstance(after, list):
        ours, theirs = _named(before), _named(after)
        if ours is not None and theirs is not None:
            for name in {**ours, **theirs}:
                yield from differences(ours.get(name), theirs.get(name), f"{path}[{name}]")
            if list(ours) != list(theirs) and set(ours) == set(theirs):
                yield Difference(path=path, before=list(ours), after=list(theirs))  # only their order
            return
    if before != after or type(before) is not type(after):  # True is not 1
        yield Difference(path=path, before=before, after=after)


def _named(members: Sequence[Any]) -> dict[str, Any] | None:
    """The members by name, if each has one of its own."""
    if not all(isinstance(one, Mapping) for one in members):
        return None
    for name in _NAMED_BY:
        named = {str(one[name]): one for one in members if name in one}
        if len(named) == len(members):
            return named
    return None
