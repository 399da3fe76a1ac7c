"""Which fields of a content differ, told shortly enough to be read in a list and kept in a record."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from shared.models import Model

MAX_TOLD = 200  # characters of a side: twenty contents with all fields changed fit an item of the store
_AROUND = 40  # characters of a text that are told before the first that differs


class FieldChange(Model):
    """One field on both sides, as text; of a list only what is on that side alone, unless it is their order.

    Parameters
    ----------
    field
        Of `ContentEdit`; an answer of one service is `service_answers.NAME`.
    """

    field: str
    before: str
    after: str


def field_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[FieldChange]:
    """All fields that differ of two contents as `fields_of` gives them, in its order."""
    for name, old in before.items():
        new = after[name]
        if old == new:
            continue
        if isinstance(old, dict):
            for key in {**old, **new}:
                if old.get(key) != new.get(key):
                    yield _told(f"{name}.{key}", old.get(key) or "", new.get(key) or "")
        elif isinstance(old, list):
            gone, come = [one for one in old if one not in new], [one for one in new if one not in old]
            yield _told(name, *map(_lines, (gone, come) if gone or come else (old, new)))
        else:
            yield _told(name, old or "", new or "")


def _told(field: str, before: str, after: str) -> FieldChange:
    same = next(
        (n for n, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(len(before), len(after))
    )
    start = 0 if max(len(before), len(after)) <= MAX_TOLD else max(0, same - _AROUND)
    return FieldChange(field=field, before=_cut(before, start), after=_cut(after, start))


def _cut(text: str, start: int) -> str:
    told = text[start : start + MAX_TOLD]
    if len(told) == len(text):
        return text
    ends = "…" if start + MAX_TOLD < len(text) else ""
    return f"{'…' if start else ''}{told}{ends} (전체 {len(text):,}자)"


def _lines(values: Sequence[Any]) -> str:
    return "\n".join(one if isinstance(one, str) else _medium(one) for one in values)


def _medium(one: Mapping[str, Any]) -> str:
    return " · ".join(str(one[name]) for name in ("url", "kind", "caption", "service_type") if one.get(name))
