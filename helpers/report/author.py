"""``report.toml``: whose report it is, which questions it answers, and the author's own words; strictly checked."""

import difflib
import hashlib
import math
import re
import tomllib
from datetime import date, datetime
from pathlib import Path

from helpers.errors import UserError
from helpers.kinds import languages
from helpers.report import references

FILE = "report.toml"
REFER = re.compile(r"(?<!\\)\{ref:([^{}\n]*)\}")
CITE = re.compile(r"(?<!\\)\{cite:([^{}\n]*)\}")


def _is_number(value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _are_texts(value) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def _is_homework(value) -> bool:
    entries = value if isinstance(value, list) else []
    return isinstance(value, str) or bool(
        entries and all(isinstance(e, str) or (e and _are_texts(e)) for e in entries)
    )


# A kind of value: what it must be, in words, and whether a value is so.
TEXT = ("text in quotes", lambda value: isinstance(value, str))
TEXTS = ('a list of texts, ["one", "two"]', _are_texts)
NUMBER = ("a number", _is_number)
DATE = (
    'a date, 2026-01-31, or text in quotes, "31 January"',
    lambda value: isinstance(value, str | date) and not isinstance(value, datetime),
)
HOMEWORK = ('a name, "hw3-2020", or a list of notebooks, ["01", ["02", "03"]]', _is_homework)
QUESTION = {
    "title": TEXT,
    "points": NUMBER,
    "notebooks": TEXTS,
    "collaborators": TEXTS,
    "text": TEXT,
}

# The whole file: a kind, a table of kinds, a list of such tables, or tables by number.
LAYOUT = {
    "homework": HOMEWORK,
    "language": TEXT,
    "author": {"name": TEXT, "student_id": TEXT, "department": TEXT, "date": DATE},
    "question": {"number": QUESTION},
    "leaderboard": {"name": TEXT, "public": NUMBER, "private": NUMBER},
    "reference": [{"key": TEXT, "text": TEXT, "url": TEXT}],
}


def read(path: Path) -> dict:
    """The checked content of ``report.toml``, ready for JSON; {} without the file. What is empty is left out.

    Keys: those of ``LAYOUT``; ``homework`` is a name or a list of lists of notebooks, questions go by their
    number, "1".

    Raises:
        UserError: no TOML, an unknown key (the nearest is named), a value of the wrong kind, an unknown citation.
    """
    if not path.is_file():
        return {}
    try:
        given = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise UserError(f"{FILE} is not UTF-8 text: save it as UTF-8") from None
    except tomllib.TOMLDecodeError as fault:
        raise UserError(f"{FILE} is not TOML: {fault}") from None
    about = _checked("", given, LAYOUT)
    if isinstance(about.get("homework"), list):
        about["homework"] = [[e] if isinstance(e, str) else e for e in about["homework"]]
    if "language" in about:
        about["language"] = _language(about["language"])
    _check_references(about.get("reference", []))
    _check_citations(about)
    return about


def seed(about: dict) -> int | None:
    """The default seed: the first four bytes of the SHA-256 of the student id in small letters; None without one."""
    student = about.get("author", {}).get("student_id")
    return student and int.from_bytes(hashlib.sha256(student.lower().encode()).digest()[:4], "big")


def nearest(word: str, known) -> str:
    """``: did you mean "name"?`` for a word that is near a known one, and what there is otherwise."""
    near = difflib.get_close_matches(str(word).lower(), list(known), 1, 0.5)
    return f': did you mean "{near[0]}"?' if near else f": there is {', '.join(known)}"


def _checked(place: str, value, layout):
    """A value of the file, texts stripped, what is empty left out."""
    if isinstance(layout, tuple):
        return _value(place, value, layout)
    if isinstance(layout, list):
        if not isinstance(value, list):
            raise UserError(f"{FILE}: references are a list: write [[{place}]] before each")
        return [_checked(place, entry, layout[0]) for entry in value]
    if "number" in layout:
        named = value if isinstance(value, dict) else [""]
        if wrong := [number for number in named if not re.fullmatch("[1-9][0-9]?", number)]:
            other = f', not "{wrong[0]}"' if wrong[0] else ""
            raise UserError(f"{FILE}: a question goes by its number, [{place}.1]{other}")
        layout = dict.fromkeys(named, layout["number"])
    if not isinstance(value, dict):
        raise UserError(f"{FILE}: {place} must be a table, [{place}], not {_as_toml(value)}")
    for key in value:
        if key not in layout:
            where = f"[{place}] has" if place else "has"
            raise UserError(f'{FILE} {where} an unknown key "{key}"{nearest(key, layout)}')
    found = {
        key: _checked(f"{place}.{key}".lstrip("."), entry, layout[key])
        for key, entry in value.items()
    }
    return {key: entry for key, entry in found.items() if entry not in ("", [], {})}


def _value(place: str, value, kind):
    words, fits = kind
    if not fits(value):
        raise UserError(f"{FILE}: {place} must be {words}, not {_as_toml(value)}")
    if kind is TEXTS:
        return [text.strip() for text in value if text.strip()]
    return value if _is_number(value) or isinstance(value, list) else str(value).strip()


def _as_toml(value) -> str:
    """A value as its author wrote it, in short."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict | list):
        return "a table" if isinstance(value, dict) else "such a list"
    return f'"{value[:40]}"' if isinstance(value, str) else str(value)


def _language(name: str) -> str:
    for known in languages():
        if known.lower() == name.lower():
            return known
    raise UserError(f'{FILE}: there is no language "{name}", only {", ".join(languages())}')


def _check_references(entries: list[dict]) -> None:
    keys = [entry["key"] for entry in entries if "key" in entry]
    for entry in entries:
        if "text" not in entry:
            raise UserError(f'{FILE}: a reference without "text": {entry or "an empty one"}')
        if not re.fullmatch(r"https?://[^\s<>\"]+", entry.get("url", "https://x")):
            raise UserError(f'{FILE}: reference.url must start with https://, not "{entry["url"]}"')
        if keys.count(entry.get("key")) > 1:
            raise UserError(f'{FILE}: two references have the key "{entry["key"]}"')


def _check_citations(about: dict) -> None:
    own = [entry["key"] for entry in about.get("reference", []) if "key" in entry]
    known = [*own, *references.PAPERS]
    for number, question in about.get("question", {}).items():
        for key in CITE.findall(question.get("text", "")):
            if key.strip() not in known:
                where = f"{FILE}: question.{number}.text"
                raise UserError(f'{where} cites "{key}"{nearest(key, known)}')
