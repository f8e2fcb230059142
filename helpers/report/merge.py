"""The executed notebooks of a run, merged: what the report shows, in which order, under which number."""

import json
from dataclasses import dataclass, field, replace
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from helpers.errors import UserError
from helpers.report import evidence
from helpers.report.author import FILE, REFER
from helpers.report.presets import Question, plan


@dataclass
class Evidence:
    """One executed notebook: its answers, what it shows in order, what goes beyond it; ``pages`` is its budget."""

    name: str
    number: int
    title: str
    question: str
    state: str
    seconds: float | None = None
    notices: list[str] = field(default_factory=list)
    answers: list[dict] = field(default_factory=list)
    pages: int = 2
    cells: list[NotebookNode] = field(default_factory=list)
    more: list[NotebookNode] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        return self.state in ("ran", "reused")

    def about(self, topics: frozenset[str]) -> list[dict]:
        """The answers on some topics; all of them where none is on any of these."""
        return [answer for answer in self.answers if answer.get("topic") in topics] or self.answers


@dataclass
class Section:
    """One question: what the notebooks answer to it, and the evidence that has not been shown before."""

    asked: Question
    answers: list[dict]
    parts: list[Evidence]
    elsewhere: list[tuple[Evidence, Question]]

    @property
    def books(self) -> list[Evidence]:
        return [*self.parts, *(book for book, _ in self.elsewhere)]

    @property
    def pages(self) -> int:
        """How many pages it may take: as many as its longest notebook."""
        return max((book.pages for book in self.books), default=2)

    @property
    def complete(self) -> bool:
        return all(book.complete for book in self.books)

    @property
    def notices(self) -> list[str]:
        return list(dict.fromkeys(notice for book in self.books for notice in book.notices))


@dataclass
class Report:
    """Everything that a page is made from; ``books`` are all notebooks, in sections or not."""

    manifest: dict
    books: list[Evidence]
    sections: list[Section] = field(default_factory=list)
    unanswered: list[Question] = field(default_factory=list)
    examples: NotebookNode | None = None
    marks: dict = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    @property
    def about(self) -> dict:
        """The content of report.toml."""
        return self.manifest.get("report_toml") or {}

    @property
    def author(self) -> str:
        """Name and student id, or nothing."""
        author = self.about.get("author", {})
        return " · ".join(author[key] for key in ("name", "student_id") if key in author)

    @property
    def title(self) -> str:
        return " · ".join(filter(None, (f"Image classifier workbook: {self.manifest['title']}", self.author)))

    def warn(self, warning: str) -> None:
        """Note what the author should know, once."""
        if warning not in self.warnings:
            self.warnings.append(warning)

    def resolve(self, markdown: str, notebook: str | None, without_more: bool = False) -> str:
        """Markdown with every `{ref:label}` replaced by a link to its figure or table.

        A label of the same notebook goes before the same label elsewhere. An unknown one is said in
        the text and in ``warnings``. With ``without_more``, further evidence is named but not linked.
        """

        def link(match):
            label = match[1].strip()
            mark = self.marks.get((notebook, label)) or self.marks.get((None, label))
            if mark is None:
                self.warn(f"{notebook or FILE}: a reference to {label!r}, which no figure or table is called")
                return f"(unknown reference `{label.replace('`', chr(39))}`)"
            if "number" not in mark:
                return f"a {mark['kind']} of notebook `{mark['notebook']}` (not part of this report)"
            if without_more and mark["more"]:
                return f"{mark['number']} (in report.html)"
            return f"[{mark['number']}](#{mark['anchor']})"

        return REFER.sub(link, markdown)


def merge(folder: Path, notebooks: Path) -> Report:
    """Read a run's manifest and executed notebooks, with the prose of the source notebooks.

    Args:
        folder: ``reports/<run>``, with ``manifest.json`` and ``notebooks/*.ipynb``.
        notebooks: the folder of the source notebooks. Their Markdown goes before that of the executed
            copies, so that an edit of the prose needs no run; it must have the same code cells.

    Raises:
        UserError: no manifest, or one that is not JSON.
    """
    try:
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    except (OSError, ValueError):
        raise UserError(f"{folder.name}/manifest.json is missing or damaged: run make report again") from None
    report = Report(manifest, [])
    unmade = set()
    for number, entry in enumerate(manifest["notebooks"], 1):
        name = entry["name"]
        executed, source = _read(folder / "notebooks" / f"{name}.ipynb"), _read(notebooks / f"{name}.ipynb")
        book = Evidence(name, number, entry["title"], entry["question"], entry["state"], entry.get("seconds"))
        about = (source or executed or NotebookNode(metadata={})).metadata.get("workbook", {})
        book.pages = about.get("pages", book.pages)
        missing = sorted(unmade.intersection(about.get("needs", [])))
        stopped = False
        if executed is not None and book.state != "skipped":
            evidence.mark_failure(executed, entry)
            stopped = evidence.fill(report, book, evidence.paired(executed, source))
        book.notices = _notices(entry, missing, stopped, executed is None)
        if not book.complete or missing:
            unmade.add(name)
        report.books.append(book)
    _ask(report)
    _number(report)
    return report


def _ask(report: Report) -> None:
    """Give each question its answers, and the evidence on them to the first one that asks for it."""
    books = {book.name: book for book in report.books}
    questions = plan(report.about, {book.name: (book.title, book.question) for book in report.books})
    for asked in questions:
        if not asked.topics and not asked.words:
            report.unanswered.append(asked)
            continue
        answers = [answer for name, topics in asked.topics.items() for answer in books[name].about(topics)]
        section = Section(asked, answers, [], [])
        for name in asked.topics:
            _place(section, books[name], [each for each in questions if name in each.topics])
        report.sections.append(section)


def _place(section: Section, book: Evidence, asking: list[Question]) -> None:
    """Put into a section the evidence that stands with its question, and where the rest of its evidence stands.

    Args:
        asking: the questions that draw on this notebook, in order. What nobody asks for is further evidence
            of the first.
    """
    asked, first, wanted = section.asked, asking[0], section.asked.topics[book.name]
    homes = {cell.id: _home(cell, book.name, asking) for cell in [*book.cells, *book.more]}
    cells = [cell for cell in book.cells if homes[cell.id] is asked]
    more = [cell for cell in book.more if homes[cell.id] is asked]
    if asked is first:
        more += [cell for cell in [*book.cells, *book.more] if homes[cell.id] is None]
    if cells or more or asked is first:
        section.parts.append(replace(book, cells=cells, more=more))
    others = {
        home.number: home
        for cell in [*book.cells, *book.more]
        if (home := homes[cell.id]) not in (None, asked) and (not wanted or wanted.intersection(cell.metadata.topics))
    }
    if not (cells or more or others or asked is first):
        others = {first.number: first}
    section.elsewhere.extend((book, home) for home in others.values())


def _home(cell: NotebookNode, notebook: str, asking: list[Question]) -> Question | None:
    """The first question that asks for a cell's first topic, or else its second; without topics, the first question."""
    topics = cell.metadata.topics
    wanting = (a for topic in topics for a in asking if not a.topics[notebook] or topic in a.topics[notebook])
    return next(wanting, None) if topics else asking[0]


def _read(path: Path) -> NotebookNode | None:
    """A notebook, or None if there is none that can be read."""
    try:
        return nbformat.v4.reads(path.read_text("utf-8"))
    except (OSError, ValueError, KeyError, AttributeError):
        return None


def _notices(entry: dict, missing: list[str], stopped: bool, unread: bool) -> list[str]:
    """What a reader must know before believing the section."""
    notices = []
    if entry["state"] == "failed":
        after = "What it showed before that stands below; nothing after the failing cell was run."
        notices.append(f"This notebook failed: {entry.get('error') or 'no reason given'}")
        notices.append(after if stopped else "What stands below may be incomplete.")
    elif entry["state"] == "skipped":
        notices.append(f"This notebook did not run: {entry.get('reason') or 'no reason given'}")
    elif unread:
        notices.append("The executed notebook is missing or damaged; run make report again.")
    if missing and entry["state"] != "skipped":
        notices.append(f"It builds on {' and '.join(missing)}, which gave no complete result in this run.")
    return notices


def _number(report: Report) -> None:
    """Number figures and tables over the whole report; further evidence counts apart, S1, S2, and so on,
    so that a reader of the paper version misses no number."""
    count = {}

    def mark(output, notebook, more):
        about = output.metadata.get("workbook", {})
        if about.get("kind") not in ("figure", "table"):
            return
        key = (about["kind"], more)
        count[key] = count.get(key, 0) + 1
        number = f"{'S' if more else ''}{count[key]}"
        about.update(more=more, number=f"{about['kind'].title()} {number}", anchor=f"{about['kind']}-{number.lower()}")
        report.marks[notebook, about["label"]] = about
        report.marks.setdefault((None, about["label"]), about)

    if report.examples is not None:
        mark(report.examples, report.examples.metadata.workbook["notebook"], False)
    shown = [book for section in report.sections for book in section.parts]
    for more in (False, True):
        for book in shown:
            for cell in book.more if more else book.cells:
                for output in cell.get("outputs", ()):
                    mark(output, book.name, more)
    for book in report.books:  # what the homework does not ask for has no number, but may be referred to
        for output in [output for cell in [*book.cells, *book.more] for output in cell.get("outputs", ())]:
            about = output.metadata.get("workbook", {})
            if about.get("kind") in ("figure", "table") and "number" not in about:
                report.marks.setdefault((None, about["label"]), {"kind": about["kind"], "notebook": book.name})
