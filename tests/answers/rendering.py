"""Templates rendered from made facts."""

import copy
from functools import cache

from helpers import records
from helpers.wording import Wording

DATA = {
    "name": "faces",
    "title": "faces (drawn)",
    "classes": ["angry", "disgust", "happy"],
    "regions": ["brows", "eyes", "nose", "mouth"],
    "splits": {"train": 8000, "validation": 2000, "test": 2000},
    "labelled": {"train": 8000, "validation": 2000, "test": 2000},
    "few": {"than": 30, "classes": []},
    "facts": {},
    "notes": [],
}
RUN = {"seed": 0, "quick": False, "name": "faces"}


@cache
def _language(language):
    wording = Wording(language, [])
    assert wording.environment  # made once: it keeps every template that was read
    return wording


def blocks_of(template, facts, tables=None, data=None, language="en"):
    """The blocks of a template, with made records {name: values} and tables {name: (columns, rows)}."""
    wording = copy.copy(_language(language))
    wording.results = {name: kept(values) for name, values in facts.items()}
    made = {
        name: kept({"columns": columns, "rows": rows})
        for name, (columns, rows) in (tables or {}).items()
    }
    wording.table = made.get
    about = kept({**DATA, **(data or {})})
    return wording.blocks(template, data=about, run=records.Record(RUN))


def kept(values):
    """Values as a notebook finds them that did not record them itself."""
    return records.loads(records.dumps(values))


def rendered(template, facts, tables=None, data=None, language="en"):
    """Every block of a template as a notebook would show it, by name, and captions, notes, alt texts as "placed".

    The other language is rendered from the same facts: it must say something where this one does, and place the same.
    """
    (found, blocks), (other, others) = (
        _texts(blocks_of(template, facts, tables, data, each))
        for each in (language, "zh-TW" if language == "en" else "en")
    )
    assert {name: bool(text) for name, text in found.items()} == {
        name: bool(text) for name, text in other.items()
    }
    assert _places(blocks) == _places(others)
    found["placed"] = "\n".join(f"{placed.text} {placed.alt}" for placed in blocks.placed)
    return found


def _texts(blocks):
    return {name: blocks.plain(name) for name in sorted(blocks.template.blocks)}, blocks


def _places(blocks):
    there = [placed for placed in blocks.placed if placed.kind != "note"]
    return {(placed.kind, placed.name, placed.width, len(placed.heads)) for placed in there}
