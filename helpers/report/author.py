"""``report.toml``: whose report it is, which questions it answers, and the author's own words; strictly checked."""

import difflib
import hashlib
import math
import re
import tomllib
from datetime import date, datetime
from pathlib import Path

from helpers.errors import UserError
from helpers.report.references import PAPERS

FILE = "report.toml"
REFER = re.compile(r"(?<!\\)\{ref:([^{}\n]*)\}")
CITE = re.compile(r"(?<!\\)\{cite:([^{}\n]*)\}")


def _is_number(value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _are_texts(value) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


# A kind of value: what it must be, in words, and whether a value is so.
TEXT = ("text in quotes", lambda value: isinstance(value, str))
TEXTS = ('a list of texts, ["one", "two"]', _are_texts)
NUMBER = ("a number", _is_number)
DATE = (
    'a date, 2026-01-31, or text in quotes, "31 January"',
    lambda value: isinstance(value, str | date) and not isinstance(value, datetime),
)
HOMEWORK = (
    'a name, "hw3-2020", or a list of notebooks, ["01", ["02", "03"]]',
    lambda value: (
        isinstance(value, str)
        or (isinstance(value, list) and value and all(isinstance(e, str) or (_are_texts(e) and e) for e in value))
    ),
)

AUTHOR = {"name": TEXT, "student_id": TEXT, "department": TEXT, "date": DATE}
QUESTION = {"title": TEXT, "points": NUMBER, "notebooks": TEXTS, "collaborators": TEXTS, "text": TEXT}
LEADERBOARD = {"name": TEXT, "public": NUMBER, "private": NUMBER}
REFERENCE = {"key": TEXT, "text": TEXT, "url": TEXT}
TOP = ("homework", "author", "question", "leaderboard", "reference")


def read(path: Path) -> dict:
    """The checked content of ``report.toml``, ready for JSON; {} without the file. What is empty is left out.

    Keys: ``homework`` (a preset's name, or a list of lists of notebooks), ``author``, ``question`` (by number,
    "1"), ``leaderboard``, ``reference`` (a list).

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
    _known_keys("", given, TOP)
    about = {}
    if "homework" in given:
        _of_kind("homework", given["homework"], HOMEWORK)
        homework = given["homework"]
        about["homework"] = homework if isinstance(homework, str) else [_listed(entry) for entry in homework]
    about["author"] = _table("author", given.get("author", {}), AUTHOR)
    about["question"] = {
        number: content
        for number, table in _tables("question", given.get("question", {}))
        if (content := _table(f"question.{number}", table, QUESTION))
    }
    about["leaderboard"] = _table("leaderboard", given.get("leaderboard", {}), LEADERBOARD)
    about["reference"] = _references(given.get("reference", []))
    _check_citations(about)
    return {key: value for key, value in about.items() if value}


def seed(about: dict) -> int | None:
    """The default seed: the first four bytes of the SHA-256 of the student id in small letters; None without one."""
    student = about.get("author", {}).get("student_id")
    return student and int.from_bytes(hashlib.sha256(student.lower().encode()).digest()[:4], "big")


def nearest(word: str, known) -> str:
    """``: did you mean "name"?`` for a word that is near a known one, and what there is otherwise."""
    near = difflib.get_close_matches(str(word).lower(), list(known), 1, 0.5)
    return f': did you mean "{near[0]}"?' if near else f": there is {', '.join(known)}"


def _listed(entry) -> list[str]:
    return [entry] if isinstance(entry, str) else entry


def _known_keys(place: str, table: dict, known) -> None:
    for key in table:
        if key not in known:
            where = f"[{place}] has" if place else "has"
            raise UserError(f'{FILE} {where} an unknown key "{key}"{nearest(key, known)}')


def _of_kind(place: str, value, kind) -> None:
    words, fits = kind
    if not fits(value):
        raise UserError(f"{FILE}: {place} must be {words}, not {_as_toml(value)}")


def _as_toml(value) -> str:
    """A value as its author wrote it, in short."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict | list):
        return "a table" if isinstance(value, dict) else "such a list"
    return f'"{value[:40]}"' if isinstance(value, str) else str(value)


def _table(place: str, table, kinds: dict) -> dict:
    """A table's values, texts stripped, empty ones left out."""
    if not isinstance(table, dict):
        raise UserError(f"{FILE}: {place} must be a table, [{place}], not {_as_toml(table)}")
    _known_keys(place, table, kinds)
    checked = {}
    for key, value in table.items():
        _of_kind(f"{place}.{key}", value, kinds[key])
        if isinstance(value, list):
            value = [text.strip() for text in value if text.strip()]
        elif not _is_number(value):
            value = str(value).strip()
        if value not in ("", []):
            checked[key] = value
    return checked


def _tables(place: str, tables) -> list[tuple[str, dict]]:
    named = tables if isinstance(tables, dict) else [""]
    if wrong := [number for number in named if not re.fullmatch("[1-9][0-9]?", number)]:
        other = f', not "{wrong[0]}"' if wrong[0] else ""
        raise UserError(f"{FILE}: a question goes by its number, [{place}.1]{other}")
    return list(tables.items())


def _references(entries) -> list[dict]:
    if not isinstance(entries, list):
        raise UserError(f"{FILE}: references are a list: write [[reference]] before each")
    references = [_table("reference", entry, REFERENCE) for entry in entries]
    keys = [reference["key"] for reference in references if "key" in reference]
    for reference in references:
        if "text" not in reference:
            raise UserError(f'{FILE}: a reference without "text": {reference or "an empty one"}')
        if not re.fullmatch(r"https?://[^\s<>\"]+", reference.get("url", "https://x")):
            raise UserError(f'{FILE}: reference.url must start with https://, not "{reference["url"]}"')
        if keys.count(reference.get("key")) > 1:
            raise UserError(f'{FILE}: two references have the key "{reference["key"]}"')
    return references


def _check_citations(about: dict) -> None:
    known = [*(reference.get("key") for reference in about["reference"] if "key" in reference), *PAPERS]
    for number, question in about["question"].items():
        for key in CITE.findall(question.get("text", "")):
            if key.strip() not in known:
                raise UserError(f'{FILE}: question.{number}.text cites "{key}"{nearest(key, known)}')
