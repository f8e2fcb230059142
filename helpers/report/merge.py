"""The executed notebooks of a run, merged: what the report shows, in which order, under which number."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from helpers.errors import UserError
from helpers.report import evidence

REFERENCE = re.compile(r"\{ref:([^{}\n]*)\}")


@dataclass
class Section:
    """One notebook in the report: its answers, the evidence in order, and what goes beyond it."""

    name: str
    number: int
    title: str
    question: str
    state: str
    seconds: float | None = None
    notices: list[str] = field(default_factory=list)
    answers: list[dict] = field(default_factory=list)
    cells: list[NotebookNode] = field(default_factory=list)
    more: list[NotebookNode] = field(default_factory=list)

    @property
    def anchor(self) -> str:
        return f"question-{self.number}"

    @property
    def complete(self) -> bool:
        return self.state in ("ran", "reused")


@dataclass
class Report:
    """Everything that a page is made from."""

    manifest: dict
    sections: list[Section]
    examples: NotebookNode | None = None
    marks: dict = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    @property
    def title(self) -> str:
        return f"Image classifier workbook: {self.manifest['title']}"

    def resolve(self, markdown: str, notebook: str | None, without_more: bool = False) -> str:
        """Markdown with every `{ref:label}` replaced by a link to its figure or table.

        A label of the same notebook goes before the same label elsewhere. An unknown one is said in
        the text and in ``warnings``. With ``without_more``, further evidence is named but not linked.
        """

        def link(match):
            label = match[1].strip()
            mark = self.marks.get((notebook, label)) or self.marks.get((None, label))
            if mark is None:
                warning = f"{notebook or 'report'}: a reference to {label!r}, which no figure or table is called"
                if warning not in self.warnings:
                    self.warnings.append(warning)
                return f"(unknown reference `{label.replace('`', chr(39))}`)"
            if without_more and mark["more"]:
                return f"{mark['number']} (in report.html)"
            return f"[{mark['number']}](#{mark['anchor']})"

        return REFERENCE.sub(link, markdown)


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
    for entry in manifest["notebooks"]:
        name = entry["name"]
        executed, source = _read(folder / "notebooks" / f"{name}.ipynb"), _read(notebooks / f"{name}.ipynb")
        section = Section(
            name,
            len(report.sections) + 1,
            entry["title"],
            entry["question"],
            entry["state"],
            entry.get("seconds"),
        )
        about = (source or executed or NotebookNode(metadata={})).metadata.get("workbook", {})
        missing = sorted(unmade.intersection(about.get("needs", [])))
        stopped = False
        if executed is not None and section.state != "skipped":
            evidence.mark_failure(executed, entry)
            stopped = evidence.fill(report, section, evidence.paired(executed, source))
        section.notices = _notices(entry, missing, stopped, executed is None)
        if not section.complete or missing:
            unmade.add(name)
        report.sections.append(section)
    _number(report)
    return report


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
    for more in (False, True):
        for section in report.sections:
            for cell in section.more if more else section.cells:
                for output in cell.get("outputs", ()):
                    mark(output, section.name, more)
