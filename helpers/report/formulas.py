"""TeX formulas as SVG inside the page: no script, no font, no network, the same on screen and on paper."""

import re
from functools import lru_cache
from html import escape

SIZE = 20.0  # the size that ziamath draws at; the page scales with its own em
HIGHEST = 25  # em; no formula is higher

ROWS = re.compile(r"\s*\\begin\{(align|aligned|split|gather|gathered|equation)(\*?)\}(.*)\\end\{\1\2\}\s*", re.DOTALL)

BLANKS = re.compile(r"(?<=[A-Z]) | (?=[A-Z-])")


def inline(tex: str) -> str:
    """A formula in a line of text, as HTML: SVG on the line's baseline, or the TeX itself as code."""
    return _svg(tex.strip(), True) or _as_code(tex)


def display(tex: str) -> str:
    """A formula on lines of its own, as HTML; the rows of `aligned` and its like are set one below the other."""
    rows = ROWS.fullmatch(tex)
    lines = re.split(r"\\\\(?:\[[^\]]*\])?", rows[3].replace("&", "")) if rows else [tex]
    drawn = [_svg(" ".join(line.split()), False) or _as_code(line) for line in lines if line.strip()]
    return "".join(f'<span class="formula">{line}</span>' for line in drawn)


def _as_code(tex: str) -> str:
    return f'<code class="tex">{escape(tex.strip())}</code>'


def _with_fixed_brackets(tex: str) -> str:
    """TeX with brackets of one size for those that grow, and without the invisible ones."""
    return re.sub(r"\\(left|right)(?![a-z])\s*(\.?)", lambda m: "" if m[2] else rf"\Big{m[1][0]}", tex)


@lru_cache(maxsize=1000)
def _svg(tex: str, in_line: bool) -> str | None:
    """The formula as an SVG element in units of em, its TeX as the accessible name; None if it cannot be drawn."""
    import ziamath

    # Glyphs as plain paths: with symbols, two formulas on one page would share identifiers.
    ziamath.config.svg2 = False
    ziamath.config.precision = 2
    try:
        drawing = ziamath.Latex(tex, size=SIZE, inline=in_line, margin=0, color="currentColor")
        # Around a sum with limits, brackets that should grow grow without end.
        if drawing.getsize()[1] > HIGHEST * SIZE and (fixed := _with_fixed_brackets(tex)) != tex:
            return _svg(fixed, in_line)
        svg = drawing.svg()
    except Exception:  # the parser's errors share no base class; TeX that fails is shown as TeX
        return None
    # A command that latex2mathml does not know comes out as its own name, a missing glyph as an empty box.
    text = "".join(drawing.mathml.itertext())
    if "\\" in text or any(ord(sign) > 126 and not drawing.font.glyphindex(sign) for sign in text if sign.isalpha()):
        return None
    width, height = drawing.getsize()
    left, top, *_ = map(float, re.search(r'viewBox="([^"]*)"', svg)[1].split())
    width += min(left, 0)  # an accent over the first letter would count as space before it
    box = f'viewBox="{max(left, 0):.2f} {top:.2f} {width:.2f} {height:.2f}"'
    style = f"width:{width / SIZE:.3f}em;vertical-align:{drawing.getyofst() / SIZE:.3f}em"
    height = f";height:{height / SIZE:.3f}em" if in_line else ""
    name = escape(tex, quote=True)
    # Outlines without the blanks that SVG does not need: a quarter less of them.
    paths = re.sub(r' d="[^"]*"', lambda outline: BLANKS.sub("", outline[0]), svg.partition(">")[2])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="math" role="img" aria-label="{name}" {box} '
        f'style="{style}{height}">{paths}'
    )
