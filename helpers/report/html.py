"""The report as one HTML page: for the screen, or, with less on it, for paper."""

import re
from functools import cached_property
from html import unescape
from pathlib import Path

import bleach
import jinja2
from markupsafe import Markup, escape
from nbconvert.exporters import HTMLExporter, TemplateExporter
from nbformat import NotebookNode
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from helpers.report import summary
from helpers.report.author import CITE, FILE
from helpers.report.doubts import doubts, listed
from helpers.report.merge import Evidence, Report, Section
from helpers.report.pictures import picture
from helpers.report.presets import Question
from helpers.report.prose import to_html
from helpers.report.references import DATA, PAPERS
from helpers.report.seeds import TITLE, told

TEMPLATES = Path(__file__).parent / "templates"
LOG_LINES = 40
DOUBTS = 2  # of the answers that the first page quotes where it must save space
HEADED = re.compile(r"<h[3-6]>[^\n]*\n\s*<(p|figure|div)\b.*?</\1>", re.DOTALL)
WHOLE = re.compile(r'<(td|th scope="col")>(?=[^<]{1,22}</td>|[^<]{1,13}</th>)')  # cells that are not to be broken
TABLE = {"table", "thead", "tbody", "tr", "th", "td"}


class Exporter(HTMLExporter):
    """A notebook's cells as the report shows them, without the page around."""

    template_name = "base"
    template_file = "cells.html.j2"

    def __init__(self, page: "Page"):
        super().__init__(extra_template_paths=[str(TEMPLATES)])
        self.register_preprocessor("nbconvert.preprocessors.CoalesceStreamsPreprocessor", enabled=True)
        for name in ("coloured", "prose", "figure", "capped"):
            self.register_filter(name, getattr(page, name))

    def from_notebook_node(self, nb, resources=None, **options):
        # HTMLExporter's own passes the result through BeautifulSoup, which spoils SVG (viewBox in small letters).
        return TemplateExporter.from_notebook_node(self, nb, resources, **options)


class Page:
    """One rendering of a report.

    Args:
        report: what to show.
        on_paper: for the PDF: no code, no logs, no further evidence, no switch.
        css: rules that follow the stylesheet's.
        pages: the page that each anchor stands on, for the contents on paper.
        close: whether the first page of paper must save space.
    """

    def __init__(
        self,
        report: Report,
        *,
        on_paper: bool = False,
        css: str = "",
        pages: dict | None = None,
        close: bool = False,
    ):
        self.report, self.on_paper, self.css, self.pages, self.close = report, on_paper, css, pages or {}, close
        self.shown = {book.name: section.asked for section in report.sections[::-1] for book in section.parts}
        self.own = {
            own.get("key", own["text"]): (own["text"], own.get("url")) for own in report.about.get("reference", ())
        }
        self.known = PAPERS | self.own
        self.references: dict[str, tuple[int, str, str | None]] = {}
        self.base = self.level = 2
        self.notebook: str | None = None
        self.exporter = Exporter(self)

    @cached_property
    def environment(self) -> jinja2.Environment:
        """The templates, with this page's filters."""
        environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True
        )
        for name in ("line", "prose", "plain"):
            environment.filters[name] = getattr(self, name)
        environment.filters["day"] = lambda moment: (moment or "")[:10]
        environment.filters["count"] = lambda number: f"{number:,}" if isinstance(number, int) else number
        environment.filters["duration"] = summary.duration
        environment.filters["points"] = summary.points
        return environment

    def html(self) -> str:
        """The page as text."""
        shown = [(section, *self.section(section)) for section in self.report.sections]
        # The page's own texts come after the notebooks', so that references count in reading order.
        self.notebook = None
        self._cite_the_rest()
        return self.environment.get_template("report.html.j2").render(
            page=self,
            report=self.report,
            manifest=self.report.manifest,
            author=self.report.about.get("author", {}),
            summary=summary,
            sections=shown,
            examples=self.report.examples,
            style=Markup((TEMPLATES / "style.css").read_text("utf-8") + self.css),
        )

    def section(self, section: Section) -> tuple[list[dict], Markup | str, list[tuple]]:
        """A section as HTML: answers, the author's words, and (notebook, evidence, further evidence)."""
        answers = []
        for answer in section.answers:
            self.notebook, self.base, self.level = answer["notebook"], 2, 2
            answers.append({**answer, "text": self.prose(answer["text"])})
        self.notebook, self.level = None, 2
        words = self.prose(section.asked.words) if section.asked.words else ""
        parts = []
        self.base = 2 + (len(section.parts) > 1)  # below the notebook's name, where there are several
        for book in section.parts:
            self.notebook, self.level = book.name, self.base
            cells = self._cells(book.cells)
            self.level = self.base
            parts.append((book, cells, "" if self.on_paper else self._cells(book.more)))
        self.base = 2
        return answers, words, parts

    def _cells(self, cells: list[NotebookNode]) -> Markup:
        notebook = NotebookNode(cells=cells, metadata=NotebookNode(), nbformat=4, nbformat_minor=5)
        resources = {"on_paper": self.on_paper}
        html = self.exporter.from_notebook_node(notebook, resources)[0].strip()
        # PlutoPrint keeps a box whole, but not a heading with what follows.
        return Markup(HEADED.sub(r'<div class="keep">\g<0></div>', html) if self.on_paper else html)

    # --- what the page's template asks for ---

    @property
    def asked(self) -> list[Question]:
        """The questions that have a section."""
        return [section.asked for section in self.report.sections]

    @property
    def closing(self) -> list[tuple[str, str]]:
        """Anchor and name of what comes after the questions."""
        references = [("references", "References")] if self.references else []
        seeds = [("seeds", TITLE)] if self.seeds else []
        return [*seeds, *references, ("provenance", "How this report was made")]

    @cached_property
    def seeds(self) -> dict | None:
        """The part on trainings with several seeds."""
        return told(self.report.manifest)

    @property
    def contents(self) -> list[tuple[str, str]]:
        """Anchor and name of what a page of paper is given for; where space is short, less what the table has."""
        titles = [] if self.close else [(asked.anchor, f"{asked.number} {asked.title}") for asked in self.asked]
        return [*titles, *self.closing]

    def short(self, answer: dict) -> Markup:
        """An answer in one sentence."""
        self.notebook = answer["notebook"]
        return self.line(answer["short"])

    @property
    def doubts(self) -> list[tuple[str, str]]:
        """What not to trust: of the report as a whole, and what the answers say of themselves."""
        rows = []
        for section in self.report.sections:
            for answer in section.answers:
                if answer.get("doubt"):
                    self.notebook = answer["notebook"]
                    name = Markup('<a href="#{}">Question {}</a>').format(section.asked.anchor, section.asked.number)
                    rows.append((name, self.line(answer["doubt"])))
        if self.close and len(rows) > DOUBTS:
            links = [name.replace("Question ", "") for name in dict.fromkeys(name for name, _ in rows[DOUBTS:])]
            rows[DOUBTS:] = [("Also", Markup("what questions {} say of themselves").format(Markup(listed(links))))]
        return doubts(self.report) + rows

    def tally(self, book: Evidence) -> str:
        """What further evidence there is: "2 figures and 1 table"."""
        outputs = [output for cell in book.more for output in cell.get("outputs", ())]
        kinds = [output.metadata.get("workbook", {}).get("kind") for output in outputs]
        counts = [(kinds.count(kind), kind) for kind in ("figure", "table") if kind in kinds]
        return " and ".join(f"{count} {kind}{'s' * (count > 1)}" for count, kind in counts) or "notes"

    def origin(self, book: Evidence) -> str:
        """Whether a notebook ran for this report."""
        if book.state == "reused":
            return ", from an earlier run with the same inputs"
        return f", ran in {summary.duration(book.seconds)}" if book.state == "ran" and book.seconds else ""

    @property
    def foot(self) -> str:
        """CSS that puts the author's name at the foot of every page; what could end the string is escaped."""
        text = "".join(sign if sign.isalnum() else f"\\{ord(sign):x} " for sign in self.report.author)
        return f'@page{{@bottom-center{{content:"{text}"}}}}' if text else ""

    # --- filters of both templates ---

    def prose(self, markdown: str) -> Markup:
        """Markdown as HTML paragraphs, references resolved, formulas drawn, raw HTML escaped."""
        resolved = self.report.resolve(markdown, self.notebook, without_more=self.on_paper)
        return Markup(to_html(CITE.sub(r"[\1](cite:\1)", resolved), self))

    def line(self, markdown: str) -> Markup:
        """Markdown of one paragraph as HTML without the paragraph."""
        html = self.prose(markdown)
        return Markup(html[3:-4]) if re.fullmatch(r"<p>((?!<p>).)*</p>", html, re.DOTALL) else html

    def plain(self, text: str) -> str:
        """Text for an attribute: references as their names, no markup."""
        text = re.sub(r"\s*" + CITE.pattern, "", text)
        return re.sub(r"\[([^\]]*)\]\(#[^)]*\)", r"\1", self.report.resolve(text, self.notebook))

    def figure(self, output: NotebookNode, kind: str = "") -> Markup:
        """A figure or a table with number and caption."""
        mark = output.metadata.workbook
        if mark.kind == "table":
            attributes = {"*": ["class", "scope", "colspan", "rowspan"]}  # only the table's own tags are believed
            table = WHOLE.sub(
                r'<\1 class="whole">', bleach.clean(output.data["text/html"], tags=TABLE, attributes=attributes)
            )
            content = {"table": Markup(table), "width": f"{_table_width(table):.1f}rem"}
        else:
            uri, inches = picture(output, small=not self.on_paper)
            content = {"uri": uri, "width": f"{inches:.2f}in" if self.on_paper else f"calc({inches:.2f}*var(--inch))"}
        template = self.environment.get_template("figure.html.j2")
        return Markup(template.render(page=self, mark=mark, kind=kind or mark.kind * (mark.kind == "table"), **content))

    def coloured(self, source: str) -> Markup:
        """Python code with its words marked."""
        return Markup(highlight(source, PythonLexer(), HtmlFormatter(nowrap=True)).rstrip())

    def capped(self, text: str) -> dict:
        """A log's first and last lines, and how many there were."""
        lines = [line.rstrip() for line in text.strip("\n").splitlines()]
        if len(lines) > LOG_LINES:
            half = LOG_LINES // 2
            left = f"… {len(lines) - 2 * half} lines left out, see the notebook's log …"
            return {"lines": len(lines), "text": "\n".join([*lines[:half], left, *lines[-half:]])}
        return {"lines": len(lines), "text": "\n".join(lines)}

    def cite(self, text: str, url: str | None) -> Markup:
        """The number of a reference, linked; links out of the page stand in the references only."""
        text = next((escape(known) for known, address in self.known.values() if address == url), text) if url else text
        entry = (len(self.references) + 1, Markup(text), url)
        number = self.references.setdefault(url or text, entry)[0]
        return Markup(f'<a class="cite" href="#reference-{number}">[{number}]</a>')

    def cite_key(self, key: str) -> str:
        """The number of what ``{cite:key}`` names."""
        if key not in self.known:
            self.report.warn(f"{self.notebook or FILE}: {{cite:{key}}} names no reference")
            return f"(unknown reference <code>{escape(key)}</code>)"
        text, url = self.known[key]
        return self.cite(escape(text), url)

    def _cite_the_rest(self) -> None:
        """What stands in the references without having been cited: the data's source, and the author's own."""
        data = self.report.manifest.get("data") or {}
        # What only has Food-11's layout is titled by its file's name, and does not come from there.
        name = data.get("name") if data.get("name") != "food11" or data.get("title") == "Food-11" else None
        self.source = self.cite_key(DATA[name]) if name in DATA else ""
        for text, url in self.own.values():
            self.cite(escape(text), url)


def _table_width(table: str) -> float:
    """About how many rem a table needs at least: the longest word, or cell that is not to be broken, of each column."""
    rows = [re.findall(r'<t[dh]\b(?: class="(\w+)")?[^>]*>(.*?)</t[dh]>', row) for row in table.split("</tr>")]
    longest = []
    for row in filter(None, rows):
        words = [
            len(text) if kind in ("whole", "number") else max(map(len, text.split()), default=0)
            for kind, text in ((kind, unescape(text)) for kind, text in row)
        ]
        longest = [max(pair) for pair in zip(words, longest or words, strict=False)]
    return sum(0.38 * length + 1.1 for length in longest)
