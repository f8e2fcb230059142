"""Templates rendered from facts: those of a real run, with some numbers turned round."""

import copy
import json
import re
from functools import cache
from pathlib import Path

from helpers import records, wording
from helpers.kinds import ANSWERS, languages
from helpers.stats import Estimate
from helpers.wording import Wording

FACES = (Path(__file__).parent.parent / "facts" / "faces.json").read_text("utf-8")
TEMPLATES = {path.name[:2]: path.name[:-6] for path in (ANSWERS / "en").glob("[0-9]*.j2")}
RUN = {"seed": 0, "quick": False, "name": "faces"}
UP, DOWN = Estimate(0.05, 0.02, 0.08, 1000, 0.001), Estimate(-0.05, -0.08, -0.02, 1000, 0.001)
OPEN = Estimate(0.01, -0.02, 0.04, 1000, 0.4)


@cache
def _language(language):
    wording = Wording(language, [])
    assert wording.environment  # made once: it keeps every template that was read
    return wording


def blocks_of(template, metrics, tables, data, language="en"):
    """The blocks of a template, with records {name: values} and tables {name: {columns, rows}}."""
    found = copy.copy(_language(language))
    found.results, found.table = metrics, tables.get
    return found.blocks(template, data=data, run=records.Record(RUN))


def turned(changes):
    """What the run on faces recorded, with some values changed: {"accuracy.gap": …, "filters.layers.0.dead": 3}."""
    facts = json.loads(FACES)
    for path, value in changes.items():
        *way, last = path.split(".")
        place = facts if way[:1] == ["data"] else facts["metrics"]
        for key in way:
            place = place[int(key) if isinstance(place, list) else key]
        place[last] = value
    return records.loads(records.dumps(facts))


def drawn(blocks):
    """What a template placed that every language must place."""
    found = (each for each in blocks.placed if each.kind != "note")
    return {(each.kind, each.name, each.width, len(each.heads)) for each in found}


def rendered(number, changes):
    """Every block as a notebook would show it, by name, and captions, notes, alt texts as "placed".

    The other languages are rendered from the same facts: they say something where this one does, and place the same.
    """
    facts = turned(changes)
    texts, places = [], []
    for language in languages():
        name = TEMPLATES[number]
        blocks = blocks_of(name, facts.metrics, facts.tables, facts.data, language)
        texts.append({name: blocks.plain(name) for name in sorted(blocks.template.blocks)})
        places.append(drawn(blocks))
        if language == "en":
            captions = [f"{placed.text} {placed.alt}" for placed in blocks.placed]
    said = [{name: bool(text) for name, text in found.items()} for found in texts]
    assert all(each == said[0] for each in said)
    assert all(each == places[0] for each in places)
    return texts[0] | {"placed": "\n".join(captions)}


def check(number, changes, *claims):
    """Each claim is "block: words that stand in it" or "block! words that do not"."""
    found = rendered(number, changes)
    for claim in claims:
        block, sign, words = re.fullmatch(r"(\w+)([:!]) (.*)", claim).groups()
        text = found[block].replace("\u00a0", " ")
        there = words in text or (sign == ":" and words in wording.unescaped(text))
        assert there == (sign == ":"), f"{claim}\n{text}"


def cases_of(every):
    """Each case of some notebooks, by their numbers, with that number."""
    found = []
    for number, cases in every.items():
        found += [(number, case) for case in cases]
    return found
