"""What all figures share: size, style, colours, and an image on its axes.

All are drawn for a width of 6.5 inches with 8 to 9 point text, colours that colour-blind readers can tell apart
(Okabe and Ito 2008), and no title: the caption says what is shown.
"""

import itertools
import unicodedata

import numpy as np
from matplotlib import figure as mpl_figure
from matplotlib import rcParams
from matplotlib.ticker import PercentFormatter

from helpers import fonts

WIDTH = 6.5  # inches, the text's width on A4
INK, SOFT = "#222222", "#767676"
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")
STYLE = {
    "font.size": 8.5,
    "axes.labelsize": 8.5,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "legend.fontsize": 8,
    "axes.edgecolor": SOFT,
    "axes.linewidth": 0.6,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e4e4e4",
    "grid.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "lines.linewidth": 1.6,
    "svg.fonttype": "path",
}
rcParams.update(STYLE)  # and not a context: matplotlib makes ticks only when it draws


class Figure(mpl_figure.Figure):
    """Matplotlib's Figure, without empty boxes for signs that its font lacks."""

    def draw(self, renderer) -> None:
        fonts.prepare(self)
        super().draw(renderer)


def figure_of(height: float, rows: int = 1, columns: int = 1, **options):
    """A Figure without pyplot (nothing to close, no global state) and its axes as an array."""
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    return figure, figure.subplots(rows, columns, squeeze=False, **options)


def percent(axis) -> None:
    axis.set_major_formatter(PercentFormatter(1, decimals=0))


def picture(axes, image: np.ndarray, title: str = "", colour: str = INK) -> None:
    """One image (height, width, 1 or 3) in 0..255, its pixels kept square."""
    if image.shape[-1] == 1:
        axes.imshow(image[..., 0], cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    else:  # of floating-point colours matplotlib would show only 0..1
        axes.imshow(np.clip(image, 0, 255).round().astype("uint8"), interpolation="nearest")
    axes.set(xticks=[], yticks=[])
    axes.grid(False)
    axes.spines[:].set_visible(False)
    if title:
        axes.set_title(title, fontsize=8, color=colour, pad=3)


def shorten(name: str, length: int = 14) -> str:
    """A class name cut to ``length`` columns (a Chinese sign takes two), with an ellipsis where something is missing.

    A dollar sign would start a formula in matplotlib; it is made plain.
    """
    wide = [1 + (unicodedata.east_asian_width(sign) in "WF") for sign in name]
    if sum(wide) > length:
        name = "".join(s for s, end in zip(name, itertools.accumulate(wide), strict=True) if end < length) + "…"
    return name.replace("$", r"\$")
