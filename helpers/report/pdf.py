"""The report on paper: PlutoPrint makes the pages, pypdf adds what it leaves out."""

import io
import itertools
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from helpers import fonts

MARGIN = 18 * 72 / 25.4  # the margins in points, as in the stylesheet
PAGE_HEIGHT = 297 * 72 / 25.4
ROUNDS = 4  # in which the pages that the contents name agree with those there are
PAGES_EACH = 2  # of a question, and of the summary with the contents

FONTS = {  # matplotlib ships both families, so every machine prints the same
    "Report Serif": [
        ("STIXGeneral.ttf", "normal", "normal"),
        ("STIXGeneralBol.ttf", "bold", "normal"),
        ("STIXGeneralItalic.ttf", "normal", "italic"),
        ("STIXGeneralBolIta.ttf", "bold", "italic"),
    ],
    "Report Mono": [
        ("DejaVuSansMono.ttf", "normal", "normal"),
        ("DejaVuSansMono-Bold.ttf", "bold", "normal"),
    ],
    "Report Signs": [("DejaVuSans.ttf", "normal", "normal")],
}


def available() -> bool:
    """Whether the PDF engine is installed; there are systems without a package of it."""
    try:
        import plutoprint  # noqa: F401
    except ImportError:
        return False
    return True


def make(
    build: Callable[[str, dict], str],
    parts: list[tuple[str, str]],
    title: str,
    started: str | None,
    author: str = "",
    budgets: dict[str, int] | None = None,
) -> bytes:
    """A PDF with page numbers in its contents, names at the feet, bookmarks, title and language.

    Args:
        build: from CSS and the pages of the anchors to the page's HTML; called until the pages that it
            names are those there are, since they are known only when everything is set.
        parts: anchor and name of each part, in order: the name at the foot of its pages, and a bookmark.
            The first begins on page 1.
        title: the document's title.
        started: ISO time that the file gives as its date, so that the same report has the same bytes.
        author: the document's author, empty for none.
        budgets: by anchor, how many pages a part may take, if not ``PAGES_EACH``.
    """
    first = {parts[0][0]: 1}  # what nothing links to has no name in the file
    css = "".join(_face(family, fonts.OWN / name, *look) for family, files in FONTS.items() for name, *look in files)
    more, absent = _more_fonts(build(css, {}))
    css += more
    names = [(anchor, fonts.without(name, absent)) for anchor, name in parts]
    content, pages = b"", {}
    for _ in range(ROUNDS):
        content = _print(fonts.without(build(css + _feet(names, pages), pages), absent))
        known, pages = pages, first | _starts(content)
        if pages == known:
            break
    for line in over_budget(content, parts, budgets):
        print(f"warning: report.pdf: {line}")
    return _finish(
        content, [(name, pages[anchor]) for anchor, name in parts if anchor in pages], title, started, author
    )


def over_budget(content: bytes, parts: list[tuple[str, str]], budgets: dict[str, int] | None = None) -> list[str]:
    """What of a PDF is longer than a grader was promised, one line each.

    Args:
        content: the PDF.
        parts, budgets: as for ``make``; a question's anchor begins with ``question``.
    """
    import pypdf

    reader = pypdf.PdfReader(io.BytesIO(content))
    number = {page.indirect_reference.idnum: index for index, page in enumerate(reader.pages, 1)}
    starts = {parts[0][0]: 1, "": len(reader.pages) + 1}
    shared = set()  # parts that begin below the end of another
    for name, target in _targets(reader):
        starts[name] = number[target[0].indirect_reference.idnum]
        if float(target[3]) < PAGE_HEIGHT - MARGIN - 40:
            shared.add(name)
    found = [(anchor, name) for anchor, name in parts if anchor in starts]
    questions = [anchor for anchor, _ in found if anchor.startswith("question")]
    lines = []
    for (anchor, name), (following, _) in itertools.pairwise([*found, ("", "")]):
        length = starts[following] - starts[anchor] + (following in shared)
        budget = (budgets or {}).get(anchor, PAGES_EACH)
        if length > budget and (anchor in questions or anchor == parts[0][0]):
            advice = "show less, or pass more=True to run.show" if anchor in questions else "shorten the short answers"
            lines.append(f"{name} takes {length} pages, {budget} are its budget: {advice}")
    total = len(reader.pages)
    if total > (budget := page_budget(len(questions))):
        lines.append(f"{total} pages in all, {budget} are the budget of {len(questions)} questions")
    return lines


def page_budget(questions: int) -> int:
    """How many pages a report may have: 12 for four questions, 28 for eleven, all that stands around them included."""
    return PAGES_EACH * questions + 4 + questions // 5


def _more_fonts(html: str) -> tuple[str, set[str]]:
    """CSS that brings fonts for those signs of a page that ours lack, and the signs that no font has."""
    found, absent = fonts.find(fonts.beyond(html, *(name for files in FONTS.values() for name, *_ in files)))
    if absent:
        fonts.warn("the pages of the PDF", absent)
    if not found:
        return "", absent
    # By name first: the system knows the bold ones too, and which of a collection is meant.
    names = "".join(f',{_quoted(font.name)},"Report Extra {i}"' for i, font in enumerate(found))
    rules = [_face(f"Report Extra {i}", Path(font.fname)) for i, font in enumerate(found)]
    rules.append(
        f'.paper{{--serif:"Report Serif","Report Signs"{names},serif;--mono:"Report Mono"{names},monospace}}\n'
    )
    for corner in ("left", "center", "right"):
        rules.append(f'@page{{@bottom-{corner}{{font-family:"Report Serif"{names},serif}}}}\n')
    return "".join(rules), absent


def _face(family: str, path: Path, weight: str = "normal", slant: str = "normal") -> str:
    return f'@font-face{{font-family:"{family}";font-weight:{weight};font-style:{slant};src:url("{path.as_uri()}")}}\n'


def _quoted(text: str) -> str:
    """A string for CSS, every sign as an escape: it cannot end the string, the rule or the style element."""
    return '"' + "".join(f"\\{ord(sign):x} " for sign in text) + '"'


def _feet(parts: list[tuple[str, str]], pages: dict[str, int]) -> str:
    """One rule a page, since PlutoPrint has neither running titles nor named pages."""
    rules = []
    for page in range(2, pages.get("", 0) + 1):
        names = [name for anchor, name in parts if pages.get(anchor, page + 1) <= page]
        if names:
            rules.append(f"@page :nth({page}){{@bottom-left{{content:{_quoted(names[-1])}}}}}\n")
    return "".join(rules)


def _print(html: str) -> bytes:
    import plutoprint

    book = plutoprint.Book(plutoprint.PAGE_SIZE_A4, plutoprint.PAGE_MARGINS_NONE, plutoprint.MEDIA_TYPE_PRINT)
    book.load_html(html, base_url="file:///report/")  # without a base, links within the page are no links
    stream = io.BytesIO()
    book.write_to_pdf_stream(stream)
    return stream.getvalue()


def _targets(document) -> list:
    """The named destinations, as name and [page, /XYZ, left, top, zoom], each name once.

    PlutoPrint names a box at a page's very start on the page before as well, at its bottom edge, and a box that
    goes on over other pages on each of them, above the paper.
    """
    names = document.root_object["/Names"]["/Dests"].get_object()["/Names"]
    found = {}
    for name, target in zip(names[::2], names[1::2], strict=True):
        if MARGIN + 1 < float(target[3]) < PAGE_HEIGHT:
            found.setdefault(str(name), target)
    return list(found.items())


def _starts(content: bytes) -> dict[str, int]:
    """The page, from 1, of every anchor that is linked to, and of "" (the last page)."""
    import pypdf

    reader = pypdf.PdfReader(io.BytesIO(content))
    number = {page.indirect_reference.idnum: index for index, page in enumerate(reader.pages, 1)}
    pages = {name: number[target[0].indirect_reference.idnum] for name, target in _targets(reader)}
    return {**pages, "": len(reader.pages)}


def _finish(content: bytes, bookmarks: list[tuple[str, int]], title: str, started: str | None, author: str) -> bytes:
    import pypdf
    from pypdf.generic import ArrayObject, BooleanObject, DictionaryObject, NameObject, TextStringObject

    writer = pypdf.PdfWriter(clone_from=io.BytesIO(content))
    kept = [part for name, target in _targets(writer) for part in (TextStringObject(name), target)]
    writer.root_object["/Names"]["/Dests"].get_object()[NameObject("/Names")] = ArrayObject(kept)
    for name, page in bookmarks:
        writer.add_outline_item(name, page - 1)
    writer.root_object[NameObject("/Lang")] = TextStringObject("en")
    writer.root_object[NameObject("/ViewerPreferences")] = DictionaryObject(
        {NameObject("/DisplayDocTitle"): BooleanObject(True)}
    )
    moment = datetime.fromisoformat(started).strftime("D:%Y%m%d%H%M%S+00'00'") if started else "D:20000101000000Z"
    writer.metadata = {
        "/Title": title,
        **({"/Author": author} if author else {}),
        "/Creator": "Image classifier workbook",
        "/Producer": "PlutoPrint and pypdf",
        "/CreationDate": moment,
        "/ModDate": moment,
    }
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()
