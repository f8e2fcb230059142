"""Markdown as the report sets it: raw HTML is text, formulas are drawn, nothing is loaded."""

import re
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath, MathInlineParser, import_plugin

from helpers.report import formulas

if TYPE_CHECKING:
    from helpers.report.html import Page

PLUGINS = [import_plugin(name) for name in ("strikethrough", "table", "def_list")]
SVG = r'<svg [^>]*class="math"[^>]*>(?:(?!</svg>).)*</svg>'
UNBROKEN = re.compile(r"(?<=\bp) (?=[<=>] [.\d])|(?<=\bp [<=>]) (?=[.\d])|(?<=\d) (?=%)")  # p < .001, 5 %
TAG = re.compile(r"<[^>]*>")
# A formula and the bracket or comma beside it, between which no line may end.
GLUED = re.compile(rf"[(\[“]+{SVG}[^\s<]*|{SVG}[^\s<]+")


def to_html(markdown: str, page: "Page") -> str:
    """Markdown as HTML; links out of the page go to the page's references (``page.cite``)."""
    html = MarkdownWithMath(Renderer(page), inline=Inline(), plugins=PLUGINS).render(markdown).strip()
    return GLUED.sub(r'<span class="glued">\g<0></span>', html)


class Inline(MathInlineParser):
    """Markdown with `$formulas$`, but "$5 and $6" is money: no space inside the signs, no digit after them."""

    SPECIFICATION: ClassVar = {
        **MathInlineParser.SPECIFICATION,
        "inline_math_tex": r"(?<![$\\])\$(?P<math_inline_tex>[^\s$](?:[^$]*[^\s$\\])?)\$(?![\d$])",
    }


class Renderer(IPythonRenderer):
    """Markdown to HTML that trusts nothing: raw HTML is text, no picture and no link leaves the page."""

    def __init__(self, page: "Page"):
        super().__init__(escape=True, allow_harmful_protocols=False, exclude_anchor_links=True)
        self.page = page

    def text(self, text):
        return super().text(UNBROKEN.sub("\u00a0", text))

    def heading(self, text, level, **_):
        # Below the heading above, mostly an h2, and never a level skipped: "#" and "##" become h3.
        base = self.page.base
        self.page.level = min(max(level + base - 1, base + 1), self.page.level + 1, 6)
        return f"<h{self.page.level}>{text}</h{self.page.level}>\n"

    def link(self, text, url, title=None):
        if url.startswith("#"):
            return f'<a href="{escape(url)}">{text}</a>'
        if url.startswith(("https://", "http://")):
            return f"{text} {self.page.cite(TAG.sub('', text), url)}"
        if url.startswith("cite:"):
            return self.page.cite_key(url[5:].strip())
        asked = self.page.shown.get(Path(url).stem)
        return f'<a href="#{asked.anchor}">{text}</a>' if asked else text

    def image(self, text, url, title=None):
        return f"<em>{text}</em>"

    def inline_math(self, body):
        return formulas.inline(body)

    def block_math(self, body):
        return formulas.display(body)

    def latex_environment(self, name, body):
        return formulas.display(f"\\begin{{{name}}}{body}\\end{{{name}}}")
