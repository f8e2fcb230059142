"""Signs of other scripts: drawn where a font has them, told by number where none has."""

import io

import matplotlib as mpl
import pytest

from helpers import fonts
from helpers.figures import base

NAMES = ["生氣", "害怕", "happy"]


@pytest.fixture(autouse=True)
def forget(monkeypatch):
    for name, empty in (("_classes", []), ("_told", set())):
        monkeypatch.setattr(fonts, name, empty)
    fonts._cover.cache_clear()
    with mpl.rc_context():
        yield
    fonts._cover.cache_clear()


@pytest.fixture
def no_font(monkeypatch):
    """A machine with matplotlib's own fonts only."""
    monkeypatch.setattr(fonts, "_installed", list)


@pytest.fixture
def chinese():
    """Skips where no font has Chinese signs."""
    if fonts.shown("".join(NAMES)) != "".join(NAMES):
        pytest.skip("no Chinese font is installed here (Debian: fonts-noto-cjk)")


def drawn(name: str) -> bytes:
    figure, file = base.Figure(figsize=(1, 1)), io.BytesIO()
    figure.text(0, 0.5, base.shorten(name))
    figure.savefig(file, format="png", dpi=80)
    return file.getvalue()


def test_text_and_figures_share_a_typeface():
    assert (
        fonts.families("plain, naïve → ½ × ± ≥ σ ✗\n\u200b\u00a0\ufe0f")
        == fonts.families()
        == list(fonts.OWN)
    )
    assert base.Figure().text(0, 0, "x").get_fontname() == "STIXGeneral"


@pytest.mark.usefixtures("chinese")
@pytest.mark.filterwarnings("error:Glyph")  # matplotlib's word for an empty box
def test_chinese_class_names_are_drawn(capsys):
    fonts.know(NAMES)
    assert len({drawn(sign) for sign in "生氣害"}) == 3  # boxes would be the same
    assert capsys.readouterr().out == ""


@pytest.mark.usefixtures("no_font")
@pytest.mark.filterwarnings("error:Glyph")
def test_without_a_font_classes_go_by_their_number_and_it_is_said_once(capsys):
    fonts.know(NAMES)
    assert fonts.shown("害怕 → 生氣, 其他, happy") == "class 1 → class 0, ??, happy"
    assert drawn("生氣") == drawn("class 0")
    said = capsys.readouterr().out.splitlines()
    assert [line.startswith("warning: no font here has") for line in said] == [True]
