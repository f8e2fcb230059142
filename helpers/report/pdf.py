"""The report on paper: PlutoPrint makes the pages, pypdf adds what it leaves out."""

import io
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

MARGIN = 18 * 72 / 25.4  # the bottom margin in points, as in the stylesheet

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


def make(build: Callable[[str, dict], str], parts: list[tuple[str, str]], title: str, started: str | None) -> bytes:
    """A PDF with page numbers in its contents, names at the feet, bookmarks, title and language.

    Args:
        build: from CSS and the pages of the anchors to the page's HTML; called twice, since the
            pages are known only when everything is set.
        parts: anchor and name of each part, in order: the name at the foot of its pages, and a bookmark.
            The first begins on page 1.
        title: the document's title.
        started: ISO time that the file gives as its date, so that the same report has the same bytes.
    """
    first = {parts[0][0]: 1}  # what nothing links to has no name in the file
    pages = first | _starts(_print(build(_fonts(), {})))
    content = _print(build(_fonts() + _feet(parts, pages), pages))
    pages = first | _starts(content)
    return _finish(content, [(name, pages[anchor]) for anchor, name in parts if anchor in pages], title, started)


def _fonts() -> str:
    import matplotlib

    folder = Path(matplotlib.get_data_path(), "fonts", "ttf")
    return "".join(
        f'@font-face{{font-family:"{family}";font-weight:{weight};font-style:{slant};'
        f'src:url("{(folder / name).as_uri()}")}}\n'
        for family, files in FONTS.items()
        for name, weight, slant in files
    )


def _feet(parts: list[tuple[str, str]], pages: dict[str, int]) -> str:
    """One rule a page, since PlutoPrint has neither running titles nor named pages."""
    rules = []
    for page in range(2, pages[""] + 1):
        names = [name for anchor, name in parts if pages.get(anchor, page + 1) <= page]
        if names:
            # Every sign as an escape: a name cannot end the string, the rule or the style element.
            text = "".join(f"\\{ord(sign):x} " for sign in names[-1])
            rules.append(f'@page :nth({page}){{@bottom-left{{content:"{text}"}}}}\n')
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

    PlutoPrint names a box at a page's very start on the page before as well, at its bottom edge.
    """
    names = document.root_object["/Names"]["/Dests"].get_object()["/Names"]
    found = {}
    for name, target in zip(names[::2], names[1::2], strict=True):
        if float(target[3]) > MARGIN + 1:
            found.setdefault(str(name), target)
    return list(found.items())


def _starts(content: bytes) -> dict[str, int]:
    """The page, from 1, of every anchor that is linked to, and of "" (the last page)."""
    import pypdf

    reader = pypdf.PdfReader(io.BytesIO(content))
    number = {page.indirect_reference.idnum: index for index, page in enumerate(reader.pages, 1)}
    pages = {name: number[target[0].indirect_reference.idnum] for name, target in _targets(reader)}
    return {**pages, "": len(reader.pages)}


def _finish(content: bytes, bookmarks: list[tuple[str, int]], title: str, started: str | None) -> bytes:
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
        "/Creator": "Image classifier workbook",
        "/Producer": "PlutoPrint and pypdf",
        "/CreationDate": moment,
        "/ModDate": moment,
    }
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()
