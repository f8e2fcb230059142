"""What a notebook shows: figures as repeatable bytes, tables and words as Markdown."""

import base64
import io
import os
import sys
from collections.abc import Callable

from helpers.errors import UserError

DPI = 200
GREYS, COLOURS = 48, 160  # of a picture: no colour moves by more than 8 of 255
PHOTOGRAPH = 1 << 14  # colours: grey images and colour scales have far fewer


def render(figure, name: str) -> tuple[str, bytes]:
    """A matplotlib figure as ("svg" or "png", bytes), and the figure closed.

    The same figure gives the same bytes: no date, no version, identifiers drawn from the name. A figure without
    images is a vector graphic; a picture has a palette, see ``lighter``.
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
    return suffix, buffer.getvalue() if vector else lighter(buffer.getvalue())


def lighter(png: bytes) -> bytes:
    """A PNG with few colours: half the bytes, and no difference to see; a photograph stays as it is."""
    from PIL import Image

    image = Image.open(io.BytesIO(png)).convert("RGB")
    colours = image.getcolors(PHOTOGRAPH)
    if colours is None:
        return png
    few = GREYS if all(red == green == blue for _, (red, green, blue) in colours) else COLOURS
    buffer = io.BytesIO()
    # Without dithering, whose noise would cost more bytes than colours do.
    image = image.quantize(few, Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.NONE)
    image.save(buffer, "PNG", optimize=True, dpi=(DPI, DPI))
    return buffer.getvalue()


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
    if suffix == "svg":
        _display({"image/svg+xml": content.decode()})
    else:
        _display({"image/png": base64.b64encode(content).decode()})


def markdown(text: str) -> None:
    """Show Markdown."""
    _display({"text/markdown": text})


def _display(data: dict) -> None:
    from IPython import get_ipython
    from IPython.display import display

    if get_ipython() is not None:  # outside a notebook there is nowhere to show anything
        display({**data, "text/plain": ""}, raw=True)
