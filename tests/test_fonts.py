"""Signs of other scripts: drawn where a font has them, numbered where none has; never an empty box."""

import io

import pytest
from matplotlib.font_manager import FontEntry, fontManager

from helpers import fonts
from helpers.figures import base

NAMES = ["生氣", "害怕", "happy"]


@pytest.fixture
def no_font(monkeypatch):
    """A machine with matplotlib's own fonts only."""
    monkeypatch.setattr(fonts, "_known", list)
    monkeypatch.setattr(fonts, "_new", list)
    fresh(monkeypatch)


@pytest.fixture
def chinese():
    """Skips where no font has Chinese signs."""
    if fonts.find(fonts.beyond("".join(NAMES)))[1]:
        pytest.skip("no Chinese font is installed here (Debian: fonts-noto-cjk)")


def fresh(monkeypatch):
    fonts._find.cache_clear()
    for name, empty in (("_classes", []), ("_numbers", {}), ("_told", set())):
        monkeypatch.setattr(fonts, name, empty)


@pytest.fixture(autouse=True)
def forget(monkeypatch):
    fresh(monkeypatch)
    yield
    fonts._find.cache_clear()


def draw(names) -> base.Figure:
    figure = base.Figure(figsize=(5, 2))
    axes = figure.subplots()
    axes.set_xticks(range(len(names)), names)
    axes.set_yticks(range(len(names)), names)
    return figure


def drawn(names, kind="png") -> bytes:
    file = io.BytesIO()
    draw(names).savefig(file, format=kind, dpi=80)
    return file.getvalue()


def words(names) -> set[str]:
    """The words of the axes after they were drawn."""
    figure = draw(names)
    figure.savefig(io.BytesIO(), format="png", dpi=40)
    ax = figure.axes[0]
    return {label.get_text() for axis in (ax.xaxis, ax.yaxis) for label in axis.get_ticklabels()}


def test_what_our_fonts_lack():
    assert fonts.beyond("plain, naïve → ½ × ±\n") == set()
    assert fonts.beyond("a\u200b\u00a0\ufe0f") == set()
    assert fonts.beyond("a害b怕") == {"害", "怕"}


def test_latin_figures_are_as_matplotlib_draws_them(monkeypatch):
    ours = drawn(["angry", "fear", "naïve"])
    monkeypatch.setattr(base.Figure, "draw", base.mpl_figure.Figure.draw)
    assert drawn(["angry", "fear", "naïve"]) == ours


@pytest.mark.usefixtures("chinese")
@pytest.mark.filterwarnings("error:Glyph")  # matplotlib's word for an empty box
def test_chinese_class_names_are_drawn(capsys):
    assert words(NAMES) == set(NAMES)
    # Three glyphs that differ, where boxes would be the same.
    pictures = {drawn([sign, "b", "c"]) for sign in "生氣害"}
    assert len(pictures) == 3
    drawn(NAMES, "svg")
    assert capsys.readouterr().out == ""


@pytest.mark.usefixtures("chinese")
def test_a_font_newer_than_matplotlibs_list_is_found(monkeypatch):
    import matplotlib.font_manager as manager

    kept = [entry for entry in fontManager.ttflist if fonts.SHIPPED.as_posix() in str(entry.fname)]
    monkeypatch.setattr(fontManager, "ttflist", kept)
    manager._findfont_cached.cache_clear() if hasattr(manager, "_findfont_cached") else None
    assert fonts._known() == []
    found, absent = fonts.find({"害"})
    assert absent == set()
    assert isinstance(found[0], FontEntry)


@pytest.mark.usefixtures("no_font")
@pytest.mark.filterwarnings("error:Glyph")
def test_without_a_font_classes_go_by_their_number_and_it_is_said_once(capsys, monkeypatch):
    fonts.know(NAMES)
    assert words(NAMES) == {"class 0", "class 1", "happy"}
    assert words(["生氣", "happy", "害怕"]) == {"class 0", "happy", "class 1"}
    monkeypatch.setattr("platform.system", lambda: "Linux")
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 1
    assert "no font here has" in said[0]
    assert (
        fonts.without("害怕 → 生氣, 其他", fonts.beyond("害怕生氣其他"))
        == "class 1 → class 0, [text 1]"
    )
    fonts.know(["很長很長的名字"])
    assert fonts.without("很長很…: 3", set("很長的名字")) == "class 0: 3"


@pytest.mark.usefixtures("no_font")
@pytest.mark.parametrize(
    ("system", "remedy"),
    [("Linux", "fonts-noto-cjk"), ("Darwin", "PingFang"), ("Windows", "Microsoft JhengHei")],
)
def test_the_remedy_is_the_systems(system, remedy, capsys, monkeypatch):
    monkeypatch.setattr("platform.system", lambda: system)
    fonts.warn("the figures", {"害"})
    assert remedy in capsys.readouterr().out


@pytest.mark.filterwarnings("error:Glyph")
def test_text_and_figures_share_a_typeface():
    assert fonts.register()[0] == fonts.FAMILY
    figure = base.Figure()
    assert figure.text(0, 0, "→ ≥ σ").get_fontname() == fonts.FAMILY
