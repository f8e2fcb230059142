"""A made run folder for the report's tests: three notebooks as papermill leaves them, with every kind of output."""

import base64
import functools
import io
import json
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

CLASSES = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]
HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'
COMMIT = "3f1c2a9be0d14c55a7c90b6f1de2a84c77f0e6b1"


def display(data: dict, **mark) -> dict:
    return {
        "output_type": "display_data",
        "data": data,
        "metadata": {"workbook": mark} if mark else {},
    }


def caption(text: str) -> dict:
    return display({"text/markdown": text}, kind="caption")


def figure(drawing: Figure, label: str, text: str, alt: str = "", more: bool = False) -> list[dict]:
    buffer = io.BytesIO()
    vector = not any(axes.images for axes in drawing.axes)
    if vector:
        with mpl.rc_context({"svg.hashsalt": label}):
            drawing.savefig(buffer, format="svg", metadata={"Date": None})
        data = {"image/svg+xml": buffer.getvalue().decode()}
    else:
        drawing.savefig(buffer, format="png", dpi=200, metadata={"Software": None})
        data = {"image/png": base64.b64encode(buffer.getvalue()).decode()}
    alt = alt or f"{label} in words"
    mark = {"kind": "figure", "label": label, "caption": text, "alt": alt, "more": more}
    return [display({**data, "text/plain": alt}, **mark), caption(text)]


def table(
    columns: list[str], rows: list[list[str]], label: str, text: str, more: bool = False
) -> list[dict]:
    from html import escape

    right = [
        all(row[i][:1].isdigit() and "to" not in row[i] and "×" not in row[i] for row in rows)
        for i in range(len(columns))
    ]
    style = [' class="number" style="text-align: right"' if number else "" for number in right]

    def cells(tag, row):
        return "".join(
            f"<{tag}{look}>{escape(cell)}</{tag}>" for cell, look in zip(row, style, strict=True)
        )

    body = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    head = cells("th", columns)
    html = f'<table class="workbook"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    mark = {"kind": "table", "label": label, "caption": text, "more": more}
    return [display({"text/html": html, "text/plain": "a table"}, **mark), caption(text)]


def say(text: str) -> dict:
    return display({"text/markdown": text}, kind="text", text=text)


def answer(question: str, short: str, text: str, key=None, key_label=None, topic=None) -> dict:
    mark = {
        "topic": topic,
        "question": question,
        "short": short,
        "text": text,
        "key": key,
        "key_label": key_label,
    }
    return display({"text/markdown": text}, kind="answer", **mark)


def log(*lines: str, name: str = "stdout") -> dict:
    return {"output_type": "stream", "name": name, "text": "".join(f"{line}\n" for line in lines)}


def prose(source: str, *tags: str) -> dict:
    return {
        "cell_type": "markdown",
        "id": "same",
        "metadata": {"tags": list(tags)},
        "source": source,
    }


def code(source: str, *outputs, tags=()) -> dict:
    flat = [one for output in outputs for one in (output if isinstance(output, list) else [output])]
    metadata = {"tags": list(tags)}
    return {
        "cell_type": "code",
        "id": "same",
        "metadata": metadata,
        "source": source,
        "execution_count": 1,
        "outputs": flat,
    }


# --- drawings as the notebooks make them ---

STYLE = {
    "font.size": 8.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.constrained_layout.use": True,
}


def drawing(width: float, height: float, columns: int = 1, rows: int = 1):
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        return figure, figure.subplots(rows, columns, squeeze=False)


def curves(title: str) -> Figure:
    with mpl.rc_context(STYLE):
        figure, axes = drawing(6.5, 2.6, 2)
        epochs = np.arange(1, 25)
        for axis, name in zip(axes[0], ["loss", "accuracy"], strict=True):
            fall = np.exp(-epochs / 7)
            low, high = (
                (1.7 * fall + 0.3, 1.6 * fall + 0.5)
                if name == "loss"
                else (0.93 - 0.7 * fall, 0.86 - 0.6 * fall)
            )
            axis.plot(epochs, low, color="#0b5f7d", label="training")
            axis.plot(epochs, high, color="#c8641b", ls="--", label="validation")
            axis.axvline(19, color="#999", lw=0.8)
            axis.set(xlabel="epoch", ylabel=name)
        axes[0, 0].legend(frameon=False)
        return figure


def confusion() -> Figure:
    with mpl.rc_context(STYLE):
        figure, axes = drawing(5.2, 4.2)
        rates = np.random.default_rng(1).dirichlet(np.ones(7), 7) * 0.3 + np.eye(7) * 0.7
        image = axes[0, 0].imshow(rates, cmap="cividis", vmin=0, vmax=1)
        for (row, column), rate in np.ndenumerate(rates):
            axes[0, 0].text(
                column,
                row,
                f"{rate:.2f}",
                ha="center",
                va="center",
                color="w" if rate < 0.5 else "k",
            )
        axes[0, 0].set_xticks(range(7), CLASSES, rotation=40)
        axes[0, 0].set_yticks(range(7), CLASSES)
        axes[0, 0].set(xlabel="predicted", ylabel="true")
        figure.colorbar(image, label="share of the class")
        return figure


def montage(columns: int, rows: int, width: float = 6.5) -> Figure:
    with mpl.rc_context(STYLE):
        figure, axes = drawing(width, width / columns * rows + 0.25 * rows, columns, rows)
        y, x = np.mgrid[-1:1:48j, -1:1:48j]
        for index, axis in enumerate(axes.flat):
            noise = np.random.default_rng(index).normal(0, 0.06, (48, 48))
            face = np.where(x**2 + (y * 0.8) ** 2 < 0.6, 0.75 - 0.2 * x, 0.25)
            face = np.where((abs(abs(x) - 0.3) < 0.09) & (abs(y + 0.2) < 0.06), 0.1, face)
            mouth = abs(y - 0.35 - 0.3 * (index % 3 - 1) * x**2) < 0.05
            axis.imshow(
                np.where(mouth & (abs(x) < 0.3), 0.15, face) + noise, cmap="gray", vmin=0, vmax=1
            )
            axis.set_title(CLASSES[index % 7], fontsize=8.5)
            axis.axis("off")
        return figure


# --- the three notebooks ---

PARAMETERS = 'dataset = "faces"\ndata = None\nrun = "lab"\nseed = 0\nquick = False'
OPEN = 'from helpers.run import Run\n\nrun = Run.open(dataset, data=data, run=run, seed=seed, notebook="01_train_cnn")'


def start(name: str, title: str) -> list[dict]:
    number = name[:2]
    return [
        prose(f"# {number} · {title}\n\nReads the data set, writes models; takes a minute."),
        code(PARAMETERS, tags=["parameters"]),
        code('run = "faces"\nquick = True', tags=["injected-parameters"]),
        prose("## Set-up"),
        code(f"import numpy as np\n{OPEN}"),
    ]


@functools.cache  # drawing takes longer than rendering
def first(hostile: str = "") -> list[dict]:
    layers = [
        [f"block{b}_{kind}", f"{s}×{s}×{c}", n]
        for b, s, c in ((1, 48, 24), (2, 24, 48), (3, 12, 96))
        for kind, n in (("conv1", f"{c * 216:,}"), ("conv2", f"{c * 432:,}"), ("pool", "0"))
    ]
    layers += [["dense", "128", "12,416"], ["logits", "7", "903"]]
    sets = [
        ["train", "8,000", "fits the weights", "0.931", "0.925 to 0.936"],
        ["validation", "1,000", "chose the epoch (optimistic)", "0.846", "0.822 to 0.867"],
        ["test", "1,000", "nothing: the final test", "0.838", "0.814 to 0.860"],
    ]
    ablation = [
        ["raw", "no", "0.702"],
        ["raw", "yes", "0.751"],
        ["normalised", "no", "0.774"],
        ["normalised", "yes", "0.812"],
    ]
    training = [
        f"epoch {n:2d}/60: loss {2 / n:.3f}, accuracy {1 - 1 / (n + 1):.3f}, 1.9 s"
        for n in range(1, 61)
    ]
    classes = [*CLASSES[:6], hostile or "neutral"]
    return [
        *start("01_train_cnn", "The convolutional network"),
        prose(
            "## The data\n\nImages are used as they are stored, 48×48 pixels with values from 0 to 255. "
            "Each class has its share of nuisances: light, pose and noise."
        ),
        code(
            'run.show(figures.montage(data.train), caption="One image a class.", label="examples")',
            figure(
                montage(7, 1),
                "examples",
                f"One training image of each class: {', '.join(classes)}.",
            ),
        ),
        code(
            'run.table(["Set", "Images"], rows, caption="Which data did what.", label="sets")',
            table(
                ["Set", "Images", "Use", "Accuracy", "95 % interval"],
                sets,
                "sets",
                "Which data did what. An interval is Wilson's; a set that chose something is optimistic.",
            ),
            say("The three sets share no image: every image's hash was compared."),
        ),
        prose(
            "## The network\n\nThe network takes raw pixels: its first layer computes $\\hat x = (x - \\mu) / \\sigma$ "
            "with the training set's mean and deviation. Residual blocks follow "
            "([He et al. 2016](https://arxiv.org/abs/1512.03385)). For softmax outputs $p_k$ "
            "and smoothed labels the loss is\n\n"
            "$$\\ell(x, y) = -\\sum_{k=1}^{K} "
            "\\left( (1-\\varepsilon)\\,y_k + \\frac{\\varepsilon}{K} \\right) \\log p_k .$$\n\n"
            "Nothing is normalised outside the model."
        ),
        code(
            'network = models.cnn(run.recipe)\nrun.table(["Layer", "Output", "Parameters"], layers(network))',
            table(
                ["Layer", "Output", "Parameters"],
                layers,
                "layers",
                "The layers, their outputs and parameters.",
            ),
        ),
        prose("## Training"),
        code(
            "history = fit(network, data.train, data.validation, run.recipe)",
            log(*training),
            log("WARNING: the oneDNN custom operations are on.", name="stderr"),
        ),
        code(
            'run.show(figures.history(history), caption=caption, alt=alt, label="history")',
            figure(
                curves("cnn"),
                "history",
                "Loss and accuracy of the CNN against the epoch, for training and "
                "validation; the grey line marks the epoch that was kept, 19.",
            ),
            say(
                "Validation loss stops falling at **epoch 19**, while training loss goes on: from there the "
                "network overfits, if mildly. The interval of {ref:sets} is "
                "$\\hat p \\pm z\\sqrt{\\hat p(1-\\hat p)/n}$ at first order."
            ),
        ),
        prose("## Normalisation and augmentation"),
        code(
            'run.table(columns, rows, caption=caption, label="ablation")',
            table(
                ["Input", "Augmented", "Accuracy"],
                ablation,
                "ablation",
                "Accuracy on validation data after equal epochs, with one seed. Compare {ref:history}.",
            ),
            table(
                ["Class", "Images"],
                [[name, "1,143"] for name in classes],
                "counts",
                "Images of each class.",
                more=True,
            ),
            figure(
                curves("two"), "ablation-curves", "The four trainings against the epoch.", more=True
            ),
        ),
        prose("## Answer"),
        code(
            'run.answer("Q1", short=short, text=text, key=f"{accuracy:.3f}", key_label="CNN accuracy on test data")',
            answer(
                "Q1",
                "A CNN of 85,231 parameters names **84 of 100** faces that it has not seen.",
                "It has six convolutions in three blocks ({ref:layers}), was trained for 24 epochs and reaches "
                "0.838 (95 % interval 0.814 to 0.860) on the test set ({ref:sets}).",
                "0.838",
                "CNN accuracy on test data",
                "cnn",
            ),
            answer(
                "Q1",
                "Augmentation helps by 4 to 5 points, normalisation by 6 to 7.",
                "Both differences are significant by McNemar's test ($p < .001$; {cite:mcnemar1947}), with one seed "
                "({ref:ablation}).",
                topic="augmentation",
            ),
        ),
    ]


@functools.cache
def second() -> list[dict]:
    sizes = [
        ["CNN", "85,231", "0.846", "0.822 to 0.867"],
        ["DNN", "85,604", "0.412", "0.382 to 0.443"],
        ["CNN of half depth", "84,988", "0.789", "0.763 to 0.813"],
    ]
    return [
        *start("02_dnn_baseline", "A plain network of equal size"),
        prose(
            "Both networks are trained on the same images, in the same order, for the same number of epochs."
        ),
        code(
            'run.table(columns, rows, caption=caption, label="sizes")',
            table(
                ["Network", "Parameters", "Accuracy", "95 % interval"],
                sizes,
                "sizes",
                "The networks side by side; parameters agree within 1 %.",
            ),
        ),
        code(
            'run.show(figure, caption=caption, alt=alt, label="dnn-history")',
            figure(
                curves("dnn"),
                "dnn-history",
                "Loss and accuracy of the plain network. Compare {ref:history}.",
            ),
            say(
                "The plain network stops at 0.412; McNemar's test calls the difference significant, "
                "$\\chi^2 = \\frac{(b-c)^2}{b+c} = 391$."
            ),
        ),
        prose(
            "## Shuffled pixels\n\nOne fixed permutation moves every pixel of every image:\n\n"
            "- a DNN should not care,\n- a CNN should fall.\n\n> What the experiment shows is chosen from its outcome."
        ),
        code(
            'run.show(figure, caption=caption, alt=alt, label="shuffled")',
            figure(
                montage(7, 2), "shuffled", "Images before and after the permutation.", more=True
            ),
            say(
                "With shuffled pixels the CNN falls to 0.403 and the DNN stays at 0.409: the CNN's lead **is** the "
                "neighbourhood of pixels."
            ),
        ),
        code(
            'run.answer("Q2", short=short, text=text, key="0.412", key_label="DNN accuracy")',
            answer(
                "Q2",
                "A plain network of equal size reaches 0.412, half as much as the CNN.",
                "The lead is gone once pixels are shuffled, so it comes from the neighbourhood of pixels "
                "({ref:sizes}, {ref:shuffled}).",
                "0.412",
                "DNN accuracy on validation data",
            ),
        ),
    ]


@functools.cache
def third(hostile: str = "", fails: bool = False) -> list[dict]:
    pairs = [
        ["fear", hostile or "surprise", "0.186", "0.131 to 0.257", "two-way"],
        ["disgust", "angry", "0.167", "0.098 to 0.270", "one-way"],
        ["sad", "fear", "0.121", "0.078 to 0.183", "two-way"],
        ["angry", "neutral", "0.071", "0.040 to 0.124", "–"],
    ]
    failure = {
        "output_type": "error",
        "ename": "ValueError",
        "evalue": f"class {hostile or 'disgust'} has no image in the validation set",
        "traceback": ["\x1b[31mTraceback\x1b[0m (most recent call last)", "ValueError: no image"],
    }
    cells = [
        *start("03_confusion", "Which classes are confused"),
        prose("## The matrix"),
        code(
            'run.show(figures.confusion(matrix), caption=caption, alt=alt, label="confusion")',
            figure(
                confusion(),
                "confusion",
                f"Confusion on validation data, as shares of the true class {hostile}.",
                alt=f"Matrix of seven classes {hostile}; see {{ref:pairs}}",
            ),
            say(
                "Fear is mistaken for surprise most often, see {ref:pairs}; the training is in {ref:history}."
            ),
        ),
        code(
            'run.table(columns, rows, caption=caption, label="pairs")',
            *(
                [failure]
                if fails
                else [
                    table(
                        ["True", "Taken for", "Rate", "95 % interval", "Direction"],
                        pairs,
                        "pairs",
                        "Confused pairs, ranked by the lower end of the interval.",
                    )
                ]
            ),
        ),
        code(
            'run.show(figure, caption=caption, alt=alt, label="mistakes")',
            *(
                []
                if fails
                else [
                    figure(
                        montage(6, 2),
                        "mistakes",
                        "The most confident mistakes, with the class the network saw.",
                    )
                ]
            ),
        ),
        code(
            'run.answer("Q3", short=short, text=text, key="fear → surprise", key_label="the most confused pair")',
            *(
                []
                if fails
                else [
                    answer(
                        "Q3",
                        f"Fear is taken for surprise {hostile}.",
                        "In 18.6 % of all cases, see {ref:pairs} and {ref:nowhere}.",
                        "fear → surprise",
                        "the most confused pair",
                    )
                ]
            ),
        ),
    ]
    if fails:
        mark = prose(
            '<span style="color:red">An Exception was encountered.</span>',
            "papermill-error-cell-tag",
        )
        cells.insert(0, mark)
    return cells


def notebook(cells: list[dict], title: str, question: str, needs=()) -> dict:
    about = {"title": title, "question": question, "needs": list(needs)}
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    metadata = {"workbook": about, "kernelspec": kernel}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def source_of(executed: dict) -> dict:
    """The notebook as it is stored: without outputs, without papermill's cells, with a section to explore."""
    papermill = {"injected-parameters", "papermill-error-cell-tag"}
    cells = [
        dict(cell) for cell in executed["cells"] if not papermill & set(cell["metadata"]["tags"])
    ]
    for cell in cells:
        if cell["cell_type"] == "code":
            cell.update(outputs=[], execution_count=None)
    return {
        **executed,
        "cells": [*cells, prose("## Explore", "explore"), code("explore()", tags=["explore"])],
    }


TITLES = [
    (
        "01_train_cnn",
        "The convolutional network",
        "How is the CNN built, how was it trained, and how well does it do?",
    ),
    (
        "02_dnn_baseline",
        "A plain network of equal size",
        "Does a network without convolutions do as well?",
    ),
    (
        "03_confusion",
        "Which classes are confused",
        "Which classes does the CNN take for one another?",
    ),
]


def make_run(
    folder: Path, *, fails: bool = False, hostile: str = "", quick: bool = False
) -> tuple[Path, Path]:
    """Write a run's folder and the source notebooks beside it; the two paths."""
    run, sources = folder / "faces", folder / "sources"
    contents = [first(hostile), second(), third(hostile, fails)]
    entries = []
    for (name, title, question), cells, seconds in zip(
        TITLES, contents, (52.4, 31.0, 4.2), strict=True
    ):
        executed = notebook(cells, title, question, [] if name[:2] == "01" else ["01_train_cnn"])
        for place, content in ((run / "notebooks", executed), (sources, source_of(executed))):
            place.mkdir(parents=True, exist_ok=True)
            (place / f"{name}.ipynb").write_text(json.dumps(content), "utf-8")
        entry = {
            "name": name,
            "title": title,
            "question": question,
            "state": "ran",
            "reason": "first run",
            "seconds": seconds,
            "error": None,
            "cell": None,
        }
        entries.append(entry)
    if fails:
        entries[2].update(state="failed", error="ValueError: class disgust has no image", cell=8)
        entries.append(
            {
                **entries[2],
                "name": "04_saliency",
                "title": "Saliency",
                "question": "Where does the CNN look?",
                "state": "skipped",
                "reason": "it needs 03_confusion, which failed",
                "error": None,
                "seconds": None,
            }
        )
        entries[1].update(state="reused", reason="nothing changed")
    manifest = {
        "run": "faces",
        "title": f"drawn faces {hostile}".strip(),
        "command": "make report QUICK=1" if quick else "make report",
        "commit": COMMIT,
        "modified": True,
        "quick": quick,
        "seed": 0,
        "parameters": {
            "dataset": "faces",
            "data": None,
            "run": "faces",
            "seed": 0,
            "quick": quick,
            "size": None,
            "epochs": None,
        },
        "packages": {
            "keras": "3.15.0",
            "tensorflow": "2.21.1",
            "numpy": "2.4.2",
            "scipy": "1.17.0",
            "matplotlib": "3.11.2",
            "papermill": "2.7.0",
            "nbconvert": "7.17.2",
            "plutoprint": "0.23.0",
        },
        "python": "3.11.7",
        "platform": "Linux-6.1-x86_64",
        "processor": "Some CPU @ 2.40GHz",
        "threads": 2,
        "started": "2026-01-02T03:04:05+00:00",
        "data": {
            "name": "faces",
            "title": "drawn faces",
            "path": "faces",
            "checksum": "9c" * 32,
            "classes": [*CLASSES[:6], hostile or "neutral"],
            "splits": {"train": 8000, "validation": 1000, "test": 1000},
            "notes": ["Drawn by the workbook itself."],
            "facts": {},
        },
        "notebooks": entries,
        "test_evaluations": {"this_run": 1, "checkout": 4},
        "outputs": {"figures/history.svg": "ab" * 32, "metrics/confusion.json": "cd" * 32},
    }
    (run / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    return run, sources
