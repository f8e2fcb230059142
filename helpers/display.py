"""What a run shows: figures as repeatable bytes, tables as escaped HTML, and the report's marks on each.

Every display carries `metadata["workbook"]`, by which the report knows it; the rest serves JupyterLab.
"""

import base64
import io
import math
import numbers
import os
import re
from html import escape

from helpers.errors import UserError

NUMBER = re.compile(r"[-−+±<≈ ]*[.,]?\d[\d.,\u202f\u00a0 ]*%?( ?[(\[][-−–+.,\d% ]+[)\]])?")
"""A number as a cell may hold it: ``8,000``, ``81.2 %``, ``.81 (.79–.83)``."""


def render(figure, label: str, vector: bool | None = None) -> tuple[str, bytes]:
    """A matplotlib figure as ("svg" or "png", bytes), and the figure closed.

    The same figure gives the same bytes: no date, no version, identifiers drawn from the label.
    """
    import matplotlib as mpl
    from matplotlib import pyplot as plt
    from matplotlib.image import AxesImage, BboxImage, FigureImage

    if vector is None:
        vector = not figure.findobj(lambda artist: isinstance(artist, AxesImage | BboxImage | FigureImage))
    suffix = "svg" if vector else "png"
    options = {"metadata": {"Date": None}} if vector else {"metadata": {"Software": None}, "dpi": 200}
    buffer = io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": label}):
        figure.savefig(buffer, format=suffix, **options)
    plt.close(figure)
    return suffix, buffer.getvalue()


def prepare_lab() -> None:
    """Make a kernel that somebody watches show figures as pictures, and errors of the user's in one sentence."""
    import matplotlib as mpl
    from IPython import get_ipython
    from IPython.core.pylabtools import select_figure_formats

    shell = get_ipython()
    if shell is None or os.environ.get("WORKBOOK_HEADLESS"):
        return
    select_figure_formats(shell, {"png"})
    mpl.rcParams["figure.dpi"] = 144  # 6.5 inches fill a notebook's page

    def stopped(shell, kind, error, traceback, tb_offset=None):
        sentence = "Stopped. Run the cell again: a training goes on after the last epoch that it finished."
        shell._showtraceback(kind, sentence, [sentence])

    shell.set_custom_exc((KeyboardInterrupt,), stopped)
    # Not a handler of the shell's: what a widget calls fails outside of a cell, where handlers are not asked.
    UserError._render_traceback_ = lambda error: [str(error)]


def figure(suffix: str, content: bytes, *, label: str, caption: str, alt: str, more: bool) -> None:
    """Show a figure's bytes, with its caption below."""
    if suffix == "svg":
        data = {"image/svg+xml": content.decode(), "text/plain": alt}
    else:
        data = {"image/png": base64.b64encode(content).decode(), "text/plain": alt}
    _display(data, kind="figure", label=label, caption=caption, alt=alt, more=more)
    _display({"text/markdown": f"**{label}** · {_markdown(caption)}"}, kind="caption")


def table(columns: list[str], rows: list[list], *, label: str, caption: str, more: bool) -> None:
    """Show a table, with its caption below.

    Raises:
        ValueError: a row of another length than ``columns``.
    """
    for row in rows:
        if len(row) != len(columns):
            raise ValueError(f"a row of {len(row)} cells under {len(columns)} columns: {row}")
    cells, numeric = _cells(columns, rows)
    data = {"text/html": _html(columns, cells, numeric), "text/plain": _plain(columns, cells, numeric)}
    _display(data, kind="table", label=label, caption=caption, more=more)
    _display({"text/markdown": f"**{label}** · {_markdown(caption)}"}, kind="caption")


def text_table(columns: list[str], rows: list[list]) -> str:
    """A table as a terminal shows it, columns of numbers set to the right."""
    return _plain(columns, *_cells(columns, rows))


def text(markdown: str) -> None:
    """Show a computed sentence."""
    _display({"text/markdown": _markdown(markdown)}, kind="text", text=markdown)


def answer(question: str, *, short: str, text: str, key, key_label: str | None, **more) -> None:
    """Show the answer to a question; ``more`` (topic, doubt) is for the report only."""
    key = None if key is None else _cell(key)
    number = "" if key is None else f"\n\n**{key}** {key_label or ''}"
    shown = _markdown(f"**Answer to {question}.** {short}{number}\n\n{text}")
    _display(
        {"text/markdown": shown},
        kind="answer",
        question=question,
        short=short,
        text=text,
        key=key,
        key_label=key_label,
        **more,
    )


def _display(data: dict, **workbook) -> None:
    from IPython import get_ipython
    from IPython.display import display

    if get_ipython() is not None:  # outside a notebook there is nowhere to show anything
        display(data, raw=True, metadata={"workbook": workbook})


def _markdown(source: str) -> str:
    """Markdown as JupyterLab should show it: tags as text, references as the label in quotes, citations as the key."""
    source = re.sub(r"<(?=[A-Za-z/!?])", "&lt;", source)
    return re.sub(r"\{cite:([^}]*)\}", r"[\1]", re.sub(r"\{ref:([^}]*)\}", r"“\1”", source))


def _cell(value) -> str:
    """A cell's text: whole numbers grouped, fractions to three places, a dash for nothing."""
    if value is None or (isinstance(value, numbers.Real) and not math.isfinite(value)):
        return "–"
    if isinstance(value, numbers.Integral) and not isinstance(value, bool):
        return f"{int(value):,}"
    if isinstance(value, numbers.Real) and not isinstance(value, bool):
        return f"{float(value):,.3f}"
    return str(value)


def _cells(columns: list[str], rows: list[list]) -> tuple[list[list[str]], list[bool]]:
    """The texts of a table's cells, and which columns hold numbers only."""
    cells = [[_cell(value) for value in row] for row in rows]
    return cells, [all(NUMBER.fullmatch(row[i]) or row[i] in ("", "–") for row in cells) for i in range(len(columns))]


def _html(columns: list[str], cells: list[list[str]], numeric: list[bool]) -> str:
    styles = [
        ' class="number" style="text-align: right"' if right else ' style="text-align: left"' for right in numeric
    ]
    head = "".join(f'<th scope="col"{style}>{escape(name)}</th>' for name, style in zip(columns, styles, strict=True))
    body = "".join(
        "<tr>" + "".join(f"<td{style}>{escape(cell)}</td>" for cell, style in zip(row, styles, strict=True)) + "</tr>\n"
        for row in cells
    )
    return f'<table class="workbook">\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>'


def _plain(columns: list[str], cells: list[list[str]], numeric: list[bool]) -> str:
    rows = [columns, *cells]
    widths = [max(len(row[i]) for row in rows) for i in range(len(columns))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, numeric, strict=True)
        ).rstrip()
        for row in rows
    )
