"""Markdown to HTML and to Typst, by pandoc: what is not Markdown comes out as text."""

import re
import secrets
import subprocess
from functools import cache
from pathlib import Path
from typing import Literal

import pypandoc

from helpers.errors import UserError
from helpers.files import Kept
from helpers.report.document import Document

FILTER = Path(__file__).parent / "templates" / "markdown.lua"
# Named one by one: without attributes, raw HTML, raw TeX, metadata, identifiers, footnotes.
FORMAT = (
    "markdown_strict-raw_html+tex_math_dollars+pipe_tables+smart+fenced_code_blocks"
    "+backtick_code_blocks+fancy_lists+startnum+strikeout+superscript+subscript"
    "+intraword_underscores+all_symbols_escapable+space_in_atx_header+definition_lists"
    "+escaped_line_breaks+lists_without_preceding_blankline"
)
SECONDS = 20
# Signs without a picture: controls, and those that turn the direction of what follows them.
UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\uffff]")


def convert(texts: list[str], to: Literal["html", "typst"]) -> list[str]:
    """Convert pieces of Markdown, all by one pandoc process.

    Raw HTML and TeX, `javascript:` links and pictures come out as text. Links go to http(s) or to
    an anchor of the page: in Typst ``#to("anchor")[text];``, a function that the template has.
    Where a piece swallows the next, by an open code block for one, each is converted alone.

    Args:
        texts: the pieces, of which none can come from outside unescaped; what people wrote is
            converted by a call of its own.
        to: HTML with MathML, or Typst code.

    Returns:
        The pieces converted, stripped of white space at both ends.
    """
    if not texts:
        return []
    mark = f"piece{secrets.token_hex(8)}"
    whole = _pandoc(f"\n\n{mark}\n\n".join(clean(text) for text in texts), to)
    line = f"<p>{mark}</p>" if to == "html" else mark
    pieces = re.split(rf"^{line}$", whole, flags=re.MULTILINE)
    if len(pieces) != len(texts) or mark in "".join(pieces):
        pieces = [_pandoc(clean(text), to) for text in texts]
    return [piece.strip() for piece in pieces]


def converted(document: Document, to: Literal["html", "typst"], kept: Kept) -> dict[str, str]:
    """All Markdown of a document by what it was: the author's own words piece by piece."""
    ours = dict.fromkeys(filter(None, document.markdown()))
    new = [text for text in ours if to + text not in kept]
    made = dict(zip(new, convert(new, to), strict=True))
    known = {text: kept.get(to + text, lambda text=text: made[text]) for text in ours}
    theirs = {section.own for section in document.sections if section.own}
    return {"": ""} | known | {text: convert([text], to)[0] for text in theirs}


def clean(text: str) -> str:
    """A text without the signs that cannot be seen; lone surrogates become U+FFFD."""
    return UNSEEN.sub("", text.replace("\r\n", "\n")).encode("utf-8", "replace").decode()


def inline(html: str) -> str:
    """HTML of one paragraph without the paragraph; other HTML as it is."""
    found = re.fullmatch(r"<p>((?:(?!<p>).)*)</p>", html, re.DOTALL)
    return found[1] if found else html


@cache
def _program() -> str:
    return pypandoc.get_pandoc_path()


def _pandoc(text: str, to: str) -> str:
    command = [_program(), "--sandbox", "-f", FORMAT, "-t", to, "--lua-filter", str(FILTER)]
    command += ["--wrap=none", "--mathml", "--email-obfuscation=none", "--syntax-highlighting=none"]
    start = repr(text.strip()[:60])
    try:
        done = subprocess.run(
            command, input=text, capture_output=True, encoding="utf-8", timeout=SECONDS
        )
    except subprocess.TimeoutExpired:
        raise UserError(f"pandoc takes too long for the text {start}: simplify it") from None
    if done.returncode:
        raise UserError(f"pandoc cannot read the text {start}: {done.stderr.strip()[-200:]}")
    return done.stdout
