"""Signs that the workbook's own fonts lack, Chinese for one: an installed font that has them, or a number instead."""

import platform
import re
import unicodedata
from functools import cache
from pathlib import Path

import matplotlib
from matplotlib.ft2font import FT2Font

OWN = Path(matplotlib.get_data_path(), "fonts", "ttf")
"""The fonts that come with matplotlib: the same on every machine."""

PREFERRED = (  # what a reader of Chinese would choose; any other font that has the signs comes after
    "Noto Sans CJK TC",
    "Noto Sans CJK",
    "Noto Sans TC",
    "Noto Sans SC",
    "Source Han Sans",
    "PingFang",
    "Heiti",
    "Hiragino Sans GB",
    "Microsoft JhengHei",
    "Microsoft YaHei",
    "WenQuanYi",
)
UNFIT = ("Last Resort", ".LastResort", "Adobe Blank", "Unifont")  # boxes, nothing, or pixels, for every sign there is
VARIANTS = frozenset(map(chr, range(0xFE00, 0xFE10)))
CHINESE = {
    "Linux": "install one, on Debian and Ubuntu `apt install fonts-noto-cjk`",
    "Darwin": "install one; macOS has PingFang and Heiti (Font Book)",
    "Windows": "install one; Windows has Microsoft YaHei (Settings, Optional features)",
}

_classes: list[str] = []
_numbers: dict[str, int] = {}
_told: set[str] = set()


def know(class_names) -> None:
    """Say which class has which number, for signs that cannot be drawn."""
    _classes[:] = class_names


def beyond(text: str, *files: str) -> set[str]:
    """The visible signs of a text that none of these files in ``OWN`` has."""
    if text.isascii():
        return set()
    own = frozenset().union(*(_signs(str(OWN / file)) for file in files))
    # Controls, spaces and the choosers of a variant draw nothing by themselves.
    return {s for s in set(text) if ord(s) not in own and unicodedata.category(s)[0] not in "CZ" and s not in VARIANTS}


def find(signs: set[str]) -> tuple[list, set[str]]:
    """Installed fonts (matplotlib's FontEntry) that have the signs, few and good ones, and the signs that none has."""
    chosen, absent = _find(frozenset(signs))
    return list(chosen), set(absent)


@cache
def _find(signs: frozenset[str]) -> tuple[tuple, frozenset[str]]:
    chosen, wanted = [], set(signs)
    for candidates in (_known, _new):
        for entry in candidates() if wanted else ():
            if had := {sign for sign in wanted if ord(sign) in _signs(entry.fname)}:
                chosen.append(entry)
                wanted -= had
            if not wanted:
                break
    return tuple(chosen), frozenset(wanted)


def _known() -> list:
    """Matplotlib's list of installed fonts, one entry a family, the preferred first."""
    from matplotlib.font_manager import fontManager  # slow, and most reports need no font beyond their own

    def rank(entry):
        place = next((i for i, name in enumerate(PREFERRED) if entry.name.startswith(name)), len(PREFERRED))
        return place, entry.name, entry.style != "normal", abs(int(entry.weight) - 400), str(entry.fname)

    entries = {}
    for entry in sorted(fontManager.ttflist, key=rank):
        fit = not entry.name.startswith(UNFIT) and "Emoji" not in entry.name
        if fit and OWN not in Path(entry.fname).parents and Path(entry.fname).is_file():
            entries.setdefault(entry.name, entry)
    return list(entries.values())


def _new() -> list:
    """The same after a look for fonts that were installed since matplotlib made its list."""
    from matplotlib.font_manager import findSystemFonts, fontManager

    known = {entry.fname for entry in fontManager.ttflist}
    for path in sorted(set(findSystemFonts()) - known):
        try:
            fontManager.addfont(path)
        except Exception:  # the errors of a font that cannot be read share no class
            continue
    return _known()


@cache
def _signs(path: str) -> frozenset[int]:
    """The code points that a font file has."""
    try:
        return frozenset(FT2Font(path).get_charmap())
    except (OSError, RuntimeError):
        return frozenset()


def without(text: str, absent: set[str]) -> str:
    """A text with the absent signs replaced: a class name by ``class 3``, anything else by ``[text 1]``."""
    if absent.isdisjoint(text):
        return text
    numbered = [(name, number) for number, name in enumerate(_classes) if not absent.isdisjoint(name)]
    for name, number in sorted(numbered, key=lambda pair: -len(pair[0])):
        text = text.replace(name, f"class {number}")
    for name, number in numbered:  # as helpers.figures.shorten cuts them
        for length in range(len(name) - 1, 0, -1):
            text = text.replace(f"{name[:length]}…", f"class {number}")
    run = "".join(map(re.escape, sorted(absent)))
    return re.sub(f"[{run}]+", lambda found: f"[text {_numbers.setdefault(found[0], len(_numbers) + 1)}]", text)


def warn(place: str, absent: set[str]) -> None:
    """Say once for each place that no font has some signs, and what to install."""
    if place in _told:
        return
    _told.add(place)
    chinese = any(unicodedata.name(sign, "").startswith("CJK") for sign in absent)
    remedy = CHINESE.get(platform.system(), "install one") if chinese else "install one, a Noto font for example"
    sample = "".join(sorted(absent)[:5]) + "…" * (len(absent) > 5)
    print(f"warning: no font here has {sample}, so {place} give numbers instead; {remedy}")


def prepare(figure) -> None:
    """Give the texts of a matplotlib Figure the fonts that have all their signs; replace what no font has."""
    from matplotlib.text import Text

    axes = [axis for ax in figure.axes for axis in (ax.xaxis, ax.yaxis)]
    labels = {axis: axis.get_ticklabels() for axis in axes}  # asking for them puts the words of categories in place
    texts = figure.findobj(Text)
    lacking = {text: signs for text in texts if (signs := beyond(text.get_text(), "DejaVuSans.ttf"))}
    if not lacking:
        return
    fonts, absent = find(set().union(*lacking.values()))
    if absent:
        warn("the figures", absent)
        for axis, ticks in labels.items():
            if any(not absent.isdisjoint(tick.get_text()) for tick in ticks):
                seen = axis.get_view_interval()
                # A tick's text is written anew at every drawing: the words must go into the axis itself.
                axis.set_ticks(axis.get_majorticklocs(), [without(tick.get_text(), absent) for tick in ticks])
                axis.set_view_interval(*seen, ignore=True)
    for text in lacking:
        text.set_text(without(text.get_text(), absent))
        family = text.get_fontfamily()
        text.set_fontfamily([*family, *(font.name for font in fonts if font.name not in family)])
