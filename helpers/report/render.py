"""From a run's results to report.html and report.pdf; runs no notebook."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from helpers import fonts
from helpers.errors import UserError
from helpers.files import Kept, tree_hash, write_atomic
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
    document.live = not paper
    kept = Kept(folder / "stamps" / ".made.json", tree_hash(Path(__file__).parent))
    with ThreadPoolExecutor(1) as pool:  # pandoc works for the one while Typst does for the other
        making = pool.submit(pdf.make, document, folder, kept) if paper else None
        page = html.page(document, kept)
    write_atomic(folder / "report.html", page)
    warnings = list(document.warnings)
    if len(page) > LIMIT:
        size = f"{len(page) / 1e6:.1f} MB"
        warnings.append(f"report.html has {size}; figures as SVG, or fewer, make it smaller")
    try:
        if making:
            content, more = making.result()
            write_atomic(folder / "report.pdf", content)
            warnings += more
    except UserError as fault:  # the page stands all the same; an earlier PDF would contradict it
        warnings.append(str(fault))
        (folder / "report.pdf").unlink(missing_ok=True)
    kept.write()
    return warnings
