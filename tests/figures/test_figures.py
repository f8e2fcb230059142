"""Figures: nothing cut, no tile too small, of their nominal width, for any classes; the same bytes each time."""

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from made_figures import ROWS, by_class, empty, images, others
from matplotlib import image
from matplotlib.text import Text
from matplotlib.transforms import Bbox

import helpers
from helpers import display
from helpers.figures import charts, confusion, gallery, maps, networks, training
from helpers.figures.base import COLOURS, INCH, TILE, WIDTHS, Figure, length, picture, shorten
from helpers.report import compose

NAMES = {2: ["cat", "dog"], 20: [f"{k} is a class of a very long name, $x_1$" for k in range(20)]}
PATTERNS = ("grid", "filters", "outputs")  # of filters, which are no faces


def check(figures):
    """Nothing beyond the edges, text of 7 points or more, tiles of at least TILE, the width one of three."""
    for name, figure in figures.items():
        wide, tall = figure.get_size_inches()
        assert min(abs(wide * INCH - width) for width in WIDTHS.values()) < 0.1, name
        # A legend goes along with the edges: charts must leave the outermost pixels white, tiles may touch them.
        margin = 0 if figure.get_layout_engine() else 0.5
        beyond = Bbox([[-margin, -margin], [wide + margin, tall + margin]])
        file, edge = io.BytesIO(), max(1, round(60 * margin) - 1)
        figure.savefig(file, format="png", dpi=60, bbox_inches=beyond if margin else None)
        file.seek(0)
        pixels = image.imread(file)  # the last ones are partly transparent
        inked = (pixels[..., :3].min(-1) < 0.95) & (pixels[..., 3] > 0.9)
        edges = {"top": inked[:edge], "bottom": inked[-edge:]}
        edges |= {"left": inked[:, :edge], "right": inked[:, -edge:]}
        assert [side for side, ink in edges.items() if ink.any()] == [], f"{name}: cut"
        assert min((text.get_fontsize() for text in figure.findobj(Text)), default=7) >= 7, name
        for axes in figure.axes:
            if axes.images and axes.get_aspect() != "auto":  # which a colour bar's is
                least = 14 if name in PATTERNS else TILE
                assert axes.get_position().width * wide * INCH >= least - 0.05, name


@pytest.mark.parametrize(("classes", "channels"), [(2, 1), (20, 3)])
def test_figures_of_any_number_of_classes(classes, channels):
    check(by_class(NAMES[classes], channels))


def test_all_other_figures():
    check(others())


def test_the_strip_has_as_many_images_as_page_1_names_classes():
    assert len(gallery.strip(np.zeros((20, 48, 48, 1), "uint8")).axes) == compose.STRIP


def test_figures_of_nothing():
    check(empty())


def test_the_same_figure_gives_the_same_bytes():
    for kind, make in {
        "svg": lambda: training.history(ROWS, 3, floor=0.4),
        "png": lambda: maps.side_by_side(images(2), ["a", "b"], {}, {}),
    }.items():
        first, again = (display.render(make(), "figure") for _ in range(2))
        assert first == again
        assert first[0] == kind


def test_a_users_settings_change_nothing(tmp_path):
    (tmp_path / "matplotlibrc").write_text("font.size: 20\naxes.grid: False\nsavefig.dpi: 30\n")
    code = (
        "import matplotlib; from helpers.figures import base; from pathlib import Path;"
        "assert Path(matplotlib.matplotlib_fname()).resolve().parent == Path.cwd();"
        "p = matplotlib.rcParams; assert (p['font.size'], p['axes.grid']) == (8, True);"
        "assert p['savefig.dpi'] == 'figure'"
    )
    root = str(Path(helpers.__file__).parents[1])
    env = {"PYTHONPATH": root, "PATH": "", "HOME": str(tmp_path)}
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=env, check=True)


def test_names_are_cut_to_millimetres_and_dollars_are_no_formula():
    assert shorten("surprise", 22) == "surprise"
    cut = shorten("W" * 40, 20)
    assert cut.endswith("…")
    assert 15 < length(cut) <= 20
    assert length(shorten("惊" * 40, 20)) <= 20
    assert shorten("$x$") == r"\$x\$"
    assert shorten("→ Vegetable-Fruit 0.80", 19) == "→ Vegeta… 0.80"


def test_a_mean_of_colours_is_shown_in_its_colours():
    axes = Figure().add_subplot()
    picture(axes, np.full((4, 4, 3), (200.4, 100.0, -3.0), "float32"))
    assert (axes.images[0].get_array() == np.uint8([200, 100, 0])).all()


def test_signed_maps_are_centred_on_zero_and_differ_in_grey():
    figure = maps.side_by_side(images(1), ["a"], {"m": np.array([[[-1.0, 3.0]]])}, {"m": True})
    map_ = figure.axes[1].images[0]
    assert map_.get_clim() == (-3, 3)
    against, none, for_ = (np.dot(map_.to_rgba(v)[:3], (0.3, 0.6, 0.1)) for v in (-3, 0, 3))
    assert none - against > 0.4
    assert against - for_ > 0.15


def test_rows_of_few_images_are_starred_and_empty_ones_hold_no_numbers():
    figure = confusion.confusion(np.array([[5, 1], [0, 0]]), ["a", "b"])
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert texts == ["83 %\n5", "17 %\n1", "", ""]
    assert [tick.get_text() for tick in figure.axes[0].get_yticklabels()] == ["a  6*", "b  0*"]


def test_boxes_of_several_networks_are_to_one_scale():
    def sides(blocks):
        block = {"kind": "convolution", "channels": 8, "layers": 1}
        drawn = networks.drawing({str(s): [block | {"height": s, "width": s}] for s in blocks})
        fronts = [patch.get_xy() for patch in drawn.axes[0].patches[::6]]
        return [float(np.ptp(corners[:, 1])) for corners in fronts]

    assert sides([48, 24, 12]) == pytest.approx([16, 8, 4])


def test_controls_stand_on_grey_and_missing_estimates_are_left_out():
    figure = charts.forest({"a": (np.nan,) * 3, "b*": (0.1, 0, 0.2)}, "x", controls=["b*"])
    assert [text.get_text() for text in figure.axes[0].texts] == ["10.0 %"]
    assert len(figure.axes[0].patches) == 1
    assert COLOURS[0] in {line.get_color() for line in figure.axes[0].lines}
