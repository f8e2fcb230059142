"""What a notebook shows: figures as repeatable bytes, tables and words as Markdown."""

import base64
import io
import math
import os
import sys
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from helpers.errors import UserError
from helpers.files import read_json

DPI = 200
PATIENCE = 3  # seconds that a cell may take without a sign of life
GREYS, COLOURS = 48, 160  # of a picture: no colour moves by more than 8 of 255
QUALITY = 85  # of a photograph
SUFFIXES = {"svg": "image/svg+xml", "png": "image/png", "jpg": "image/jpeg"}
"""Of figures' files, and what they are."""
PHOTOGRAPH = 1 << 14  # colours: grey images and colour scales have far fewer


def render(figure, name: str) -> tuple[str, bytes]:
    """A matplotlib figure as (one of ``SUFFIXES``, bytes), and the figure closed.

    The same figure gives the same bytes: no date, no version, identifiers drawn from the name. A figure without
    images is a vector graphic; for a picture see ``lighter``.
    """
    import matplotlib as mpl
    from matplotlib import pyplot as plt
    from matplotlib.image import AxesImage, BboxImage, FigureImage

    images = AxesImage | BboxImage | FigureImage
    vector = not figure.findobj(lambda artist: isinstance(artist, images))
    suffix = "svg" if vector else "png"
    options = (
        {"metadata": {"Date": None}} if vector else {"metadata": {"Software": None}, "dpi": DPI}
    )
    buffer = io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": name}):
        figure.savefig(buffer, format=suffix, **options)
    plt.close(figure)
    return (suffix, buffer.getvalue()) if vector else lighter(buffer.getvalue())


def lighter(png: bytes) -> tuple[str, bytes]:
    """A picture as a PNG with few colours, half the bytes; photographs as a JPEG, a third: no difference to see."""
    from PIL import Image

    image = Image.open(io.BytesIO(png)).convert("RGB")
    colours, buffer = image.getcolors(PHOTOGRAPH), io.BytesIO()
    if colours is None:
        image.save(buffer, "JPEG", quality=QUALITY, subsampling=0, dpi=(DPI, DPI))
        return "jpg", buffer.getvalue()
    few = GREYS if all(red == green == blue for _, (red, green, blue) in colours) else COLOURS
    # Without dithering, whose noise would cost more bytes than colours do.
    image = image.quantize(few, Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.NONE)
    image.save(buffer, "PNG", optimize=True, dpi=(DPI, DPI))
    return "png", buffer.getvalue()


STOPPED = (
    "Stopped. Run it again; a training whose network is kept goes on after its last finished epoch."
)
UNKNOWN = "{} is not known. If a cell above stopped or was not run, run the notebook from the top (Run, Run All Cells)."


def prepare_lab(words: Callable[[str], str] = str) -> None:
    """Make a kernel that somebody watches show figures as pictures, and errors of the user's in one sentence.

    Args:
        words: puts a message into the words of a notebook.
    """
    import matplotlib as mpl
    from IPython import get_ipython
    from IPython.core.pylabtools import select_figure_formats

    shell = get_ipython()
    if shell is None or os.environ.get("WORKBOOK_HEADLESS"):
        return
    select_figure_formats(shell, {"png"})
    mpl.rcParams["figure.dpi"] = 144  # 6.5 inches fill a notebook's page
    usual = type(shell).showtraceback

    # Not a handler of the shell's: what a widget calls fails outside of a cell, where none is asked.
    def show(fault=None, *args, **options):
        kind, error, *_ = fault = fault or sys.exc_info()
        if sentence := said(error, words):
            shell._showtraceback(kind, sentence, [sentence])
        else:
            usual(shell, fault, *args, **options)

    shell.showtraceback = show


def watch_cells(executed: Path) -> None:
    """Show a bar below each cell that somebody waits for longer than ``PATIENCE``; a training shows its own.

    Args:
        executed: the notebook as a report left it, which knows how long each cell took; it need not exist.
    """
    from IPython import get_ipython
    from tqdm.auto import tqdm

    shell = get_ipython()
    if shell is None or os.environ.get("WORKBOOK_HEADLESS"):
        return
    watched, shell.workbook_took = hasattr(shell, "workbook_took"), _seconds(executed)
    if watched:  # the opening cell, a second time
        return
    running: list[threading.Event] = []

    def watch(source: str, over: threading.Event) -> None:
        own, total = bars(), shell.workbook_took.get(source)
        if over.wait(PATIENCE) or bars() > own:
            return
        with tqdm(total=total, initial=PATIENCE, bar_format="{bar} {desc}", leave=False) as bar:
            while not over.wait(1):
                left = (total or 0) - bar.n - 1
                told = f"about {left} s left" if left > 0 else f"{bar.n + 1} s"
                bar.set_description_str(told, refresh=False)
                bar.update(1)
            bar.total = bar.n  # tqdm leaves a bar red that does not come to its end

    def bars() -> int:
        return len(getattr(tqdm, "_instances", ()))

    def start(info) -> None:
        running[:] = [threading.Event()]
        threading.Thread(target=watch, args=(info.raw_cell, *running), daemon=True).start()

    def stop(result) -> None:
        for over in running:
            over.set()

    shell.events.register("pre_run_cell", start)
    shell.events.register("post_run_cell", stop)


def _seconds(executed: Path) -> dict[str, int]:
    """How long the cells of an executed notebook took, by their source."""
    found = {}
    for cell in read_json(executed).get("cells", ()):
        times = cell["metadata"].get("execution", {})
        if times.keys() >= {"iopub.status.busy", "iopub.status.idle"}:
            start, end = (
                datetime.fromisoformat(times[f"iopub.status.{at}"]) for at in ("busy", "idle")
            )
            found["".join(cell["source"])] = math.ceil((end - start).total_seconds())
    return found


def said(error: BaseException, words: Callable[[str], str] = str) -> str | None:
    """What a reader of a notebook is told in place of a traceback; None where the traceback says more.

    Args:
        error: what was raised.
        words: as in ``prepare_lab``.
    """
    if isinstance(error, KeyboardInterrupt):
        return STOPPED
    if isinstance(error, UserError):
        return words(str(error))
    return UNKNOWN.format(error.name) if type(error) is NameError else None


def figure(suffix: str, content: bytes) -> None:
    """Show a figure's bytes."""
    text = content if suffix == "svg" else base64.b64encode(content)
    _display({SUFFIXES[suffix]: text.decode()})


def markdown(text: str) -> None:
    """Show Markdown."""
    _display({"text/markdown": text})


def _display(data: dict) -> None:
    from IPython import get_ipython
    from IPython.display import display

    if get_ipython() is not None:  # outside a notebook there is nowhere to show anything
        display({**data, "text/plain": ""}, raw=True)
