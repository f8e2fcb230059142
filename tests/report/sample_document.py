"""One made report with everything in it: every width of figure, tables, notes, formulas, failures, traps."""

import re
import tomllib
from html.parser import HTMLParser
from pathlib import Path

from matplotlib.figure import Figure as Drawing
from nbformat.v4 import new_code_cell, new_markdown_cell

from helpers import ROOT
from helpers.report.document import Document, Figure, Note, Reference, Section, Table

SIZES = {"text": (112, 62), "wide": (170, 72), "strip": (170, 24), "margin": (48, 40)}
TRAPS = (
    '#read("/etc/passwd") costs $5 and $$ more; <img src=x onerror=alert(1)> '
    "[a link](javascript:alert(1)) {{ 7*7 }} \u202egnp.exe ) ] #panic() @nobody // end"
)
TITLES = (
    ("The CNN", "The CNN recognises two of three faces; it gains nothing after epoch 60."),
    ("A network of dense layers", "Dense layers see pixels, not places: 20 points fewer."),
    ("Confusion", "Disgust is taken for anger more than for itself: 23 of 60 images."),
    ("Saliency maps", "Mouth and brows decide; the background is hardly looked at."),
)
PROSE = (
    "Happy faces are found best, and that is no wonder: every fourth training image shows one, and an open mouth with "
    "teeth is like nothing else in the data. Disgust is the opposite case, with 436 images and a nearest rival that "
    "shares its brows. The [logit](#term-logit) of the rival rises with it, as [Figure 1](#figure-1) shows."
)
WIDE = f"| by | formula |\n|---|---|\n| $x$ | $a = {' + '.join('abcdefgh' * 7)}$ |"
NOTE = "**Interval.** Wilson’s, at 95 %: it stays inside 0 to 1 even where an image or two decide [[1]](#reference-1)."


def draw(folder: Path, name: str, width: str) -> Path:
    """A small figure of the right size."""
    path = folder / "figures" / f"{name}.svg"
    path.parent.mkdir(exist_ok=True, parents=True)
    drawing = Drawing([length / 25.4 for length in SIZES[width]], layout="constrained")
    axes = drawing.subplots()
    axes.plot([1, 3, 2, 5, 4, 6])
    axes.set(xlabel="epoch", ylabel="accuracy")
    drawing.savefig(path, metadata={"Date": None})
    return path


def figure(folder: Path, number: int, width: str) -> Figure:
    caption = f"**Fear is lost among its neighbours.** Rows are classes (p < .05, *n* = {number})."
    alt = f"Curve number {number}: it rises to 6 & “falls” <once>."
    path = draw(folder, f"curve-{number}", width)
    return Figure(f"curve-{number}", path, caption, alt, width, str(number), f"figure-{number}")


def table(number: int, rows: int = 5) -> Table:
    cells = [
        [f"class {n} → class {n + 1}", f"{81.2 - 3 * n:.1f} %", f"{n + 1:,}"] for n in range(rows)
    ]
    raw = [[f"class {n} → class {n + 1}", (81.2 - 3 * n) / 100, n + 1] for n in range(rows)]
    caption = "**The most frequent mistakes.** A rate is the share of the true class."
    heads, columns = ["Taken for", "Rate", "Images"], ["pair", "rate", "images"]
    anchor = f"table-{number}"
    return Table(
        "pairs", heads, cells, [False, True, True], raw, columns, caption, str(number), anchor
    )


def section(folder: Path, number: int, title: str, short: str) -> Section:
    first = 3 * number - 2
    formula = (
        "The gradient is $\\partial z_k / \\partial x$, and the loss\n\n$$L = -\\sum_k q_k \\log p_k"
        " \\qquad p_k = \\frac{e^{z_k}}{\\sum_j e^{z_j}}$$"
    )
    main = figure(folder, first, "wide")
    return Section(
        str(number),
        title,
        f"question-{number}",
        question="Which classes are mistaken for which, and **why**?",
        points=1.0 if number == 1 else 2.5,
        short=short,
        answer=[PROSE, Note(NOTE)],
        parts=[
            main,
            f"{PROSE} {formula}",
            Note("A second note, which stands beside the table."),
            table(number, 20 if number == 1 else 5),
            PROSE,
            figure(folder, first + 1, "text"),
            figure(folder, first + 2, "margin"),
            "### What follows\n\n" + PROSE,
        ],
        more=[PROSE, figure(folder, 90 + number, "text"), table(90 + number, 3), WIDE],
        settings="- Baseline: mid-grey, 128\n- SmoothGrad: σ = .15, *n* = 50\n- Seeds: 0 to 4",
        doubt="The 1,000 images do not tell the two apart.",
        notebooks=[f"{number:02d}_notebook"],
        thumbnail=main,
    )


def sample(folder: Path, questions: int = len(TITLES), language: str = "en") -> Document:
    """A report of so many questions; the second is failed, the last has own words with traps."""
    sections = [section(folder, n + 1, *TITLES[n]) for n in range(questions)]
    sections[1].state = "failed"
    sections[1].notices = ["**Notebook 02 failed.** `ValueError`: <b>no data</b>"]
    sections[-1].own = f"I looked at 12 of them. {TRAPS}"
    sections[-1].collaborators = "B. Lin, 王小明"
    code = new_code_cell("x = 1 < 2  # why\nprint('<b>')")
    cells = [new_markdown_cell("## A step <script>"), code]
    author = {"name": "Ada Chen 陳雅達", "student_id": "r01234567", "department": "Science"}
    strip = Figure("strip", draw(folder, "strip", "strip"), alt="Seven faces, one of each class.")
    lecture = "Wilson, E. B. (1927). Probable inference & <more>"
    glossary = [(f"term {n}", PROSE[:110] + ".", f"term-{n}") for n in range(9)]
    return Document(
        title="Homework 4: explaining a CNN",
        language=language,
        subtitle="Machine learning, National Taiwan University",
        author=author,
        date="2025-04-18",
        sentence="The CNN is right for 66 % of faces it has never seen, and looks at mouths and brows to be so.",
        strip=strip,
        sections=sections,
        limits=[("One data set.", PROSE[:150] + "."), ("Maps.", PROSE[:140] + ".")],
        provenance=[("Networks.", "Trained here, `3f2a…`."), ("Data.", PROSE[:90])],
        missing="Not answered here: the bonus question.",
        facts=[("Command", "`make report`"), ("Packages", "keras 3.15, numpy 2.4")],
        references=[Reference(1, lecture, "https://doi.org/10.1/x_y", "reference-1")],
        glossary=[("logit", "A network’s output before the softmax.", "term-logit"), *glossary],
        words=tomllib.loads((ROOT / "helpers/answers/en/page.toml").read_text("utf-8"))["words"],
        code={f"{n + 1:02d}_notebook": cells for n in range(questions)},
    )


class Page(HTMLParser):
    """What stands in HTML: its text, and its tags with their attributes."""

    def __init__(self, text: str):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(re.sub(r"<style>.*?</style>", "<style></style>", text, flags=re.DOTALL))

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.text += data

    def all(self, name: str) -> list:
        return [attributes[name] for _, attributes in self.tags if name in attributes]
