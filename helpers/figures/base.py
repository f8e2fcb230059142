"""What all figures share: three widths, the style, places in millimetres, an image, a map, a name cut to fit.

Figures are drawn at the size at which the page shows them, with text of 7 to 9 points in the
page's own typeface, STIX. Lines have the colours of Okabe and Ito (2008), which
colour-blind readers tell apart, and differ in dash or mark too. There is no title: the caption says what is shown.
"""

import textwrap
from collections.abc import Iterator, Sequence
from functools import cache
from unicodedata import east_asian_width

import matplotlib
import numpy as np
from matplotlib import colormaps, style
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path
from matplotlib.ticker import MaxNLocator, PercentFormatter, StrMethodFormatter

from helpers import fonts

WIDTHS = {"margin": 48, "text": 112, "wide": 170}
"""Millimetres: the margin column, the text column, and both with the gap between them."""

TILE = 18
"""Millimetres: the least side of an image."""

CLASSES = 8
"""The most classes of a figure that gives each a row."""

INCH = 25.4
INK, SOFT, BAND = "#222222", "#5f5f5f", "#f0f0f0"
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")
MARKS, DASHES = "osD^vP", ("-", (0, (4, 1.5)), (0, (1, 1)), "-.", (0, (6, 1, 1, 1)), (0, (2, 2)))
SIZE, SMALL = 8, 7.5
UNSIGNED = colormaps["inferno"]
SIGNED = LinearSegmentedColormap.from_list(
    "signed", ["#2c7fb8", "#7fb8de", "#f7f7f7", "#e58368", "#8c0d25"]
)
"""Blue to red through white; the red end is the darker one, so that a grey print tells the signs apart."""

STYLE = {
    "font.family": fonts.families(),
    "mathtext.fontset": "stix",
    "font.size": SIZE,
    "axes.titlesize": SIZE,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "legend.fontsize": SMALL,
    "text.color": INK,
    "axes.edgecolor": SOFT,
    "axes.linewidth": 0.6,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e2e2e2",
    "grid.linewidth": 0.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.edgecolor": "none",
    "legend.framealpha": 0.85,
    "legend.handlelength": 1.8,
    "lines.linewidth": 1.3,
    "svg.fonttype": "path",
    "text.hinting": "no_hinting",
}


# Matplotlib's own defaults and STYLE, whatever the user's matplotlibrc says; a notebook keeps its resolution. And not a
# context: matplotlib makes ticks only when it draws.
style.use(["default", STYLE | {"figure.dpi": matplotlib.rcParams["figure.dpi"]}])


def chart(height: float, rows: int = 1, columns: int = 1, width: str = "text", **options):
    """A Figure ``height`` millimetres high and its axes (rows, columns); no pyplot, so nothing is to be closed."""
    figure = Figure(figsize=(WIDTHS[width] / INCH, height / INCH), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.045, h_pad=0.04, wspace=0.02, hspace=0.02)
    return figure, figure.subplots(rows, columns, squeeze=False, **options)


def page(width: str, height: float) -> Figure:
    """An empty Figure, ``height`` millimetres high, for ``box`` and ``write``."""
    return Figure(figsize=(WIDTHS[width] / INCH, height / INCH))


def box(figure: Figure, x: float, y: float, width: float, height: float):
    """Axes without ticks; millimetres from the left and from the top."""
    wide, tall = figure.get_size_inches() * INCH
    axes = figure.add_axes((x / wide, 1 - (y + height) / tall, width / wide, height / tall))
    bare(axes)
    return axes


def bare(axes) -> None:
    """Take everything but the content from axes."""
    axes.set(xticks=[], yticks=[])
    axes.grid(False)
    axes.spines[:].set_visible(False)


def write(figure: Figure, x: float, y: float, text: str, **look) -> None:
    """Words, by default to the right of a place in millimetres from the left and from the top, and below it."""
    wide, tall = figure.get_size_inches() * INCH
    look = {"fontsize": SMALL, "va": "top", "linespacing": 1.0} | look
    figure.text(x / wide, 1 - y / tall, text, **look)


def picture(axes, image: np.ndarray) -> None:
    """One image (height, width, 1 or 3) in 0..255, its pixels kept square; NaN anywhere: the word "none"."""
    bare(axes)
    if np.isnan(image).any():
        none(axes)
    elif image.shape[-1] == 1:
        axes.imshow(image[..., 0], cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    else:  # of floating-point colours matplotlib would show only 0..1
        axes.imshow(np.clip(image, 0, 255).round().astype("uint8"), interpolation="nearest")


def none(axes, word: str = "none") -> None:
    place = {"transform": axes.transAxes, "ha": "center", "va": "center"}
    axes.text(0.5, 0.5, word, fontsize=SMALL, color=SOFT, **place)


def heat(axes, map_: np.ndarray, signed: bool, limit: float | None = None, colours=None):
    """One map (height, width), signed ones centred on zero; the scale ends at ``limit`` or at the map's maximum."""
    bare(axes)
    limit = float(np.abs(map_).max(initial=0) if limit is None else limit) or 1.0
    colours = colours or (SIGNED if signed else UNSIGNED)
    ends = {"vmin": -limit if signed else 0, "vmax": limit}
    return axes.imshow(map_, cmap=colours, interpolation="nearest", **ends)


def in_percent(axis, steps: int = 6) -> None:
    """Ticks in percent at round steps."""
    axis.set_major_locator(MaxNLocator(nbins=steps, steps=[1, 2, 5, 10]))
    low, high = sorted(axis.get_view_interval())
    decimals = 0 if high - low > 0.05 else 1
    axis.set_major_formatter(PercentFormatter(1, decimals, symbol=" %"))


def whole(axis, steps: int = 6) -> None:
    """Ticks at round whole numbers, grouped."""
    axis.set_major_locator(MaxNLocator(integer=True, nbins=steps, steps=[1, 2, 5, 10]))
    axis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))


def minus(number: str) -> str:
    """A number's text with a minus sign in place of a hyphen."""
    return number.replace("-", "−")


@cache
def _ems(sign: str) -> float:
    """The width of a sign in units of the font's size, roughly where the font lacks it."""
    if not sign.isascii():
        return 1.0 if sign == "…" or east_asian_width(sign) in "WF" else 0.6
    font = FontProperties(family=STYLE["font.family"], size=100)
    made_plain = sign.replace("$", r"\$")  # which would start a formula
    return text_to_path.get_text_width_height_descent(made_plain, font, False)[0] / 100


def length(text: str, size: float = SIZE) -> float:
    """Millimetres that a line of text takes."""
    return sum(map(_ems, text)) * size * INCH / 72


def shorten(name: str, mm: float = 22, size: float = SIZE) -> str:
    """A name cut to ``mm`` millimetres, with an ellipsis where something is missing; a number at its end stays.

    A class's name that no font has becomes its number.
    A dollar sign would start a formula in matplotlib; it is made plain.
    """
    name = fonts.shown(name)
    if length(name, size) > mm:
        start, _, last = name.rpartition(" ")
        name, end = (start, f"… {last}") if start and last[:1].isdigit() else (name, "…")
        while len(name) > 1 and length(name + end, size) > mm:
            name = name[:-1]
        name = name.rstrip() + end
    return name.replace("$", r"\$")


def wrapped(text: str, mm: float, size: float = SMALL, lines: int = 3) -> str:
    """Words broken into lines of ``mm`` millimetres, each cut to fit."""
    text = text.replace("_", " ")
    signs = max(3, int(mm / (0.46 * size * INCH / 72)))
    fill = textwrap.TextWrapper(signs, break_long_words=False, break_on_hyphens=False).wrap
    found = [part for line in text.split("\n") for part in fill(line) or [""]]
    if len(found) > lines:
        found = [*found[: lines - 1], " ".join(found[lines - 1 :])]
    return "\n".join(shorten(line, mm, size) for line in found)


def batches(items: Sequence, most: int = CLASSES) -> Iterator[list]:
    """The items in lists of about equal length, ``most`` at most."""
    parts = -(-len(items) // most)
    for part in np.array_split(np.arange(len(items)), parts) if parts else ():
        yield [items[i] for i in part]
