"""What people call splits, columns, expressions and junk, and how formats begin that are not read: ``words.toml``."""

import tomllib
from pathlib import Path

WORDS = tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))


def meanings(table: str) -> dict[str, str]:
    """Each word of a table -> what it means."""
    found = {}
    for meaning, words in WORDS[table].items():
        found |= dict.fromkeys(words, meaning)
    return found
