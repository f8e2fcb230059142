"""Numbers as words, and what templates refuse."""

import jinja2
import pytest

from helpers.formats import plain
from helpers.stats import Estimate, rate
from helpers.wording import Wording

NUMBERS = Wording("en", []).numbers


@pytest.fixture
def template(templates):
    """A function that gives the blocks of a template given as text."""

    def blocks(source, sources=(), **variables):
        templates("x", source)
        return Wording("en", list(sources)).blocks("x", **variables)

    return blocks


def test_numbers_are_set_in_one_way():
    share = rate(81, 263)
    assert NUMBERS.pct(share) == "31\u00a0%"
    assert NUMBERS.cell(share, "pct") == "30.8\u00a0% (25.5 to 36.6)"
    assert NUMBERS.cell(Estimate(-0.0004, -0.1, 0.1, 9), "points") == "+0.0 (−10.0 to +10.0)"
    assert NUMBERS.cell(rate(0, 0), "pct") == NUMBERS.cell(None, "int") == "–"
    assert NUMBERS.cell(8000, "int") == "8,000"
    assert NUMBERS.cell("first", {"first": "this way"}) == "this way"
    assert [NUMBERS.p_value(p) for p in (0.0001, 0.032, 0.0499, 1.0)] == [
        "<\u00a0.001",
        ".032",
        "<\u00a0.05",
        "1",
    ]
    assert NUMBERS.listed(["a", "b", "c"]) == "a, b and c"


@pytest.mark.parametrize(
    "text",
    [
        "US$ to NT$",
        "a<b>&c",
        "[x](javascript:alert(1))",
        "*bold* _it_ `code`",
        "{{ 7*7 }}",
        "1. one",
        '#read("x")',
        "~~x~~",
    ],
)
def test_any_text_stays_text(text):
    import pypandoc

    markdown = str(plain(text))
    shown = pypandoc.convert_text(
        markdown, "plain", "markdown-raw_html", extra_args=["--wrap=none"]
    ).strip()
    assert shown == text


def test_a_number_without_a_filter_and_an_unknown_name_are_refused(template):
    with pytest.raises(jinja2.TemplateError, match="needs a filter"):
        template("{% block short %}{{ x }}{% endblock %}", x=0.5).render("short")
    with pytest.raises(jinja2.UndefinedError, match="'y' is undefined"):
        template("{% block short %}{{ y }}{% endblock %}").render("short")
    assert template("{% block short %}{{ x }}{% endblock %}", x=8000).render("short") == "8,000"


def test_what_stands_above_the_blocks_is_known_in_them(template):
    source = "{% set worst = pairs[0] %}{% block short %}{{ worst }}{% endblock %}"
    source += "{% block more %}{{ self.short() }}!{% endblock %}"
    blocks = template(source, pairs=["a<b"])
    assert blocks.render("short") == r"a\<b"
    assert blocks.render("more") == r"a\<b!"
    assert blocks.render("nothing") == ""


def test_a_figure_needs_caption_and_alt_and_a_table_its_heads(template, tmp_path):
    from helpers import records

    with pytest.raises(jinja2.TemplateError, match="alt text"):
        template('{% block short %}{{ figure("a", "c", " ") }}{% endblock %}').render("short")
    records.write(tmp_path / "tables" / "t.json", {"columns": ["a", "b"], "rows": [[1, 2]]})
    source = '{% block short %}{{ table("t", "c", ["A"], ["int"]) }}{% endblock %}'
    with pytest.raises(jinja2.TemplateError, match="1 heads do not fit"):
        template(source, [tmp_path]).render("short")


def test_marks_are_words_in_a_notebook(template):
    source = '{% block short %}{{ figure("a", "c", "alt") }}See {{ ref("a") }}{{ cite("x") }}, '
    source += 'a {{ term("logits", "logit") }}.{% endblock %}'
    assert template(source).plain("short") == "See ax, a logits."
