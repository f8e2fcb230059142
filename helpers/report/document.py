"""What the report says, before it is a page: `compose` fills it, `html` and `pdf` set it.

Text is Markdown where a comment says so, and plain text elsewhere. All Markdown is final: numbers,
links (``[Figure 3](#figure-3)``), citations (``[[4]](#reference-4)``), glossary words
(``[logit](#term-logit)``).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

WIDTHS = {"margin": 48, "text": 112, "wide": 170}
"""Millimetres on A4: the margin column, the text column, and both with the space between."""
DPI = 200  # of a PNG that does not say
LARGER = 1.2  # so much wider than its place, a figure takes the next wider one


@dataclass
class Figure:
    """A picture of the run: ``path`` is the SVG or PNG in the run's folder."""

    name: str
    path: Path
    caption: str = ""  # Markdown, the finding first and bold
    alt: str = ""
    width: str = "text"  # text | wide | margin
    number: str = ""  # "3", or "" for one that is not counted
    anchor: str = ""

    def size(self) -> tuple[float, float]:
        """Width and height in millimetres, as it was drawn."""
        if self.path.suffix == ".svg":
            with self.path.open(encoding="utf-8") as file:
                head = file.read(4000)
            width, height = re.search(
                r'<svg[^>]*?width="([\d.]+)pt"[^>]*?height="([\d.]+)pt"', head
            ).groups()
            return float(width) / 72 * 25.4, float(height) / 72 * 25.4
        with Image.open(self.path) as image:
            dpi = image.info.get("dpi", (DPI, DPI))[0]
            return image.width / dpi * 25.4, image.height / dpi * 25.4

    def placed(self) -> tuple[str, float, float]:
        """The place it gets (a key of `WIDTHS`), and its width and height in millimetres there.

        A figure is never enlarged; one drawn for a wider place gets it, so that its words stay
        readable.
        """
        width, height = self.size()
        wider = list(WIDTHS)[list(WIDTHS).index(self.width) :]
        place = next((name for name in wider if width <= LARGER * WIDTHS[name]), "wide")
        shown = min(width, WIDTHS[place])
        return place, shown, height * shown / width


@dataclass
class Table:
    """A table: ``rows`` as shown (plain text), ``raw`` under ``columns`` as the CSV has it."""

    name: str
    heads: list[str]
    rows: list[list[str]]
    right: list[bool]  # which columns are set flush right
    raw: list[list] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    caption: str = ""  # Markdown
    number: str = ""
    anchor: str = ""


@dataclass
class Note:
    """A note for the margin, beside what follows it."""

    text: str  # Markdown


Part = str | Figure | Table | Note  # a str is Markdown


@dataclass
class Section:
    """A question of the homework with its answer."""

    number: str
    title: str
    anchor: str
    question: str = ""  # Markdown
    points: float | None = None
    short: str = ""  # Markdown, one paragraph
    own: str = ""  # Markdown that the author wrote
    collaborators: str = ""
    notices: list[str] = field(default_factory=list)  # Markdown, for the red box
    answer: list[Part] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    more: list[Part] = field(default_factory=list)  # folded in HTML, absent from the PDF
    settings: str = ""  # Markdown
    doubt: str = ""  # Markdown
    notebooks: list[str] = field(default_factory=list)
    state: str = "done"  # done | failed | skipped | running | missing
    thumbnail: Figure | None = None


@dataclass
class Reference:
    """An entry of the references."""

    number: int
    text: str
    url: str | None
    anchor: str
    more: bool = False  # cited in further evidence alone, and so absent from the PDF


@dataclass
class Document:
    """A whole report."""

    title: str
    language: str = "en"
    subtitle: str = ""
    author: dict = field(default_factory=dict)  # name, id, course, ...: shown in this order
    date: str = ""  # 2025-04-18
    sentence: str = ""  # Markdown: the one sentence of result
    strip: Figure | None = None
    sections: list[Section] = field(default_factory=list)
    missing: str = ""  # Markdown: what the homework asks for and this report lacks
    limits: list[tuple[str, str]] = field(default_factory=list)  # name, Markdown
    provenance: list[tuple[str, str]] = field(default_factory=list)  # name, Markdown
    facts: list[tuple[str, str]] = field(default_factory=list)  # name, Markdown
    references: list[Reference] = field(default_factory=list)
    glossary: list[tuple[str, str, str]] = field(default_factory=list)  # term, Markdown, anchor
    words: dict = field(default_factory=dict)  # the page's own words: [words] of page.toml
    whole: list[str] = field(default_factory=list)  # names that no line's end may cut
    quick: bool = False
    live: bool = False  # notebooks still run: the page reloads itself
    code: dict[str, list] = field(default_factory=dict)  # notebook: its cells (nbformat)
    warnings: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Title and author, for a window's title, which a browser saves it under, and a page's foot."""
        who = (self.author.get("name"), self.author.get("student_id"))
        return " – ".join(filter(None, (self.title, *who)))

    def by_line(self) -> list[str]:
        """Author and date."""
        return [str(part) for part in (*self.author.values(), self.date) if part]

    def alarms(self) -> list[str]:
        """What page 1 warns of (Markdown): a quick run, questions without an answer."""
        told = [self.words["quick"]] if self.quick else []
        lacking = self._numbers("failed", "skipped", "missing")
        return told + ([self.words["incomplete"].format(numbers=lacking)] if lacking else [])

    def waiting(self) -> str:
        """Which questions are still being computed (Markdown), or nothing."""
        numbers = self._numbers("running")
        return self.words["waiting"].format(numbers=numbers) if numbers else ""

    def _numbers(self, *states: str) -> str:
        return ", ".join(section.number for section in self.sections if section.state in states)

    def notices(self, section: Section) -> list[str]:
        """What a question's box says (Markdown), a red one unless it is still being computed."""
        partly = section.state != "running" and (section.short or section.parts)
        told = self.words["partly" if partly else section.state]
        return section.notices if section.state == "done" else [told, *section.notices]

    def body(self, section: Section) -> list[Part]:
        """An answer in full, and last what not to trust of it."""
        doubt = [f"**{self.words['doubt']}** {section.doubt}"] if section.doubt else []
        return [*section.answer, *section.parts, *doubt]

    def settings(self, section: Section) -> str:
        """A list of settings as one paragraph, which takes less paper (Markdown)."""
        items = re.split(r"^- ", section.settings, flags=re.MULTILINE)
        return f"**{self.words['settings']}** " + " · ".join(
            item.strip().rstrip(".。") for item in items if item.strip()
        )

    def points(self, section: Section) -> str:
        """ "2.5 points", or nothing."""
        if section.points is None:
            return ""
        return self.words["point" if section.points == 1 else "points"].format(
            points=f"{section.points:g}"
        )

    def by(self, section: Section) -> str:
        """Whose the own words of a question are, and with whom they were worked out."""
        name = self.author.get("name")
        told = [self.words["own"].format(name=name) if name else self.words["anonymous"]]
        if section.collaborators:
            told.append(self.words["with"].format(names=section.collaborators))
        return " · ".join(told)

    def markdown(self) -> Iterator[str]:
        """All Markdown but the author's own words."""
        yield from (self.sentence, self.missing, self.waiting(), *self.alarms())
        for pairs in (self.limits, self.provenance, self.facts, self.glossary):
            yield from (pair[1] for pair in pairs)
        for section in self.sections:
            yield from (section.question, section.short, section.settings, self.settings(section))
            yield from self.notices(section)
            for part in (*self.body(section), *section.more):
                match part:
                    case str():
                        yield part
                    case Note():
                        yield part.text
                    case _:
                        yield part.caption
