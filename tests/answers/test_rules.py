"""The rules of words, on every template, in every language, with the facts of real runs.

``tests/facts/<name>.json`` holds what the notebooks of a run recorded (``python -m tools.facts``).
"""

import json
import re
import tomllib
from functools import cache
from itertools import product
from pathlib import Path

import pytest
from rendering import TEMPLATES, blocks_of, drawn

from helpers import records
from helpers.formats import MARKS
from helpers.kinds import ANSWERS, languages
from helpers.wording import PLACE, POINT

FACTS = sorted((Path(__file__).parent.parent / "facts").glob("*.json"))
NOTEBOOKS = sorted(TEMPLATES.values())
NUMBER = re.compile(r"(?<![\w.,])[-+−<]?\d[\d,.\u00a0]*")
SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])|\n\s*\n|\n(?=- )")
NO_NUMBER = re.compile(
    r"`[^`]*`|\$\$[^$]*\$\$|\$[^$]*\$|\[[^\]]*\]|notebook \d+|95 ?\u00a0?%|\d+ × \d+"
)  # names of things


@cache
def rendered(facts: Path, language: str, name: str):
    """Blocks of a template."""
    return _rendered(facts.read_text("utf-8"), language, name)


def _rendered(facts: str, language: str, name: str):
    found = records.loads(facts)
    return blocks_of(name, found.metrics, found.tables, found.data, language)


def cases():
    for facts in FACTS:
        there = filter(json.loads(facts.read_text("utf-8"))["notebooks"].__contains__, NOTEBOOKS)
        for language, name in product(languages(), there):
            label = f"{facts.stem}-{language}-{name[:2]}"
            yield pytest.param(facts, language, name, id=label)


def texts_of(blocks, without: str = "") -> list[str]:
    """What all blocks of a template say, and then what they place."""
    said = [blocks.render(block) for block in blocks.template.blocks if block != without]
    return [*said, *(placed.text for placed in blocks.placed)]


def words_of(text: str) -> int:
    """How many words a text has; a Chinese character counts as two thirds of one."""
    latin = len(re.findall(r"[^\W\d_一-鿿]+(?:['’-]\w+)*|\d[\d.,]*", text))
    return latin + round(len(re.findall(r"[一-鿿]", text)) / 1.5)


def bare(text: str, names=()) -> str:
    """A text as it is read: without marks, markup and names that contain digits."""
    text = POINT.sub(
        lambda found: found[2].rpartition(":")[2] if found[1] == "term" else "", PLACE.sub("", text)
    )
    text = re.sub(r"\\(.)", r"\1", MARKS.sub("", text))
    for name in names:
        text = text.replace(name, "x")
    return NO_NUMBER.sub("", text).replace("*", "")


@pytest.mark.parametrize(("facts", "language", "name"), cases())
def test_answers_are_short_and_no_sentence_holds_more_than_two_numbers(facts, language, name):
    blocks = rendered(facts, language, name)
    names = blocks.context["data"].classes
    texts = {block: blocks.render(block) for block in blocks.template.blocks}
    for block in (block for block in texts if block.startswith("short")):
        text = bare(texts[block], names)
        assert 0 < words_of(text) <= 25, text
        assert len(NUMBER.findall(text)) <= 1, text
    answer = bare(PLACE.split(texts["answer"])[0], names)
    assert words_of(answer) <= 40, answer
    for text in texts_of(blocks, without="settings"):
        for sentence in SENTENCE.split(text):
            if "|" not in sentence:  # a table
                assert len(NUMBER.findall(bare(sentence, names))) <= 2, sentence


@pytest.mark.parametrize(("facts", "language", "name"), cases())
def test_terms_are_in_the_glossary_and_captions_begin_with_the_finding(facts, language, name):
    blocks = rendered(facts, language, name)
    glossary = tomllib.loads((ANSWERS / language / "glossary.toml").read_text("utf-8"))
    pointed = POINT.findall("\n".join(texts_of(blocks)))
    assert {entry.partition(":")[0] for kind, entry in pointed if kind == "term"} <= set(glossary)
    for placed in blocks.placed:
        assert placed.kind == "note" or placed.text.lstrip().startswith("**"), placed.name


@pytest.mark.parametrize("language", [name for name in languages() if name != "en"])
@pytest.mark.parametrize("facts", FACTS, ids=lambda path: path.stem)
def test_all_languages_place_and_cite_the_same(facts, language):
    there = json.loads(facts.read_text("utf-8"))["notebooks"]
    for name in filter(there.__contains__, NOTEBOOKS):
        found = []
        for each in ("en", language):
            blocks = rendered(facts, each, name)
            texts = {block: blocks.render(block) for block in sorted(blocks.template.blocks)}
            every = NUMBER.findall("\n".join(map(bare, texts.values())))
            numbers = {number.strip(",.\u00a0") for number in every}
            found.append((sorted(texts), drawn(blocks), numbers))
        assert found[0] == found[1], name


HOSTILE, AS_TEXT = "US$ *a* <b> [x](y)", r"US\$ \*a\* \<b\> \[x\](y)"


@pytest.mark.parametrize(("facts", "language", "name"), cases())
def test_names_of_classes_and_images_come_out_as_text(facts, language, name):
    text = facts.read_text("utf-8")
    for number, each in enumerate(json.loads(text)["data"]["classes"]):
        text = text.replace(json.dumps(each), json.dumps(f"{HOSTILE} {number}"))
    blocks = _rendered(re.sub('"id": "[^"]*"', f'"id": "{HOSTILE}"', text), language, name)
    text = "\n".join(texts_of(blocks))
    some = name[:2] not in ("01", "02", "04", "11", "12") and facts.stem != "external"
    assert AS_TEXT in text or not some  # the others may name none
    for mark in ("*a*", "<b>", "[x]"):
        assert mark not in text.replace(AS_TEXT, "")
