"""The literature: references.toml, and what an author adds to it in report.toml."""

import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path


@cache
def _stored() -> dict:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))


def known() -> list[str]:
    """The keys of all stored papers."""
    return list(_stored()["papers"])


def of_data(name: str) -> str | None:
    """The key of the paper on a data set, which a report on it cites in any case."""
    return _stored()["data"].get(name)


def cited(keys: Iterable[str], own: Iterable[dict] = ()) -> list[dict]:
    """The references of a report, in the order in which they are first cited, then what its author added.

    Args:
        keys: as cited, some of them often.
        own: the author's, ``key`` and ``text`` and perhaps ``url`` each; these come before stored ones of that key.

    Returns:
        dictionaries of ``key`` (None for one that has none), ``text`` and ``url`` (or None).

    Raises:
        KeyError: a key that nobody knows.
    """
    own = [
        {"key": entry.get("key"), "text": entry["text"], "url": entry.get("url")} for entry in own
    ]
    by_key = {entry["key"]: entry for entry in own if entry["key"]}
    found = [
        by_key.get(key) or {"key": key, "url": None, **_stored()["papers"][key]}
        for key in dict.fromkeys(keys)
    ]
    return [*found, *(entry for entry in own if entry not in found)]
