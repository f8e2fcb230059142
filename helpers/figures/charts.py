"""Charts of numbers: estimates with their intervals, shares against areas, repeated trainings, cells."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, NullLocator

from helpers.figures import base as style
from helpers.figures.base import BAND, COLOURS, INK, MARKS, SIZE, SMALL, SOFT, WIDTHS, Figure

NAMES = 0.36  # of the width, the most for the names of rows


def ends(found) -> tuple[float, float, float]:
    """Value, low and high of an estimate, or of a tuple of the three."""
    return (found.value, found.low, found.high) if hasattr(found, "value") else tuple(found)[:3]


def forest(rows: Mapping, note: str, *, base: float | None = None, percent: bool = True, **options):
    """Estimates with their intervals, one row a label, one colour and mark a series.

    Args:
        rows: by label an estimate, or by label and series; what is NaN or lacks is left out.
        note: what the axis shows.
        base: a dotted line, and ``base_name`` ("chance") over it.
        percent: the estimates are shares.
        options: ``base_name``, ``controls``, ``width`` ("text") and ``numbers`` of ``forests``.
    """
    options = {"base_name": "chance", "width": "text"} | options
    return forests({"": rows}, [note], bases=[base], percent=[percent], **options)


def forests(
    panels: Mapping[str, Mapping],
    notes: str | Sequence[str],
    *,
    bases: float | Sequence[float | None] | None = None,
    base_name: str = "",
    percent: bool | Sequence[bool] = True,
    controls: Sequence[str] = (),
    width: str = "wide",
    numbers: bool = True,
) -> Figure:
    """``forest`` in panels side by side, with the rows of the first.

    Args:
        panels: by title the rows of ``forest``.
        notes: what the axes show: one text for all, which then have one scale, or one a panel.
        bases, percent: a dotted line, and whether these are shares: one for all, or one a panel.
        base_name: over the dotted lines.
        controls: labels that stand on grey.
        width: of the figure.
        numbers: write each value at its interval's end, where a panel has one series.
    """
    labels, many = list(next(iter(panels.values()), {})), max(1, len(panels))
    series = [
        list(dict.fromkeys(n for row in rows.values() for n in _series(row)))
        for rows in panels.values()
    ]
    most, titled = max(map(len, series), default=1), 4 * any(panels) + 4 * bool(base_name)
    height = max(4.8, 2.6 * most) * max(1, len(labels)) + 11 + titled + 5 * (most > 1)
    options = {"sharey": True, "sharex": isinstance(notes, str)}
    figure, axes = style.chart(height, 1, many, width, **options)
    each = [
        [one] * many if isinstance(one, str | float | int | None) else one
        for one in (notes, bases, percent)
    ]
    for ax, (title, rows), names, note, base, shares in zip(
        axes[0], panels.items(), series, *each, strict=True
    ):
        written = numbers and len(names) == 1
        _rows(ax, labels, rows, names, _text(shares) if written else None)
        _base(ax, base, base_name, 0.14 if written else 0.04)
        ax.set_title(title, pad=11 if base_name else 4)
        ax.set_xlabel(style.wrapped(note, (WIDTHS[width] * 0.8) / many, SIZE))
        _ticks(ax, shares, 5 if many == 1 else 4)
        for at in (at for at, label in enumerate(labels) if label in controls):
            ax.axhspan(at - 0.5, at + 0.5, color=BAND, lw=0, zorder=0)
    _name_rows(axes[0, 0], labels, width)
    if most > 1:
        widest = axes[0, max(range(many), key=lambda k: len(series[k]))]
        look = {"ncols": min(4, most), "columnspacing": 1.2}
        figure.legend(*widest.get_legend_handles_labels(), loc="outside upper right", **look)
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


def _ticks(ax, shares: bool, steps: int) -> None:
    if shares:
        style.in_percent(ax.xaxis, steps)
    else:
        ax.locator_params(axis="x", nbins=steps, steps=[1, 2, 5, 10])


def _name_rows(ax, labels: Sequence[str], width: str = "text") -> None:
    """The rows' names, the first on top."""
    names = [style.shorten(label, WIDTHS[width] * NAMES) for label in labels]
    ax.set_yticks(range(len(labels)), names, fontsize=SIZE)
    ax.set_ylim(max(1, len(labels)) - 0.4, -0.6)
    for one in ax.figure.axes:
        one.grid(axis="y", visible=False)
        one.tick_params(axis="y", length=0)


def density(
    shares: Mapping,
    areas: Mapping[str, float],
    controls: Mapping[str, Mapping[str, float]] | None = None,
) -> Figure:
    """How dense a map lies on each region: share over area, with its interval, beside the same of controls.

    Args:
        shares: by region an estimate of the share of the map, 0..1.
        areas: by region the share of the image, 0..1; regions without area are left out.
        controls: by name and region the share of a map that knows nothing.
    """
    shares = {region: found for region, found in shares.items() if areas[region] > 0}
    figure, axes = style.chart(5.4 * max(1, len(shares)) + 20)
    ax, seen = axes[0, 0], [0.6, 1.7]
    for at, (region, found) in enumerate(shares.items()):
        value, low, high = (max(share, 1e-4) / areas[region] for share in ends(found))
        ax.plot([low, high], [at, at], color=COLOURS[0], lw=2.2, solid_capstyle="butt", zorder=3)
        ax.plot(value, at, "o", ms=5, color=COLOURS[0], zorder=4, label="" if at else "the map")
        seen += [value, low, high]
        for (name, rival), mark in zip((controls or {}).items(), MARKS[1:], strict=False):
            seen.append(max(rival[region], 1e-4) / areas[region])
            word = "" if at else name.replace("_", " ")
            ax.plot(seen[-1], at, mark, ms=4.2, mfc="white", mec=SOFT, label=word)
    ax.axvline(1, color=INK, lw=0.9, ls=":")
    _name_rows(ax, list(shares))
    words = [f"{style.shorten(r, 28)}  ({100 * areas[r]:.0f} % of the area)" for r in shares]
    ax.set_yticks(range(len(words)), words)
    ax.set(xscale="log", xlim=(max(min(seen), 0.02) / 1.15, max(seen) * 1.15))
    ax.xaxis.set(major_locator=LogLocator(10, (1, 2, 5)), minor_locator=NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.set_xlabel("share of the map / share of the area (1: spread evenly)")
    if shares:
        figure.legend(loc="outside upper right", ncols=4, handletextpad=0.3, columnspacing=1)
    return figure


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
        spread = f" ± {text(values.std(ddof=1))}" if len(values) > 1 else ""
        _beside(
            ax,
            values.max(),
            at,
            "  " + text(values.mean()).removesuffix(" %" * bool(spread)) + spread,
        )
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
        place = {"ha": "center", "va": "center", "fontsize": size, "linespacing": 0.95}
        ax.text(
            column + 0.5, row + 0.5, texts[row][column], color=INK if light else "white", **place
        )
    style.bare(ax)
    names = [style.shorten(name, 24, SMALL) for name in columns]
    fit = max(map(style.length, names), default=0) < cell
    turned = {} if fit else {"rotation": 35, "ha": "right", "rotation_mode": "anchor"}
    ax.set_xticks(np.arange(len(names)) + 0.5, names, **turned)
    ax.set_yticks(np.arange(len(rows)) + 0.5, [style.shorten(name, 34) for name in rows])
    ax.tick_params(length=0, pad=2)
    ax.set_ylim(max(1, len(rows)), 0)
