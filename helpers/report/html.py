"""The report as one HTML page, which loads nothing."""

import base64
import csv
import io
import json
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from urllib.parse import quote

import jinja2
from markupsafe import Markup
from PIL import Image
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import MarkdownLexer, PythonLexer

from helpers.display import SUFFIXES
from helpers.files import Kept
from helpers.report import thumbnail
from helpers.report.document import Document, Figure, Table
from helpers.report.layout import flow, unbroken
from helpers.report.markdown import clean, converted, inline

TEMPLATES = Path(__file__).parent / "templates"
FINER = re.compile(r"([1-9]\d*\.\d\d)\d+")  # beyond a hundredth of a point; scales, 0.0156, stay
NOTHING = re.compile(r'<metadata>.*?</metadata>|<!--.*?-->| id="[a-z2.]+_[0-9]+"', re.DOTALL)
MARKED = HtmlFormatter(nowrap=True)
DULL = re.compile(r'<span class="(?:n\w*|o|p|w|m\w|bp|fm|vm)">([^<]*)</span>')  # code in ink
PLAIN = " ,:;=/()!*@$~?-._<>'"  # what stands in an address as it is, besides letters and digits
LANGUAGES = {"zh-TW": "zh-Hant-TW"}


def page(document: Document, kept: Kept | None = None) -> str:
    """The page as text; it reads the document's figures. What was worked out before is in ``kept``."""
    kept = kept or Kept()
    known = {text: Markup(html) for text, html in converted(document, "html", kept).items()}
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        finalize=lambda value: clean(value) if type(value) is str else value,
    )
    environment.filters |= {
        "md": known.__getitem__,
        "line": lambda text: Markup(inline(known[text])),
        "uri": partial(of_picture, uri, kept),
        "csv": table_csv,
        "tiny": partial(of_picture, thumbnail.uri, kept),
        "flow": flow,
        "unbroken": unbroken,
        "coloured": lambda cell: Markup(
            kept.get(json.dumps(cell["source"]) + cell["cell_type"], partial(coloured, cell))
        ),
    }
    return environment.get_template("page.html.j2").render(
        document=document,
        words=document.words,
        lang=LANGUAGES.get(document.language, document.language),
        style=Markup((TEMPLATES / "style.css").read_text("utf-8")),
    )


def of_picture(make: Callable[[Figure], str], kept: Kept, figure: Figure) -> Markup:
    """What is made of a figure, from its name and content."""
    source = f"{make.__module__} {figure.path.name} ".encode() + figure.path.read_bytes()
    return Markup(kept.get(source, partial(make, figure)) or "")


def uri(figure: Figure) -> str:
    """A picture as a data URI, as WebP where that is smaller."""
    data, kind = figure.path.read_bytes(), figure.path.suffix[1:]
    if kind == "svg":
        return f"data:{SUFFIXES[kind]},{quote(_slim(data.decode()), safe=PLAIN)}"
    buffer = io.BytesIO()
    with Image.open(io.BytesIO(data)) as image:  # few colours (P) are kept as they are
        options = {"lossless": True} if image.mode == "P" else {"quality": 50}
        image.convert("RGB").save(buffer, "WEBP", method=2, **options)
    kind = SUFFIXES[kind]
    if len(buffer.getvalue()) < len(data):
        data, kind = buffer.getvalue(), "image/webp"
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def _slim(svg: str) -> str:
    """Matplotlib's SVG without what draws nothing, in signs that an address has not to escape."""
    svg = NOTHING.sub("", svg[svg.index("<svg") :]).replace("STIXGeneral-Regular-", "s")
    svg = " ".join(FINER.sub(r"\1", svg).split()).replace("> <", "><")
    return svg if "'" in svg else svg.replace('"', "'")


def table_csv(table: Table) -> str:
    """A table's raw values as a data URI of CSV."""
    text = io.StringIO()
    csv.writer(text).writerows([table.columns or table.heads, *(table.raw or table.rows)])
    return f"data:text/csv;charset=utf-8,{quote(clean(text.getvalue()))}"


def coloured(cell: dict) -> str:
    """A notebook's cell with its words marked."""
    lexer = PythonLexer() if cell["cell_type"] == "code" else MarkdownLexer()
    html = highlight(clean("".join(cell["source"])), lexer, MARKED).rstrip()
    return DULL.sub(r"\1", html)
