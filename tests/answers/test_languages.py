"""The templates of other languages beside the English ones, the same places in one order; and Chinese."""

import json
import re
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path

import jinja2
import pytest
from jinja2 import nodes

from helpers.kinds import ANSWERS, languages
from helpers.report import references
from helpers.wording import Wording

ENGLISH, CHINESE = ANSWERS / "en", ANSWERS / "zh-TW"
FACTS = sorted((Path(__file__).parent.parent / "facts").glob("*.json"))
TEMPLATES = sorted(path.name for path in ENGLISH.glob("*.md.j2"))
OTHERS = [name for name in languages() if name != "en"]
PARSED = jinja2.Environment(trim_blocks=True, lstrip_blocks=True)
PLACES = ("figure", "table", "cite", "ref", "note", "term")
FORMS = {"int", "pct", "points", "num", "num3", "signed", "p", "interval", "class"}
WORDS = re.compile(r"[A-Za-z][A-Za-z'’]*(?: [A-Za-z][A-Za-z'’]*){3,}")
NAMES = re.compile(r"`[^`]*`|\$[^$]*\$")


@cache
def toml(folder, name):
    return tomllib.loads((folder / name).read_text("utf-8"))


@cache
def tree(folder, name) -> nodes.Template:
    return PARSED.parse((folder / name).read_text("utf-8"))


def calls(found: nodes.Node, name: str):
    return (call for call in found.find_all(nodes.Call) if call.node == nodes.Name(name, "load"))


def told(call: nodes.Call) -> str:
    """What a place must have in every language: name or key, width, how many heads."""
    given = {pair.key: pair.value for pair in call.kwargs}
    name = call.node.name
    if name == "note":
        return name
    if name == "term":
        return f"{name} {call.args[-1].value.lower()}"
    heads = given.get("heads")
    many = len(heads.items) if isinstance(heads, nodes.List) else type(heads).__name__
    return f"{name} {call.args} {given.get('width')} {many}"


def places(found: nodes.Node) -> Counter:
    return Counter(told(call) for name in PLACES for call in calls(found, name))


def verdicts(found: nodes.Node) -> Counter:
    """Comparisons with a fixed word, "holds" for one, that choose sentences."""
    compared = [
        operand.expr.value
        for branch in found.find_all(nodes.If)
        for each in branch.test.find_all(nodes.Compare)
        for operand in each.ops
        if isinstance(operand.expr, nodes.Const) and isinstance(operand.expr.value, str)
    ]
    return Counter(compared)


def forms(found: nodes.Node) -> list[list[str]]:
    """The formats of each table, without those that say something in words."""
    given = [
        pair.value
        for call in calls(found, "table")
        for pair in call.kwargs
        if pair.key == "formats"
    ]
    constants = [list(each.find_all(nodes.Const)) for each in given]
    return [[item.value for item in each if item.value in FORMS] for each in constants]


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("name", ["page.toml", "glossary.toml"])
def test_all_words_are_there(name, language):
    english, other = toml(ENGLISH, name), dict(toml(ANSWERS / language, name))
    for only in ("classes", "notes"):
        other.pop(only, None)
    assert english.keys() == other.keys()
    for key, words in english.items():
        if isinstance(words, dict):
            assert words.keys() == other[key].keys(), key
            for inner in filter(lambda inner: isinstance(words[inner], dict), words):
                assert words[inner].keys() == other[key][inner].keys(), inner
    fields = re.compile(r"{\w+}")
    for key, text in english.get("words", {}).items():
        assert fields.findall(text) == fields.findall(other["words"][key]), key


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("name", TEMPLATES)
def test_the_same_places_and_branches_as_in_english(name, language):
    both = tree(ENGLISH, name), tree(ANSWERS / language, name)
    blocks = [{block.name: block for block in each.find_all(nodes.Block)} for each in both]
    assert list(blocks[0]) == list(blocks[1])
    for block in blocks[0]:
        first, second = blocks[0][block], blocks[1][block]
        assert places(first) == places(second), block
        assert verdicts(first) == verdicts(second), block
        assert forms(first) == forms(second), block


def test_every_paper_and_every_term_is_used():
    found = [tree(ENGLISH, name) for name in TEMPLATES]
    cited = {arg.value for each in found for call in calls(each, "cite") for arg in call.args}
    assert cited | {*references.OF_DATA.values()} == set(references.PAPERS)
    terms = {call.args[-1].value for each in found for call in calls(each, "term")}
    assert terms == toml(ENGLISH, "glossary.toml").keys()


def test_what_readers_of_data_note_is_translated():
    wording = Wording("zh-TW", [])
    for path in FACTS:
        for note in json.loads(path.read_text("utf-8"))["data"]["notes"]:
            assert WORDS.search(note) and not WORDS.search(wording.told(note)), note


@pytest.mark.parametrize("name", TEMPLATES)
def test_no_english_sentence_is_left(name):
    found = tree(CHINESE, name)
    keys = {pair.key for pair in found.find_all(nodes.Pair)}
    texts = [each.data for each in found.find_all(nodes.TemplateData)]
    texts += [each.value for each in found.find_all(nodes.Const) if each not in keys]
    for text in filter(lambda text: isinstance(text, str), texts):
        assert not WORDS.search(NAMES.sub("", text)), text


@pytest.mark.parametrize("name", TEMPLATES)
def test_punctuation_is_full_width(name):
    for each in tree(CHINESE, name).find_all(nodes.TemplateData):
        text = NAMES.sub("", each.data)
        assert not re.search(r"[一-鿿][,;:?!(]|[,;:?!)][一-鿿]", text), text
        assert not re.search(r"[一-鿿][A-Za-z0-9]|[A-Za-z0-9%][一-鿿]", text), text
