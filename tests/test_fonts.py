"""Signs of other scripts: drawn where a font has them, numbered where none has; never an empty box."""

import io
import unicodedata

import numpy as np
import pytest
import render_samples as samples
from matplotlib.font_manager import FontEntry, fontManager
from PIL import Image

from helpers import display, figures, fonts
from helpers.figures import base
from helpers.report import pdf
from helpers.report.render import render

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
    if fonts.find(fonts.beyond("".join(NAMES), "DejaVuSans.ttf"))[1]:
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


def drawn(names, vector=False) -> bytes:
    figure = figures.confusion(np.arange(9).reshape(3, 3), names)
    return display.render(figure, "confusion", vector)[1]


def words(names) -> set[str]:
    """The words of a confusion matrix after it was drawn."""
    figure = figures.confusion(np.arange(9).reshape(3, 3), names)
    figure.savefig(io.BytesIO(), format="png", dpi=40)
    ax = figure.axes[0]
    return {label.get_text().split("\n")[0] for axis in (ax.xaxis, ax.yaxis) for label in axis.get_ticklabels()}


def test_what_our_fonts_lack():
    assert fonts.beyond("plain, naïve → ½ × ±\n", "DejaVuSans.ttf") == set()
    assert fonts.beyond("a\u200b\u00a0\ufe0f", "DejaVuSans.ttf") == set()
    assert fonts.beyond("a害b怕", "STIXGeneral.ttf", "DejaVuSans.ttf") == {"害", "怕"}


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
    assert Image.open(io.BytesIO(drawn(NAMES))).size[0] > 500
    drawn(NAMES, vector=True)
    assert capsys.readouterr().out == ""


@pytest.mark.usefixtures("chinese")
def test_a_font_newer_than_matplotlibs_list_is_found(monkeypatch):
    import matplotlib.font_manager as manager

    kept = [entry for entry in fontManager.ttflist if fonts.OWN.as_posix() in str(entry.fname)]
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
        fonts.without("害怕 → 生氣, 其他", fonts.beyond("害怕生氣其他", "DejaVuSans.ttf"))
        == "class 1 → class 0, [text 1]"
    )
    fonts.know(["很長很長的名字"])
    assert fonts.without(f"{figures.shorten('很長很長的名字', 4)}: 3", set("很長的名字")) == "class 0: 3"


@pytest.mark.usefixtures("no_font")
@pytest.mark.parametrize(
    ("system", "remedy"), [("Linux", "fonts-noto-cjk"), ("Darwin", "PingFang"), ("Windows", "Microsoft YaHei")]
)
def test_the_remedy_is_the_systems(system, remedy, capsys, monkeypatch):
    monkeypatch.setattr("platform.system", lambda: system)
    fonts.warn("the figures", {"害"})
    assert remedy in capsys.readouterr().out


def paper(folder, name) -> str:
    pypdf = pytest.importorskip("pypdf")
    if not pdf.available():
        pytest.skip("PlutoPrint has no package for this system")
    run, sources = samples.make_run(folder, hostile=name)
    render(run, sources)
    document = pypdf.PdfReader(run / "report.pdf")
    # Some fonts tell that a sign is its look-alike radical; a search for text takes both for one.
    return unicodedata.normalize("NFKC", "\n".join(page.extract_text() for page in document.pages))


@pytest.mark.usefixtures("chinese")
def test_chinese_text_is_in_the_pdf(tmp_path, capsys):
    text = paper(tmp_path, "害怕與恐懼")
    assert text.count("害怕與恐懼") >= 3
    assert "\ufffd" not in text
    assert "no font" not in capsys.readouterr().out
    assert "害怕與恐懼" in (tmp_path / "faces" / "report.html").read_text("utf-8")


@pytest.mark.usefixtures("no_font")
def test_without_a_font_the_pdf_has_numbers_and_no_empty_boxes(tmp_path, capsys):
    text = paper(tmp_path, "害怕與恐懼")
    assert "害" not in text
    assert text.count("class 6") >= 3
    assert "\ufffd" not in text
    said = [line for line in capsys.readouterr().out.splitlines() if "no font here has" in line]
    assert len(said) == 1
    assert "害怕與恐懼" in (tmp_path / "faces" / "report.html").read_text("utf-8")  # the browser has its own fonts
