"""Figures of notebook 05: what excites the filters, what they put out, and how far ascent gets."""

from collections.abc import Mapping, Sequence

import numpy as np

from helpers.figures.base import COLOURS, INK, SOFT, WIDTH, Figure, figure_of, picture, shorten


def _heading(ax, text: str) -> None:
    """The name of a row of tiles, on its left, in two lines where it can be broken."""
    name = "\n".join(shorten(part, 12) for part in text.replace("_", " ").split(" ", 1))
    ax.set_ylabel(name, fontsize=8, color=INK, labelpad=3)


def _close(figure: Figure, height: float = 0.01) -> None:
    figure.get_layout_engine().set(w_pad=0.01, h_pad=height, wspace=0.01, hspace=0.01)


def filter_pairs(rows: Sequence[tuple[str, np.ndarray, Sequence[str]]], columns: int = 10) -> Figure:
    """Rows of images, each with a title a tile, such as what excites filters and the real image that does so most.

    Args:
        rows: the row's name, images (n, height, width, 1 or 3) in 0..255, and their titles.
        columns: tiles a row; what is more is left out.
    """
    lines = sum(max((title.count("\n") + 1 for title in titles), default=1) for *_, titles in rows)
    figure, axes = figure_of(len(rows) * (WIDTH - 0.4) / columns + 0.13 * lines, len(rows), columns)
    for line, (name, images, titles) in zip(axes, rows, strict=True):
        for ax in line[len(images) :]:
            ax.axis("off")
        for ax, image, title in zip(line, images, titles, strict=False):
            picture(ax, np.clip(image, 0, 255).astype("uint8"), title)
        _heading(line[0], name)
    _close(figure)
    return figure


def filter_outputs(image: np.ndarray, maps: Mapping[str, np.ndarray], titles: Mapping[str, Sequence[str]]) -> Figure:
    """What filters put out for one image: a row a layer, the image first; one scale a row, from 0.

    Args:
        image: (height, width, 1 or 3), 0..255.
        maps: by layer, (filters, height, width), 0 and above.
        titles: by layer, one a filter.
    """
    columns = 1 + max(len(found) for found in maps.values())
    figure, axes = figure_of(len(maps) * ((WIDTH - 0.7) / columns + 0.17), len(maps), columns)
    for line, (name, found) in zip(axes, maps.items(), strict=True):
        picture(line[0], image, "image")
        _heading(line[0], name)
        top = max(float(found.max(initial=0)), 1e-6)
        for ax in line[1 + len(found) :]:
            ax.axis("off")
        for ax, one, title in zip(line[1:], found, titles[name], strict=False):
            shown = ax.imshow(one, cmap="viridis", vmin=0, vmax=top, interpolation="nearest")
            ax.set(xticks=[], yticks=[])
            ax.grid(False)
            ax.set_title(title, fontsize=8, color=INK, pad=3)
        if len(found):
            bar = figure.colorbar(shown, ax=list(line), fraction=0.02, pad=0.01)
            bar.ax.tick_params(labelsize=7)
            bar.set_label("output", fontsize=7.5)
    _close(figure, 0.02)
    return figure


def climbs(found: Mapping[str, Mapping[str, np.ndarray]]) -> Figure:
    """Activations in units of the highest by a real image: a row a layer, a dot a filter.

    Args:
        found: by layer, then by what excites (``image found`` or the like), values (n,).
    """
    figure, axes = figure_of(0.55 * len(found) + 0.8)
    ax = axes[0, 0]
    kinds = list(next(iter(found.values())))
    for row, values in enumerate(found.values()):
        for place, (kind, colour) in enumerate(zip(kinds, (SOFT, COLOURS[1], COLOURS[0]), strict=False)):
            height = row + 0.26 * (place - (len(kinds) - 1) / 2)
            ratio = np.asarray(values[kind])
            ax.plot(ratio, np.full(len(ratio), height), "o", ms=3.5, mew=0, alpha=0.5, color=colour)
            if len(ratio):
                ax.plot([np.median(ratio)] * 2, [height - 0.12, height + 0.12], color=colour, lw=2)
            if row == 0:
                ax.plot([], [], "o", ms=4, color=colour, label=kind)
    ax.axvline(1, color=INK, lw=0.9, ls=":")
    ax.set(yticks=range(len(found)), yticklabels=list(found), ylim=(len(found) - 0.5, -0.5))
    ax.set_xlabel("activation, in units of the highest that a validation image reaches (dotted)")
    ax.grid(axis="y", visible=False)
    ax.set_xlim(left=-0.1)
    figure.legend(loc="outside upper center", ncols=len(kinds))
    return figure
