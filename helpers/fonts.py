"""The typeface of text and figures, and what to do about signs that it lacks, Chinese for one.

It is STIX, which comes with matplotlib and looks like Times; Typst reads the same files.
"""

import platform
import re
import unicodedata
from functools import cache
from pathlib import Path

import matplotlib
from matplotlib.ft2font import FT2Font

OWN = ("STIXGeneral", "DejaVu Sans")
"""Families of text, the first for all that it has; the second has the signs of many languages."""
FOLDER = Path(matplotlib.get_data_path(), "fonts", "ttf")
"""Where matplotlib has both."""
PREFERRED = (  # what a reader of Chinese would choose; any other font that has the signs comes after
    "Noto Serif CJK TC", "Source Han Serif TC", "Songti TC", "Noto Sans CJK TC", "PingFang TC",
    "Microsoft JhengHei", "Noto Serif CJK", "Noto Sans CJK",
)  # fmt: skip
UNFIT = re.compile("LastResort|Last Resort|Adobe Blank|Unifont|Emoji|Mono")  # boxes, pixels
REMEDIES = {
    "Linux": "on Debian and Ubuntu `apt install fonts-noto-cjk`",
    "Darwin": "PingFang TC for example (Font Book)",
    "Windows": "Microsoft JhengHei for example (Settings, Optional features)",
}

_classes: list[str] = []
_told: set[str] = set()


def know(class_names) -> None:
    """Say which class has which number, and let matplotlib draw their names."""
    _classes[:] = class_names
    matplotlib.rcParams["font.family"] = families()


def families(text: str = "") -> list[str]:
    """The families that draw a text and the classes' names: ours, then installed ones."""
    return [*OWN, *_cover(_beyond(text + "".join(_classes)))[0]]


def shown(text: str) -> str:
    """A text without the signs that no font here has: ``class 3`` for a class's name, or ``?``.

    The first time one warning names them, and what to install.
    """
    absent = _cover(_beyond(text))[1]
    if not absent:
        return text
    if not absent <= _told:
        _told.update(absent)
        sample = "".join(sorted(absent)[:5]) + "…" * (len(absent) > 5)
        remedy = REMEDIES.get(platform.system(), "a Noto font for example")
        print(f"warning: no font here has {sample}: install one, {remedy}")
    for number, name in sorted(enumerate(_classes), key=lambda pair: -len(pair[1])):
        if not absent.isdisjoint(name):
            text = text.replace(name, f"class {number}")
    return "".join("?" if sign in absent else sign for sign in text)


def _beyond(text: str) -> frozenset[str]:
    """The visible signs of a text that our fonts lack."""
    if text.isascii():
        return frozenset()
    own = _signs(FOLDER / "STIXGeneral.ttf") | _signs(FOLDER / "DejaVuSans.ttf")
    strange = {sign for sign in text if ord(sign) not in own and not "\ufe00" <= sign <= "\ufe0f"}
    # Controls and spaces draw nothing.
    return frozenset(sign for sign in strange if unicodedata.category(sign)[0] not in "CZ")


@cache
def _cover(wanted: frozenset[str]) -> tuple[tuple[str, ...], frozenset[str]]:
    """Installed families that have the signs, few and good ones, and the signs that none has."""
    chosen = []
    for entry in _installed() if wanted else ():
        if had := {sign for sign in wanted if ord(sign) in _signs(entry.fname)}:
            chosen.append(entry.name)
            wanted -= had
    return tuple(chosen), wanted


@cache
def _installed() -> list:
    """Matplotlib's FontEntry of every font that may be read, the preferred first."""
    from matplotlib.font_manager import findSystemFonts, fontManager  # slow

    for path in sorted(set(findSystemFonts()) - {entry.fname for entry in fontManager.ttflist}):
        try:  # installed since matplotlib made its list
            fontManager.addfont(path)
        except Exception:  # the errors of a font that cannot be read share no class
            continue

    def rank(entry):
        places = (n for n, name in enumerate(PREFERRED) if entry.name.startswith(name))
        look = (entry.style != "normal", abs(int(entry.weight) - 400), str(entry.fname))
        return next(places, len(PREFERRED)), entry.name, *look

    return sorted((e for e in fontManager.ttflist if not UNFIT.search(e.name)), key=rank)


@cache
def _signs(path) -> frozenset[int]:
    """The code points that a font file has."""
    try:
        return frozenset(FT2Font(str(path)).get_charmap())
    except (OSError, RuntimeError):
        return frozenset()
