"""Markdown in both pages: what is not Markdown comes out as text."""

import re

import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_document import Page

from helpers.report.markdown import clean, convert

NEVER = {"script", "img", "iframe", "style", "link", "object", "form", "input", "svg", "b", "base"}
HEAD = """#set document(title: "x")\n#let to(anchor, body) = body\n#let horizontalrule = line()\n= x\n"""
SIGNS = "ab 1#$\\`*_~^[](){}<>\"'@!/|=-+:;.&%,\n\u202e陳"


def compiled(code: str) -> bytes:
    return typst.compile((HEAD + code).encode(), format="pdf", pdf_standards=["ua-1"])


@pytest.mark.parametrize(
    "text",
    [
        '#read("/etc/passwd")',
        "costs $5 and $$ more",
        "<script>alert(1)</script>",
        "{{ 7 * 7 }} {% include 'x' %}",
        "`<b>`{=html}",
        "\\input{/etc/passwd} \\LaTeX",
        "text {.class onclick=x} @key [^1]",
    ],
)
def test_code_of_other_languages_is_text(text):
    html, code = convert([text], "html")[0], convert([text], "typst")[0]
    plain = re.sub("[“”‘’`]", "", text.replace('"', "").replace("'", "").replace("`", ""))
    assert re.sub("[“”‘’]", "", Page(html).text) == plain
    assert {tag for tag, _ in Page(html).tags} <= {"p", "code"}
    assert compiled(code)
    for sign in "#$<@":
        assert not re.search(rf"(?<!\\){re.escape(sign)}", re.sub("`.*?`", "", code))


@settings(max_examples=10, deadline=None)
@given(st.text(st.sampled_from(SIGNS), max_size=60))
def test_any_text_makes_a_page(text):
    page = Page(convert([text], "html")[0])
    assert NEVER.isdisjoint(tag for tag, _ in page.tags)
    names = {name for _, attributes in page.tags for name in attributes}
    assert not any(name.startswith("on") or name == "id" for name in names)
    assert all(target.startswith(("#", "http")) for target in page.all("href"))
    assert compiled(convert([text], "typst")[0])


def test_links_lead_to_the_web_or_the_page():
    text = (
        "[a](https://a.org/?b=1&c) [b](#figure-3) [c](javascript:alert(1)) [d](data:text/html,x) [e](file:///etc)"
        ' ![f *g*](http://evil/x.png) [h](#x"onclick=y) <mailto:a@b.c>'
    )
    html, code = convert([text], "html")[0], convert([text], "typst")[0]
    assert re.findall('href="(.*?)"', html) == ["https://a.org/?b=1&amp;c", "#figure-3"]
    assert "<img" not in html
    assert "f <em>g</em>" in html
    assert re.findall(r'#(?:to|link)\("(.*?)"\)', code) == ["https://a.org/?b=1&c", "figure-3"]
    assert compiled(code)


def test_formulas_have_their_tex_as_text():
    text = 'Inline $x_i^2$, and\n\n$$\\frac{a}{b} \\text{"#read"}$$\n\nand $\\unknown{x}$.'
    html, code = convert([text], "html")[0], convert([text], "typst")[0]
    assert html.count("<math") == 2
    assert "\\unknown{x}" in Page(html).text
    assert 'alt: "x_i^2", block: false' in code
    assert "block: true" in code
    assert "`\\unknown{x}`" in code
    assert compiled(code)  # PDF/UA-1 refuses a formula without a description


@pytest.mark.parametrize("to", ["html", "typst"])
def test_pieces_stay_apart(to):
    pieces = ["", "- a\n- b", "# Head {#id}", "two `code` $x$", "```\nopen", "three $", "end"]
    assert convert(pieces, to) == [convert([piece], to)[0] for piece in pieces]
    head = "<h3>" if to == "html" else "== "  # of any level: they stand below a question
    assert convert(["# One\n\n#### Two"], to)[0].count(head) == 2


def test_signs_that_turn_the_text_round_are_gone():
    assert clean("a\u202eb\u2067c\x00d\r\ne\ud800") == "abcd\ne?"
    assert "\u202e" not in convert(["a\u202eb"], "html")[0]


def test_chinese_loses_the_blanks_that_it_does_not_have_and_others_keep_theirs():
    assert convert(["一。 二（Ａ） b 😀 b 貓 c"], "html") == ["<p>一。二（Ａ）b 😀 b 貓 c</p>"]
