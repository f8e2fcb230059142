"""``python -m helpers.report.sample``: the finished sample in docs/, a PDF and two screenshots of the drawn faces."""

import io
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from helpers import ROOT
from helpers.errors import UserError
from helpers.files import write_atomic
from helpers.options import parse
from helpers.report import report

RUN = "sample"
LIMIT = 2_000_000  # bytes of the three files together
PICTURE = 640  # pixels across the page
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
WIDTH, HEIGHT = 1200, 1600  # pixels of a screenshot, less what is empty at its end
QUESTION = 3  # the one to show: most people know a confusion matrix
SUMMARY = "main > .question, main > .closing { display: none !important }"
ANSWER = f"""main > :not(:nth-child({QUESTION} of .question)) {{ display: none !important }}
main > .question {{ margin-top: 0 !important; padding-top: 0 !important; border: 0 !important }}"""


def sample(folder: Path, docs: Path, say: Callable[[str], None] = print) -> None:
    """Write ``sample.pdf`` (coarser pictures), ``summary.png`` and ``answer.png`` from a finished run.

    Args:
        folder: the run, with report.html and report.pdf.
        docs: where to; made if it is missing.
        say: prints a line.

    Raises:
        UserError: a page is missing, or the files are larger than 2 MB.
    """
    made = {}
    for page in ("report.html", "report.pdf"):
        if not (folder / page).is_file():
            raise UserError(
                f"{folder.name}/{page} is missing: the sample needs the page and, from PlutoPrint, the PDF"
            )
    made["sample.pdf"] = _lighter((folder / "report.pdf").read_bytes())
    html = (folder / "report.html").read_text("utf-8")
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        say(
            "no screenshots: Chromium, which makes them, is not installed (Debian: apt install chromium)"
        )
    else:
        made["summary.png"] = _screenshot(browser, html, SUMMARY)
        made["answer.png"] = _screenshot(browser, html, ANSWER)
    size = sum(map(len, made.values()))
    if size > LIMIT:
        raise UserError(
            f"the sample has {size / 1e6:.1f} MB, and 2 MB are its limit: nothing was written"
        )
    for name, content in made.items():
        write_atomic(docs / name, content)
    say(f"{docs.name}/{{{','.join(made)}}}: {size / 1e6:.1f} MB")


def _lighter(pdf: bytes) -> bytes:
    """A report's PDF with its pictures coarser and as JPEG: good enough to see what a report is."""
    import pypdf

    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf))
    for page in writer.pages:
        for picture in page.images:
            image = picture.image.convert("L" if picture.image.mode in ("1", "L") else "RGB")
            image.thumbnail((PICTURE, image.height))
            picture.replace(image, quality=65)
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


def _screenshot(browser: str, html: str, css: str) -> bytes:
    """The top of a page as PNG, in light colours, with rules that choose what is shown."""
    from PIL import Image, ImageChops

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        page, shot = folder / "page.html", folder / "shot.png"
        page.write_text(html.replace("</head>", f"<style>{css}</style></head>", 1), "utf-8")
        command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        command += [
            "--force-color-profile=srgb",
            "--blink-settings=preferredColorScheme=1",
            f"--window-size={WIDTH},{HEIGHT}",
        ]
        command += [f"--user-data-dir={folder / 'profile'}", f"--screenshot={shot}", page.as_uri()]
        subprocess.run(command, capture_output=True, timeout=120, check=False)
        if not shot.is_file():
            raise UserError(f"{Path(browser).name} made no screenshot")
        image = Image.open(shot).convert("RGB")
    blank = Image.new("RGB", image.size, image.getpixel((0, image.height - 1)))
    _, _, _, bottom = ImageChops.difference(image, blank).getbbox() or (0, 0, 0, image.height)
    stream = io.BytesIO()
    shown = image.crop((0, 0, image.width, min(bottom + 40, image.height)))
    shown.quantize(256, dither=Image.Dither.NONE).save(stream, "PNG", optimize=True)
    return stream.getvalue()


def main() -> int:
    """Bring the run ``sample`` up to date and write docs/; returns the exit status."""
    try:
        status = report(parse([f"RUN={RUN}"]), say=partial(print, flush=True))
        if status == 0:
            sample(ROOT / "reports" / RUN, ROOT / "docs")
        return status
    except UserError as fault:
        print(f"error: {fault}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
