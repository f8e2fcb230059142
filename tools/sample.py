"""``python -m tools.sample``: docs/sample.pdf and docs/page1.png, from a report on the drawn faces."""

import sys
from functools import partial
from pathlib import Path

from helpers import ROOT
from helpers.command import carry_out
from helpers.display import lighter
from helpers.errors import UserError
from helpers.files import read_json, write_atomic
from helpers.options import parse
from helpers.report import author, pdf, report
from helpers.report.compose import compose

LIMIT = 4_000_000  # bytes of the PDF
PPI = 110  # of the picture of page 1
USAGE = "usage: python -m tools.sample: makes docs/sample.pdf and docs/page1.png again"


def write(folder: Path, docs: Path) -> None:
    """Copy a finished run's PDF, and draw its first page.

    Args:
        folder: the run, with manifest.json and report.pdf.
        docs: where to.

    Raises:
        UserError: there is no PDF, or it has more than 4 MB.
    """
    path, origin = folder / "report.pdf", read_json(folder / "manifest.json")
    if not path.is_file():
        raise UserError(f"{path.name} is missing in {folder.name}: the sample needs Typst")
    content = path.read_bytes()
    if len(content) > LIMIT:
        raise UserError(f"the sample has {len(content) / 1e6:.1f} MB, and 4 MB are its limit")
    document = compose(folder, origin, origin["report_toml"], origin["language"])
    write_atomic(docs / "sample.pdf", content)
    page1 = pdf.pictures(document, folder, PPI)[0]
    suffix, light = lighter(page1)
    write_atomic(docs / "page1.png", light if suffix == "png" else page1)


def _sample(given: list[str]) -> int:
    if given:
        raise UserError(f"the sample takes no options, not {given[0]}")
    about = author.read(Path(__file__).with_suffix(".toml"))
    say = partial(print, flush=True)
    status = report(parse(["RUN=sample", "SEED=0"]), about=about, say=say)
    if status == 0:
        write(ROOT / "reports" / "sample", ROOT / "docs")
    return status


if __name__ == "__main__":
    sys.exit(carry_out(sys.argv[1:], USAGE, _sample))
