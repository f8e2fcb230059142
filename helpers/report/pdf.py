"""The report on paper: Typst makes a tagged PDF (PDF/UA-1) of it."""

import datetime
import json
from pathlib import Path

import jinja2

from helpers import fonts
from helpers.errors import UserError
from helpers.files import Kept
from helpers.report import thumbnail
from helpers.report.document import Document
from helpers.report.layout import flow, longest, signs, unbroken
from helpers.report.markdown import clean, converted

TEMPLATE = Path(__file__).parent / "templates" / "page.typ.j2"
# Typst 0.15 loses count of the tags of some paragraphs that page breaks divide ("tags weren't properly closed").
UNBROKEN = "#show par: it => block(breakable: false, spacing: 0.75em, it)\n"


def make(document: Document, folder: Path, kept: Kept | None = None) -> tuple[bytes, list[str]]:
    """Make the PDF of a report; the same bytes for the same document.

    Args:
        document: what to show; its figures lie in ``folder``.
        folder: the run's folder: nothing outside it is read.
        kept: what was worked out before.

    Returns:
        The PDF, and warnings in words.

    Raises:
        UserError: Typst is missing, or could not make the pages.
    """
    try:
        import typst
    except ImportError:
        raise UserError("there is no report.pdf: Typst has no package for this system") from None
    day = _day(document.date) or (2000, 1, 1)
    moment = datetime.datetime(*day, tzinfo=datetime.UTC)
    look = {"format": "pdf", "pdf_standards": ["ua-1"], "timestamp": moment}
    source = code(document, folder, kept)
    for text in (source, UNBROKEN + source):
        try:
            pdf, told = typst.compile_with_warnings(text.encode(), **_place(folder), **look)
        except typst.TypstError as fault:
            reason = str(fault.message).splitlines()[0]
            if "internal error" not in reason:
                break
        else:
            return pdf, [w.message for w in told if "font family" not in w.message]
    raise UserError(f"there is no report.pdf, Typst could not make it: {reason}")


def pictures(document: Document, folder: Path, ppi: float) -> list[bytes]:
    """The pages as PNG."""
    import typst

    source = code(document, folder).encode()
    found = typst.compile(source, **_place(folder), format="png", ppi=ppi)
    return found if isinstance(found, list) else [found]


def _place(folder: Path) -> dict:
    """Where Typst may read."""
    return {"root": str(folder), "font_paths": [str(fonts.FOLDER)]}


def code(document: Document, folder: Path, kept: Kept | None = None) -> str:
    """The report as Typst code."""
    known = converted(document, "typst", kept or Kept())
    look = {"trim_blocks": True, "lstrip_blocks": True, "undefined": jinja2.StrictUndefined}
    environment = jinja2.Environment(**look)
    root = folder.resolve()
    environment.filters |= {
        "s": quoted,
        "flow": flow,
        "window": thumbnail.window,
        "unbroken": unbroken,
        "longest": longest,
        "md": known.__getitem__,
        "file": lambda path: quoted("/" + path.resolve().relative_to(root).as_posix()),
    }
    language, _, region = document.language.partition("-")
    template = environment.from_string(TEMPLATE.read_text("utf-8"))
    given = {
        "document": document,
        "words": document.words,
        "lang": language,
        "region": region,
        "script": "hant" if region in ("TW", "HK") else "",
        "day": _day(document.date),
        "glossary": _columns(document.glossary),
        "anchors": _anchors(document),
    }
    text = template.render(**given)
    families = ", ".join(map(quoted, fonts.families(text)))
    return fonts.shown(f"#set text(font: ({families},))\n{text}")


def quoted(text) -> str:
    """A text as a string of Typst."""
    return json.dumps(clean(str(text)), ensure_ascii=False)


def _day(date: str) -> tuple[int, int, int] | None:
    try:
        found = datetime.date.fromisoformat(date[:10])
    except ValueError:
        return None
    return found.year, found.month, found.day


def _anchors(document: Document) -> list[str]:
    """Where links can go on paper: to what is not folded."""
    places = [entry for entry in document.references if not entry.more]
    for section in document.sections:
        places += [section, *section.answer, *section.parts]
    found = [getattr(place, "anchor", "") for place in places]
    return list(filter(None, [*found, *(entry[2] for entry in document.glossary)]))


def _columns(entries: list[tuple], count: int = 3) -> list[list[tuple]]:
    """The glossary in columns of about the same height."""
    columns: list[list[tuple]] = [[] for _ in range(count)]
    total, seen = sum(signs(text) for _, text, _ in entries), 0
    for entry in entries:
        columns[min(count - 1, count * seen // max(1, total))].append(entry)
        seen += signs(entry[1])
    return [column for column in columns if column]
