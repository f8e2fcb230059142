"""From a run's results to report.html and report.pdf; runs no notebook."""

from pathlib import Path

from helpers import fonts
from helpers.errors import UserError
from helpers.files import write_atomic
from helpers.report import html, pdf
from helpers.report.compose import compose

LIMIT = 5_000_000  # characters of report.html, so that it can be sent by mail


def render(
    folder: Path, manifest: dict, about: dict, language: str, *, paper: bool = True
) -> list[str]:
    """Write ``report.html`` and ``report.pdf`` into a run's folder, each whole or not at all.

    Args:
        folder: ``reports/<run>``, with what its notebooks recorded.
        manifest: from ``manifest.manifest``.
        about: the content of report.toml.
        language: of the templates.
        paper: whether to write the PDF, too: not while notebooks are still running.

    Returns:
        what the author should know, a sentence each.
    """
    fonts.know(manifest["data"]["classes"])
    document = compose(folder, manifest, about, language)
    page = html.page(document)
    write_atomic(folder / "report.html", page)
    warnings = list(document.warnings)
    if len(page) > LIMIT:
        warnings.append(
            f"report.html has {len(page) / 1e6:.1f} MB; figures as SVG, or fewer, make it smaller"
        )
    if not paper:
        return warnings
    if not pdf.available():
        warnings.append("no report.pdf: Typst, which makes it, has no package for this system")
    else:
        try:
            content, more = pdf.make(document, folder)
            write_atomic(folder / "report.pdf", content)
            return warnings + more
        except (
            UserError
        ) as fault:  # something in it that Typst cannot set; the page stands all the same
            warnings.append(str(fault))
    # One of an earlier run would contradict report.html.
    (folder / "report.pdf").unlink(missing_ok=True)
    return warnings
