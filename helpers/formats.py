"""How a number or a text is set: one way for every sentence, cell and language."""

import math
import re

from markupsafe import Markup

from helpers.stats import Estimate

MARKS = re.compile("[\ue000-\ue003]")
SPECIAL = re.compile(r"([\\`*_\[\]<>$|{}~#^@!&\"'])|(?<![\w])([-+=:])|(\.)(?=\.)")
LINE_START = re.compile(r"^(\d+)([.)])(?=\s)", re.MULTILINE)
BLANK = "\u00a0"


def plain(text) -> Markup:
    """Any text as Markdown that shows just that text."""
    flat = re.sub(r"[^\S\u00a0]+", " ", MARKS.sub("", str(text)))
    escaped = SPECIAL.sub(lambda found: f"\\{found[0]}", flat)
    return Markup(LINE_START.sub(r"\1\\\2", escaped))


class Numbers:
    """How a language sets numbers.

    Args:
        style: ``percent``, ``interval``, ``and``, ``comma`` (the table [numbers] of page.toml).
        classes: names of classes in this language, by the data's own.
    """

    def __init__(self, style: dict, classes: dict):
        self.style, self.classes = style, classes

    def pct(self, value, digits: int = 0) -> str:
        return self.style["percent"].format(f"{100 * _number(value):.{digits}f}").replace("-", "−")

    def points(self, value) -> str:
        return _signed(100 * _number(value), 1)

    def signed(self, value) -> str:
        return _signed(_number(value), 2)

    def num(self, value, digits: int = 2) -> str:
        return f"{_number(value):,.{digits}f}".replace("-", "−")

    def count(self, value) -> str:
        return f"{int(value):,}"

    def p(self, value) -> str:
        """``p = .032``, ``p < .001``; below .05 it says so where rounding would hide it."""
        found = self.p_value(value)
        return f"p{BLANK}{found}" if found.startswith("<") else f"p{BLANK}={BLANK}{found}"

    def p_value(self, value) -> str:
        value = value.p if isinstance(value, Estimate) else value
        if value is None:
            return "–"
        if 0.0495 <= value < 0.05:
            return f"<{BLANK}.05"
        if value < 0.001:
            return f"<{BLANK}.001"
        return f"{value:.3f}".lstrip("0") if value < 1 else "1"

    def interval(self, value: Estimate, form: str = "pct") -> str:
        """``78.6 to 83.5``; ``form`` as for ``cell``."""
        if math.isnan(value.low):
            return "–"
        digits = {"pct": 1, "points": 1, "num3": 3}.get(form, 2)
        factor = 100 if form in ("pct", "points") else 1
        signed = form in ("points", "signed")
        ends = [factor * value.low, factor * value.high]
        texts = [_signed(end, digits) if signed else self.num(end, digits) for end in ends]
        return self.style["interval"].format(*texts)

    def listed(self, names) -> Markup:
        """``a``, ``a and b``, ``a, b and c``."""
        names = [name if isinstance(name, Markup) else plain(name) for name in names]
        if len(names) < 2:
            return Markup("").join(names)
        first = Markup(self.style["comma"]).join(names[:-1])
        return first + Markup(self.style["and"]) + names[-1]

    def cls(self, name: str) -> str:
        return self.classes.get(name, name)

    def cell(self, value, form="text") -> str:
        """A table's cell as plain text; ``form`` is a name or a dictionary of words for values."""
        if isinstance(form, dict) and value is not None:
            return str(form.get(value, form.get(str(value), value)))
        empty = isinstance(value, float | Estimate) and math.isnan(_number(value))
        if value is None or empty:
            return "–"
        if form == "interval":
            return self.interval(value)
        if form == "class":
            return self.cls(value)
        if form == "p":
            return self.p_value(value)
        if form in ("text", "int"):
            return self.count(value) if isinstance(value, int) else str(value)
        found = {
            "pct": self.pct(value, 1),
            "points": self.points(value),
            "signed": self.signed(value),
            "num": self.num(value),
            "num3": self.num(value, 3),
        }[form]
        if isinstance(value, Estimate) and not math.isnan(value.low):
            found += f" ({self.interval(value, form)})"
        return found


def _number(value) -> float:
    return float(value.value if isinstance(value, Estimate) else value)


def _signed(value: float, digits: int) -> str:
    return f"{round(value, digits) or 0:+.{digits}f}".replace("-", "−")  # never −0.0


def as_table(columns: list[str], rows: list[list]) -> str:
    """A table as Markdown, as a notebook shows it: raw values, three places."""
    numbers = Numbers({"percent": "{} %", "interval": "{} to {}"}, {})

    def cell(value) -> str:
        form = "num3" if isinstance(value, float | Estimate) else "text"
        return str(plain(numbers.cell(value, form)))

    lines = [[plain(column) for column in columns], ["---"] * len(columns)]
    lines += [[cell(value) for value in row] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
