"""Which of a notebook's cells and outputs the report shows, and where: answer, evidence, or more."""

import base64
import re
import struct
from typing import TYPE_CHECKING

from nbformat import NotebookNode

if TYPE_CHECKING:
    from helpers.report.merge import Evidence, Report

UNSEEN = {"parameters", "injected-parameters", "explore", "remove-cell", "papermill-error-cell-tag"}
HEADING = re.compile(r"\s*(#{1,6})\s")
PART = re.compile(r"\s*#{1,2}\s")  # a heading that begins a part of the notebook
TOPIC = "topic-"  # a part is on the topics in its heading's tags, topic-history, the one it is most about first
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


def paired(executed, source) -> list[NotebookNode]:
    """The executed code under the source's prose, or the executed cells if the two do not match."""
    ran = [
        cell
        for cell in executed.cells
        if cell.cell_type == "code" and not _tags(cell) & {"injected-parameters", "explore"}
    ]
    if source is None:
        return executed.cells
    planned = [cell for cell in source.cells if "explore" not in _tags(cell)]
    if sum(cell.cell_type == "code" for cell in planned) != len(ran):
        return executed.cells
    following = iter(ran)
    return [next(following) if cell.cell_type == "code" else cell for cell in planned]


def mark_failure(executed, entry: dict) -> None:
    """Put an error into the failing cell of a notebook whose kernel could not tell of it any more."""
    cells, index = executed.cells, entry.get("cell")
    told = any(output.output_type == "error" for cell in cells for output in cell.get("outputs", ()))
    if (
        entry["state"] == "failed"
        and not told
        and index is not None
        and index < len(cells)
        and "outputs" in cells[index]
    ):
        error = NotebookNode(output_type="error", ename="", evalue=entry.get("error") or "", traceback=[])
        cells[index].outputs.append(error)


def fill(report: "Report", book: "Evidence", cells: list[NotebookNode]) -> bool:
    """Sort a notebook's cells into answers, evidence and more; True if an error stopped it."""
    stopped, topics = False, []
    for index, cell in enumerate(cells):
        tags = _tags(cell)
        if cell.cell_type == "markdown" and PART.match(cell.source):
            topics = [tag.removeprefix(TOPIC) for tag in cell.metadata.get("tags", ()) if tag.startswith(TOPIC)]
        failed = any(output.output_type == "error" for output in cell.get("outputs", ()))
        if (tags & UNSEEN and not failed) or cell.cell_type not in ("markdown", "code"):
            continue
        place = book.more if "more" in tags else book.cells
        if cell.cell_type == "markdown":
            text = COMMENT.sub("", cell.source).strip()
            if index == 0:
                text = _without_title(text, book.question)
            if text:
                place.append(_cell("markdown", text, topics))
            continue
        outputs = [shown for output in cell.outputs if (shown := _shown(report, book, output))]
        here, beyond = [], []
        for output in outputs:
            (beyond if output.metadata.get("workbook", {}).get("more") else here).append(output)
        source = "" if "remove-input" in tags else cell.source.strip()
        if beyond and not any(map(_is_evidence, here)):
            place, here, beyond = book.more, outputs, []
        if source or here:
            place.append(_cell("code", source, topics, here, on_paper="show-input" in tags))
        if beyond:
            book.more.append(_cell("code", "", topics, beyond))
        if failed:
            stopped = True
            break
    for cells in (book.cells, book.more):
        cells[:] = _joined(_without_empty_headings(cells))
    for place, cells in (("", book.cells), ("m", book.more)):
        for number, cell in enumerate(cells):
            cell.id = f"cell-{book.number}-{place}{number}"
    return stopped


def _tags(cell) -> set[str]:
    return set(cell.metadata.get("tags", []))


def _without_title(text: str, question: str) -> str:
    """A notebook's first words without its title and question, which the section's heading says."""
    parts = re.split(r"\n\s*\n", re.sub(r"\A# .*", "", text).strip())
    return "\n\n".join(part for part in parts if part.strip("*_> \n") != question)


def _cell(kind: str, source: str, topics: list[str], outputs=(), on_paper: bool = False) -> NotebookNode:
    """A cell of the report; ``on_paper`` marks code that the reader is to see at once, also in the PDF."""
    cell = NotebookNode(cell_type=kind, id="", metadata=NotebookNode(on_paper=on_paper, topics=topics), source=source)
    if kind == "code":
        cell.update(outputs=list(outputs), execution_count=None)
    return cell


def _shown(report: "Report", book: "Evidence", output) -> NotebookNode | None:
    """An output as the report shows it: marked by the run, a log, or an error; None if it stands elsewhere."""
    if output.output_type in ("stream", "error"):
        output.setdefault("metadata", NotebookNode())  # streams have none, but all are asked for it
        return output
    mark = output.metadata.get("workbook", {})
    kind = mark.get("kind")
    if kind == "answer":
        book.answers.append({**mark, "notebook": book.name})
        return None
    if kind == "figure" and mark["label"] == "examples" and report.examples is None and _is_strip(output):
        report.examples = output
        mark["notebook"] = book.name
        return None
    if kind in ("figure", "table", "text"):
        return output
    if kind == "caption":
        return None
    if {"image/png", "image/svg+xml"} & set(output.data):
        report.warnings.append(f"{book.name}: a picture without a caption; show it with run.show")
        text = f"A picture that notebook {book.name} shows without a caption."
        output.metadata["workbook"] = NotebookNode(kind="figure", label="", caption=text, alt=text, more=True)
        return output
    text = output.data.get("text/plain", "")
    return NotebookNode(output_type="stream", name="stdout", text=f"{text}\n", metadata={}) if text else None


def _is_strip(output) -> bool:
    """Whether a picture is low enough for the first page."""
    if "image/png" not in output.data:
        return False
    width, height = struct.unpack(">II", base64.b64decode("".join(output.data["image/png"].split())[:64])[16:24])
    return height < 0.35 * width


def _is_evidence(output) -> bool:
    return output.output_type == "error" or "workbook" in output.metadata


def _says_something(cell) -> bool:
    return cell.cell_type == "markdown" or cell.metadata.on_paper or any(map(_is_evidence, cell.outputs))


def _without_empty_headings(cells: list[NotebookNode]) -> list[NotebookNode]:
    """The cells without headings that nothing but code or the next heading follows."""
    kept, below = [], None
    for cell in reversed(cells):
        if cell.cell_type == "markdown" and (heading := HEADING.match(cell.source)) and "\n" not in cell.source:
            following = below is not None and below.cell_type == "markdown" and HEADING.match(below.source)
            if below is None or (following and len(following[1]) <= len(heading[1])):
                continue
        if _says_something(cell):
            below = cell
        kept.append(cell)
    return kept[::-1]


def _joined(cells: list[NotebookNode]) -> list[NotebookNode]:
    """The cells, code that shows nothing put before the code that follows it: one fold instead of five."""
    joined = []
    for cell in cells:
        seen = cell.metadata.on_paper or (joined and _says_something(joined[-1]))
        if joined and cell.cell_type == "code" == joined[-1].cell_type and not seen:
            previous = joined.pop()
            cell.source = f"{previous.source}\n\n{cell.source}".strip()
            cell.outputs = previous.outputs + cell.outputs
        joined.append(cell)
    return joined
