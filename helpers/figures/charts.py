"""Charts of numbers: estimates with their intervals, repeated trainings, cells."""

from collections.abc import Mapping, Sequence

import numpy as np

from helpers.figures import base as style
from helpers.figures.base import BAND, COLOURS, INK, MARKS, SIZE, SMALL, SOFT, WIDTHS, Figure

NAMES = 0.36  # of the width, the most for the names of rows


def ends(found) -> tuple[float, float, float]:
    """Value, low and high of an estimate, or of a tuple of the three."""
    return (found.value, found.low, found.high) if hasattr(found, "value") else tuple(found)[:3]


def forest(
    rows: Mapping,
    note: str,
    *,
    base: float | None = None,
    base_name: str = "chance",
    percent: bool = True,
    controls: Sequence[str] = (),
) -> Figure:
    """Estimates with their intervals, one row a label, one colour and mark a series.

    Args:
        rows: by label an estimate, or by label and series; what is NaN or lacks is left out. Where there is one
            series, each value is written at its interval's end.
        note: what the axis shows.
        base: a dotted line, and ``base_name`` over it.
        percent: the estimates are shares.
        controls: labels that stand on grey.
    """
    labels = list(rows)
    names = list(dict.fromkeys(name for row in rows.values() for name in _series(row)))
    many, written = len(names) > 1, len(names) == 1
    height = max(4.8, 2.6 * len(names)) * max(1, len(labels)) + 11 + 4 * bool(base_name) + 5 * many
    figure, axes = style.chart(height)
    ax = axes[0, 0]
    _rows(ax, labels, rows, names, _text(percent) if written else None)
    _base(ax, base, base_name, 0.14 if written else 0.04)
    ax.set_xlabel(style.wrapped(note, WIDTHS["text"] * 0.8, SIZE))
    if percent:
        style.in_percent(ax.xaxis, 5)
    else:
        ax.locator_params(axis="x", nbins=5, steps=[1, 2, 5, 10])
    for at in (at for at, label in enumerate(labels) if label in controls):
        ax.axhspan(at - 0.5, at + 0.5, color=BAND, lw=0, zorder=0)
    _name_rows(ax, labels)
    if many:
        look = {"ncols": min(4, len(names)), "columnspacing": 1.2}
        figure.legend(*ax.get_legend_handles_labels(), loc="outside upper right", **look)
    return figure


def _series(row) -> Mapping:
    return row if isinstance(row, Mapping) else {"": row}


def _text(shares: bool):
    """How a value is written."""
    return lambda value: f"{100 * value:.1f} %" if shares else style.minus(f"{value:.2f}")


def _rows(ax, labels, rows, names, text) -> None:
    """Dots and intervals of one panel, and with ``text`` the values."""
    for place, name in enumerate(names):
        shift = (place - (len(names) - 1) / 2) * 0.66 / max(len(names), 2)
        look = {"color": COLOURS[place % 6], "lw": 1.4}
        ax.plot([], [], MARKS[place % 6], ms=4.2, ls="-", label=name, **look)
        for at, label in enumerate(labels):
            value, low, high = ends(_series(rows.get(label, {})).get(name, (np.nan,) * 3))
            ax.plot([low, high], [at + shift] * 2, solid_capstyle="butt", **look)
            ax.plot(value, at + shift, MARKS[place % 6], ms=4.2, **look)
            if text and np.isfinite(value):
                _beside(ax, np.nanmax([value, high]), at, text(value))


def _beside(ax, x: float, y: float, text: str) -> None:
    """Words right of a place."""
    ax.annotate(text, (x, y), (4, 0), textcoords="offset points", va="center", fontsize=SMALL)


def _base(ax, base, name: str, margin: float) -> None:
    """The dotted line with its name, and room for what is written right of the dots."""
    if base is not None:
        ax.axvline(base, color=SOFT, lw=0.9, ls=":")
        look = {"ha": "center", "va": "bottom", "fontsize": SMALL, "color": SOFT}
        ax.text(base, 1.01, name, transform=ax.get_xaxis_transform(), **look)
    low, high = ax.get_xlim()
    ax.set_xlim(low, high + margin * (high - low))


def _name_rows(ax, labels: Sequence[str]) -> None:
    """The rows' names, the first on top."""
    names = [style.shorten(label, WIDTHS["text"] * NAMES) for label in labels]
    ax.set_yticks(range(len(labels)), names, fontsize=SIZE)
    ax.set_ylim(max(1, len(labels)) - 0.4, -0.6)
    ax.grid(axis="y", visible=False)
    ax.tick_params(axis="y", length=0)


def dots(
    rows: Mapping[str, Sequence[float]],
    note: str,
    *,
    base: float | None = None,
    base_name: str = "chance",
) -> Figure:
    """Every share a dot, one row a label, with their mean as a line; mean and standard deviation are written."""
    figure, axes = style.chart(7 * max(1, len(rows)) + 14 + 4 * (base is not None))
    ax, text = axes[0, 0], _text(True)
    for at, values in enumerate(rows.values()):
        values = np.asarray(values, float)
        if not len(values):
            continue
        ax.plot(values, np.full(len(values), at), "o", ms=4.5, mew=0, alpha=0.6, color=COLOURS[0])
        ax.plot([values.mean()] * 2, [at - 0.3, at + 0.3], color=INK, lw=1.4)
        told = text(values.mean())
        if len(values) > 1:
            told = f"{told.removesuffix(' %')} ± {text(values.std(ddof=1))}"
        _beside(ax, values.max(), at, f"  {told}")
    _base(ax, base, base_name, 0.3)
    style.in_percent(ax.xaxis, 5)
    _name_rows(ax, list(rows))
    ax.set_xlabel(note)
    return figure


def cells(ax, values: np.ndarray, texts, rows, columns, cell: float, size=SMALL, **look) -> None:
    """Coloured cells ``cell`` millimetres wide with their texts, white on dark, and the names, the first row on top."""
    drawn = ax.pcolormesh(values, edgecolor="white", lw=0.6, **look)
    for (row, column), value in np.ndenumerate(values):
        light = np.dot(drawn.to_rgba(value)[:3], (0.299, 0.587, 0.114)) > 0.55
        look = {"ha": "center", "va": "center", "fontsize": size, "linespacing": 0.95}
        look["color"] = INK if light else "white"
        ax.text(column + 0.5, row + 0.5, texts[row][column], **look)
    style.bare(ax)
    names = [style.shorten(name, 24, SMALL) for name in columns]
    fit = max(map(style.length, names), default=0) < cell
    turned = {} if fit else {"rotation": 35, "ha": "right", "rotation_mode": "anchor"}
    ax.set_xticks(np.arange(len(names)) + 0.5, names, **turned)
    ax.set_yticks(np.arange(len(rows)) + 0.5, [style.shorten(name, 34) for name in rows])
    ax.tick_params(length=0, pad=2)
    ax.set_ylim(max(1, len(rows)), 0)
