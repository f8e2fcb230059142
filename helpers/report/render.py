"""From a run's folder to report.html and report.pdf; runs no notebook."""

from pathlib import Path

from helpers import ROOT, fonts
from helpers.files import write_atomic
from helpers.report import pdf
from helpers.report.html import Page
from helpers.report.merge import merge

LIMIT = 5_000_000  # characters of report.html, so that it can be sent by mail


def render(folder: Path, notebooks: Path = ROOT / "notebooks") -> None:
    """Write ``report.html`` and ``report.pdf`` into a run's folder, whole or not at all.

    Warnings, and why there is no PDF where its engine is missing, are printed, one a line.

    Args:
        folder: ``reports/<run>``, with manifest.json and the executed notebooks.
        notebooks: the source notebooks, for their prose.

    Raises:
        UserError: the manifest is missing or damaged.
    """
    folder = Path(folder)
    report = merge(folder, Path(notebooks))
    page = Page(report)
    html = page.html()
    write_atomic(folder / "report.html", html)
    if len(html) > LIMIT:
        report.warnings.append(f"report.html has {len(html) / 1e6:.1f} MB; figures as SVG, or fewer, make it smaller")
    fonts.know((report.manifest.get("data") or {}).get("classes") or [])
    if pdf.available():
        close = False

        def build(css: str, pages: dict) -> str:
            nonlocal close
            # A first question that does not start on page 2 tells that the summary takes more than a page.
            close = close or any(pages.get(asked.anchor, 0) > 2 for asked in page.asked[:1])
            paper = Page(report, on_paper=True, pages=pages, close=close)
            paper.css = css + paper.foot
            return paper.html()

        questions = [(asked.anchor, f"{asked.number} · {asked.title}") for asked in page.asked]
        parts = [("answers", "The answers"), *questions, *page.closing]
        budgets = {section.asked.anchor: section.pages for section in report.sections}
        started = report.manifest.get("started")
        write_atomic(folder / "report.pdf", pdf.make(build, parts, report.title, started, report.author, budgets))
    else:
        (folder / "report.pdf").unlink(missing_ok=True)  # one of an earlier run would contradict report.html
        print("no report.pdf: PlutoPrint, which makes it, has no package for this system; report.html is complete")
    for warning in report.warnings:
        print(f"warning: {warning}")
