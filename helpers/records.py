"""What a notebook found out, as JSON that comes back as it went: numbers, texts, lists, estimates. No sentence."""

import dataclasses
import json
import math
import re
from pathlib import Path

from helpers.files import write_atomic
from helpers.stats import Estimate

SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
ESTIMATE = {field.name for field in dataclasses.fields(Estimate)}


class Record(dict):
    """A dictionary whose values are attributes, too: ``confusion.pairs[0].rate``."""

    def __getattr__(self, name: str):
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


def dumps(values: dict) -> bytes:
    """Values as JSON.

    Raises:
        ValueError: what is no number, text, list, dictionary, dataclass or array, or a NaN outside an ``Estimate``;
            the sentence names the place.
    """
    return json.dumps(_plain(values, ""), indent=1, ensure_ascii=False).encode() + b"\n"


def loads(content: bytes | str) -> Record:
    """What ``dumps`` wrote."""
    return json.loads(content, object_hook=_restored)


def write(path: Path, values: dict) -> Path:
    return write_atomic(path, dumps(values))


def _plain(value, place: str):
    """A value as JSON knows it; ``place`` is where it stands, for an error."""
    if isinstance(value, Estimate):
        fields = vars(value).items()
        return {key: None if _is_nan(each) else _plain(each, place) for key, each in fields}
    if dataclasses.is_dataclass(value):
        value = vars(value)
    if hasattr(value, "tolist"):  # NumPy's arrays and numbers
        value = value.tolist()
    if isinstance(value, dict):
        if wrong := [key for key in value if not isinstance(key, str)]:
            raise ValueError(f"{place}: the key {wrong[0]!r} is no text")
        return {str(key): _plain(each, f"{place}.{key}".lstrip(".")) for key, each in value.items()}
    if isinstance(value, list | tuple | range):
        return [_plain(each, f"{place}[{index}]") for index, each in enumerate(value)]
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{place} is {value}: only an Estimate may lack a number")
    if value is None or isinstance(value, str | int | float):
        return str(value) if isinstance(value, str) else value
    raise ValueError(f"{place} is a {type(value).__name__}, which cannot be recorded")


def _is_nan(value) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _restored(values: dict):
    if values.keys() != ESTIMATE:
        return Record(values)
    ends = {
        key: math.nan if values[key] is None else values[key] for key in ("value", "low", "high")
    }
    return Estimate(**{**values, **ends})
