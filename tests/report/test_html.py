"""The page for the screen: alone, complete, in order, and deaf to what data and authors inject."""

import csv
import io
import itertools
import re
from dataclasses import replace
from urllib.parse import unquote

import pytest
from sample_document import Page, sample

from helpers.report import html


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    return sample(tmp_path_factory.mktemp("html"))


@pytest.fixture(scope="module")
def text(document):
    return html.page(document)


@pytest.fixture(scope="module")
def page(text):
    return Page(text)


def test_nothing_is_loaded(text, page):
    assert len(text.encode()) < 5_000_000
    assert {tag for tag, _ in page.tags}.isdisjoint({"script", "link", "iframe", "object", "base"})
    assert all(source.startswith("data:image/") for source in page.all("src"))
    assert all(target.startswith(("#", "https://", "data:text/csv")) for target in page.all("href"))
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)[1]
    assert all(start == "data:" for start in re.findall(r"url\(['\"]?(.{5})", style))
    assert "@import" not in style


def test_every_link_has_one_place(page):
    places = page.all("id")
    assert len(places) == len(set(places))
    assert {target[1:] for target in page.all("href") if target[0] == "#"} <= set(places)


def test_headings_go_down_step_by_step(page):
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 == levels.count(1)
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_the_first_page_answers(document, page, text):
    assert "<title>Homework 4: explaining a CNN – Ada Chen 陳雅達 – " in text
    assert 'http-equiv="refresh"' not in text
    assert 'http-equiv="refresh"' in html.page(replace(document, live=True))
    start = page.text[: page.text.index(document.words["contents"])]
    for section in document.sections:
        assert section.title in start
        assert section.short in start
    assert document.limits[0][0] in start
    assert document.provenance[0][0] in start
    assert "Questions without an answer: 2." in start
    assert document.words["failed"] in start


def test_pictures_have_words(document, page):
    pictures = [attributes["alt"] for tag, attributes in page.tags if tag == "img"]
    figure = document.sections[0].parts[0]
    assert figure.alt in pictures
    assert pictures.count("") == len(document.sections)  # the tiny copies beside the answers


def test_a_question_is_in_order(document, page):
    section = document.sections[-1]
    shown = page.text[page.text.rindex(section.short) :]
    wanted = [section.short, "In the author’s words: Ada Chen 陳雅達", "I looked at 12", "Interval.", "Figure 10.",
              "What not to trust.", "Settings", "More evidence", "Code: notebook 04"]  # fmt: skip
    places = [shown.index(word) for word in wanted]
    assert places == sorted(places)


def test_what_is_written_is_text(page, text):
    for trap in ("<img src=x onerror=alert(1)>", "{{ 7*7 }}", "#read(“/etc/passwd”)", "$$ more"):
        assert trap in page.text
    assert "javascript:" not in text
    assert "\u202e" not in text
    assert "<b>no data</b>" in page.text
    assert "x = 1 < 2  # why" in page.text


def test_plain_fields_cannot_be_markup(tmp_path):
    document = sample(tmp_path, 2, "zh-TW")
    bad = '"><script>alert(1)</script>\u202e'
    document.title = document.subtitle = document.author["name"] = bad
    section, table = document.sections[0], document.sections[0].parts[3]
    section.title = section.collaborators = section.parts[0].alt = table.heads[0] = bad
    table.rows[0][0] = table.raw[0][0] = table.name = document.references[0].text = bad
    document.glossary[0] = (bad, "text", "term-logit")
    document.code["01_notebook"][0]["source"] = bad
    text = html.page(document)
    assert "script" not in {tag for tag, _ in Page(text).tags}
    assert '<html lang="zh-Hant-TW">' in text
    assert html.page(document) == text


def test_a_table_comes_with_its_numbers(document, page):
    table = document.sections[0].parts[3]
    link = next(target for target in page.all("href") if target.startswith("data:text/csv"))
    rows = list(csv.reader(io.StringIO(unquote(link.split(",", 1)[1]))))
    assert rows == [table.columns, *([str(value) for value in row] for row in table.raw)]
