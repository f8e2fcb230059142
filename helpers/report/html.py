"""The report as one HTML page: for the screen, or, with less on it, for paper."""

import base64
import re
import struct
from pathlib import Path

import bleach
import jinja2
from markupsafe import Markup
from nbconvert.exporters import HTMLExporter, TemplateExporter
from nbformat import NotebookNode
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from helpers.report.merge import Report, Section
from helpers.report.prose import to_html

TEMPLATES = Path(__file__).parent / "templates"
LOG_LINES = 40
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
        for name in ("coloured", "prose", "line", "plain", "picture", "table", "capped"):
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
    """

    def __init__(self, report: Report, *, on_paper: bool = False, css: str = "", pages: dict | None = None):
        self.report, self.on_paper, self.css, self.pages = report, on_paper, css, pages or {}
        self.sections = {section.name: section for section in report.sections}
        self.references: dict[str, tuple[int, str]] = {}
        self.level = 2
        self.notebook: str | None = None
        self.exporter = Exporter(self)

    def html(self) -> str:
        """The page as text."""
        environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True
        )
        for name in ("line", "prose", "picture", "plain"):
            environment.filters[name] = getattr(self, name)
        environment.filters["day"] = lambda moment: (moment or "")[:10]
        environment.filters["count"] = lambda number: f"{number:,}" if isinstance(number, int) else number
        environment.filters["duration"] = duration
        shown = [(section, *self.section(section)) for section in self.report.sections]
        # The page's own texts come after the notebooks', so that references count in reading order.
        self.notebook = None
        return environment.get_template("report.html.j2").render(
            page=self,
            manifest=self.report.manifest,
            sections=shown,
            examples=self.report.examples,
            style=Markup((TEMPLATES / "style.css").read_text("utf-8") + self.css),
        )

    def section(self, section: Section) -> tuple[list[dict], Markup, Markup | str]:
        """A section's answers, evidence and further evidence as HTML."""
        self.notebook, self.level = section.name, 2
        answers = [{**answer, "text": self.prose(answer["text"])} for answer in section.answers]
        cells = self._cells(section, section.cells)
        self.level = 2
        return answers, cells, "" if self.on_paper else self._cells(section, section.more)

    def _cells(self, section: Section, cells: list[NotebookNode]) -> Markup:
        notebook = NotebookNode(cells=cells, metadata=NotebookNode(), nbformat=4, nbformat_minor=5)
        resources = {"on_paper": self.on_paper}
        html = self.exporter.from_notebook_node(notebook, resources)[0].strip()
        # PlutoPrint keeps a box whole, but not a heading with what follows.
        return Markup(HEADED.sub(r'<div class="keep">\g<0></div>', html) if self.on_paper else html)

    # --- what the page's template asks for ---

    @property
    def closing(self) -> list[tuple[str, str]]:
        """Anchor and name of what comes after the questions."""
        references = [("references", "References")] if self.references else []
        return [*references, ("provenance", "How this report was made")]

    def short(self, section: Section, answer: dict) -> Markup:
        """An answer in one sentence."""
        self.notebook = section.name
        return self.line(answer["short"])

    def tally(self, section: Section) -> str:
        """What further evidence there is: "2 figures and 1 table"."""
        outputs = [output for cell in section.more for output in cell.get("outputs", ())]
        kinds = [output.metadata.get("workbook", {}).get("kind") for output in outputs]
        counts = [(kinds.count(kind), kind) for kind in ("figure", "table") if kind in kinds]
        return " and ".join(f"{count} {kind}{'s' * (count > 1)}" for count, kind in counts) or "notes"

    def origin(self, section: Section) -> str:
        """Whether a section's notebook ran for this report."""
        if section.state == "reused":
            return ", from an earlier run with the same inputs"
        return f", ran in {duration(section.seconds)}" if section.state == "ran" and section.seconds else ""

    def provenance(self) -> list[tuple[str, str]]:
        """The facts of the run, as names and texts; what the manifest does not say is left out."""
        get = self.report.manifest.get
        data, tests = get("data") or {}, get("test_evaluations") or {}
        changed = " with uncommitted changes" if get("modified") else ""
        total = sum(entry.get("seconds") or 0 for entry in get("notebooks"))
        rows = [
            ("Command", get("command")),
            ("Commit", get("commit") and get("commit") + changed),
            (
                "Started",
                (get("started") or "").replace("T", " ").replace("+00:00", " UTC").replace("Z", " UTC"),
            ),
            ("Notebooks took", duration(total)),
            ("Seed", get("seed")),
            ("Data", " · ".join(str(data[key]) for key in ("title", "path") if data.get(key))),
            ("SHA-256 of the data", data.get("checksum")),
            ("Notes on the data", " ".join(data.get("notes") or ())),
            (
                "Test set evaluated",
                tests and f"{times(tests['this_run'])} in this run, {times(tests['checkout'])} in this checkout",
            ),
            ("Machine", ", ".join(str(get(key)) for key in ("processor", "platform") if get(key))),
            ("Python", get("python") and f"{get('python')}, {get('threads')} threads"),
        ]
        return [(name, value) for name, value in rows if value not in (None, "", {})]

    # --- filters of both templates ---

    def prose(self, markdown: str) -> Markup:
        """Markdown as HTML paragraphs, references resolved, formulas drawn, raw HTML escaped."""
        resolved = self.report.resolve(markdown, self.notebook, without_more=self.on_paper)
        return Markup(to_html(resolved, self))

    def line(self, markdown: str) -> Markup:
        """Markdown of one paragraph as HTML without the paragraph."""
        html = self.prose(markdown)
        return Markup(html[3:-4]) if re.fullmatch(r"<p>((?!<p>).)*</p>", html, re.DOTALL) else html

    def plain(self, text: str) -> str:
        """Text for an attribute: references as their names, no markup."""
        return re.sub(r"\[([^\]]*)\]\(#[^)]*\)", r"\1", self.report.resolve(text, self.notebook))

    def picture(self, output: NotebookNode) -> dict:
        """A figure's data URI and its width in inches."""
        if "image/svg+xml" in output.data:
            svg = output.data["image/svg+xml"]
            width = re.search(r'<svg[^>]*?\swidth="([\d.]+)(pt|in|px)?"', svg)
            inches = float(width[1]) / {"pt": 72, "in": 1}.get(width[2], 96) if width else 6.5
            return {
                "uri": f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}",
                "inches": inches,
            }
        encoded = "".join(output.data["image/png"].split())
        return {"uri": f"data:image/png;base64,{encoded}", "inches": _png_width(base64.b64decode(encoded))}

    def table(self, output: NotebookNode) -> str:
        """A table's HTML, of which only the table's own tags are believed."""
        attributes = {"*": ["class", "scope", "colspan", "rowspan"]}
        html = bleach.clean(output.data["text/html"], tags=TABLE, attributes=attributes)
        return WHOLE.sub(r'<\1 class="whole">', html)

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

    def cite(self, text: str, url: str) -> str:
        """The number of a reference, linked; links out of the page stand in the references only."""
        number, _ = self.references.setdefault(url, (len(self.references) + 1, Markup(re.sub(r"<[^>]*>", "", text))))
        return f'<a class="cite" href="#reference-{number}">[{number}]</a>'


def duration(seconds: float | None) -> str:
    """Seconds as a person says them."""
    if seconds is None:
        return ""
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds // 60:.0f} min {seconds % 60:.0f} s"


def times(count: int) -> str:
    """How often, in words."""
    return {0: "never", 1: "once", 2: "twice"}.get(count, f"{count} times")


def _png_width(content: bytes) -> float:
    """The width in inches that a PNG asks for; 200 pixels an inch where it does not say."""
    pixels = struct.unpack(">I", content[16:20])[0]
    at = content.find(b"pHYs", 0, 4096)
    per_metre = struct.unpack(">I", content[at + 4 : at + 8])[0] if at > 0 else 0
    return pixels / (per_metre * 0.0254) if per_metre else pixels / 200
