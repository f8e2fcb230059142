"""Run: one folder of results, what a notebook opens, saves into, shows and answers with."""

import json
import os
import re
from functools import cached_property
from pathlib import Path

from helpers import ROOT, display
from helpers.backend import prepare
from helpers.errors import UserError
from helpers.files import count_test_evaluation, sha256, write_atomic, write_json

LAB = "lab"
SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
FOLDER_NAME = re.compile(r"\w([\w. -]{0,58}\w)?")


class Run:
    """One folder of results.

    Attributes:
        folder: where it writes, ``reports/<run>`` (``reports/lab-<dataset>`` for a notebook opened by hand).
        seed, quick, size, epochs: the parameters of the notebook.
        retrain: whether to train what is shipped with the workbook all the same; False unless it is set.
        shipped: what of it was taken in place of a training, by name (``helpers.pretrained``).
        trained: every training of this run that could be shipped, by name.
    """

    @classmethod
    def open(cls, dataset: str = "faces", **options) -> "Run":
        """Open a run from a notebook and make its session repeatable; arguments as for ``Run``.

        Of a notebook's cell that is run again, ``run`` is no longer a name but the Run; it is given back.
        """
        display.prepare_lab()
        prepare(options.get("seed", 0))
        again = options.get("run")
        return again if isinstance(again, cls) else cls(dataset, **options)

    def __init__(
        self,
        dataset: str = "faces",
        *,
        notebook: str,
        data: str | None = None,
        run: str = LAB,
        seed: int = 0,
        quick: bool = False,
        size: int | None = None,
        epochs: int | None = None,
        reports: Path | None = None,
    ):
        """Open a run without touching Keras.

        Args:
            dataset: a name that ``helpers.datasets.load`` knows.
            notebook: the notebook's file name without ``.ipynb``; its list of outputs starts empty.
            data: the data's path, relative to the checkout, or None for ``data/<dataset>``.
            run: the run's name; ``lab`` writes into ``reports/lab-<dataset>`` and reads what it lacks
                from ``reports/<dataset>``.
            seed: seed of every random generator, 0 or more.
            quick: whether to take the small recipe.
            size: side of the images in pixels, where the data set leaves it open.
            epochs: upper bound of every training, or None.
            reports: the folder of all runs; reports/ of the checkout by default.

        Raises:
            UserError: a name that cannot be a folder's.
        """
        for label, name in (("dataset", dataset), ("run", run)):
            if not FOLDER_NAME.fullmatch(name):
                raise UserError(f"{label}={name!r} cannot name a folder: use letters, digits, - and _")
        self.name, self.notebook, self.seed = dataset, _slug(notebook), seed
        self.quick, self.size, self.epochs, self.retrain = quick, size, epochs, False
        self.shipped: dict = {}
        self.trained: dict = {}
        self.data = None if data is None else ROOT / Path(data).expanduser()
        self._reports = Path(reports or os.environ.get("WORKBOOK_REPORTS") or ROOT / "reports")
        self._lab = run == LAB
        self.folder = self._reports / (f"{LAB}-{dataset}" if self._lab else run)
        self._sources = [self.folder, self._reports / dataset] if self._lab else [self.folder]
        self._labels: set[str] = set()
        self._outputs: dict[str, str | None] = {}
        self._write_ledger()

    @cached_property
    def dataset(self):
        """The data set (``helpers.datasets.Dataset``), loaded once."""
        from helpers import fonts
        from helpers.datasets import load

        found = load(self.name, self.data, size=self.size)
        fonts.know(found.class_names)
        return found

    @cached_property
    def recipe(self):
        """The hyper-parameters for this data set (``helpers.recipes``), cut by ``quick`` and ``epochs``."""
        from helpers.recipes import recipe

        train = self.dataset.train
        return recipe(self.name, self.dataset.image_shape, len(train), quick=self.quick, epochs=self.epochs)

    # --- files: what was written is listed, so that the report can tell what changed ---

    def path(self, name: str) -> Path:
        """A path inside the run to write to, ``models/cnn.csv``, listed as this notebook's output.

        Raises:
            ValueError: the name leaves the folder, or is another notebook's output.
        """
        if Path(name).is_absolute() or ".." in Path(name).parts:
            raise ValueError(f"{name!r} is not inside the run's folder")
        if not self._lab:
            for ledger in self._ledger.parent.glob("*.json"):
                if ledger != self._ledger and name in json.loads(ledger.read_text("utf-8")):
                    raise ValueError(f"{name} is written by {ledger.stem} already: choose another name")
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        self._outputs.setdefault(Path(name).as_posix(), None)
        self._write_ledger()
        return path

    def find(self, name: str, title: str | None = None) -> Path:
        """The path of an existing file of this run, ``models/cnn.keras``, to read.

        Raises:
            UserError: the file is missing; the sentence names the notebook that makes it.
        """
        for folder in self._sources:
            if (folder / name).is_file():
                return folder / name
        raise UserError(f"no {title or name} yet: {self._remedy(name)}")

    def _save(self, name: str, content: bytes) -> Path:
        path = write_atomic(self.path(name), content)
        self._outputs[name] = sha256(content)
        self._write_ledger()
        return path

    @property
    def _ledger(self) -> Path:
        return self.folder / "ledger" / f"{self.notebook}.json"

    def _write_ledger(self) -> None:
        write_json(self._ledger, self._outputs)

    def _remedy(self, name: str) -> str:
        """Which notebook makes the file: the one whose code writes something of that name."""
        folder = ROOT / "notebooks"
        stem = re.escape(Path(name).stem)
        call = re.compile(rf"\b(save_model|record|path|show)\(.*[\"'/]{stem}(\.\w+)?[\"']", re.DOTALL)
        for notebook in sorted(folder.glob("*.ipynb")):
            cells = json.loads(notebook.read_text("utf-8"))["cells"]
            code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
            if notebook.stem != self.notebook and any(call.search(source) for source in code):
                number = notebook.stem.split("_")[0]
                return f"run notebook {number} first (make report, or open notebooks/{notebook.name})"
        return "run the notebooks that come before this one first (make report)"

    # --- models and numbers ---

    def model(self, name: str):
        """A saved Keras model, uncompiled, opened in Keras' safe mode.

        Raises:
            UserError: no such model yet, or a file that Keras cannot or must not open.
        """
        from helpers import networks

        return networks.opened(self._model(name))

    def _model(self, name: str) -> Path:
        """Where a saved model is."""
        return self.find(f"models/{name}.keras", f"model `{name}`")

    def save_model(self, name: str, model) -> None:
        """Save a float32, uncompiled copy as ``models/<name>.keras``."""
        from helpers import networks
        from helpers.training import export

        self._save(f"models/{_slug(name)}.keras", networks.content(export(model)))

    def logits(self, name: str):
        """What a saved model says of the validation images, float32 (n, classes); computed once for all notebooks.

        Raises:
            UserError: see ``model``.
        """
        from helpers import networks

        return networks.answers(self._model(name), self.dataset, self.folder / "checkpoints")

    def record(self, name: str, values: dict) -> None:
        """Keep numbers as ``metrics/<name>.json``; NumPy arrays and numbers become lists and numbers.

        Raises:
            ValueError: a NaN or an infinity.
        """
        text = json.dumps(values, indent=1, ensure_ascii=False, allow_nan=False, default=_plain)
        self._save(f"metrics/{_slug(name)}.json", text.encode() + b"\n")

    def read(self, name: str) -> dict:
        """Numbers that ``record`` kept.

        Raises:
            UserError: not recorded yet; the sentence names the notebook that does.
        """
        return json.loads(self.find(f"metrics/{name}.json").read_text("utf-8"))

    def count_test_evaluation(self, what: str) -> None:
        """Note that the test set was looked at; the report says how often that happened."""
        count_test_evaluation(self._reports, self.folder.name, self.notebook, what, self.dataset.checksum)

    # --- what the reader sees ---

    def show(self, figure, *, caption: str, alt: str, label: str, more: bool = False, vector: bool | None = None):
        """Save a matplotlib figure as ``figures/<label>.svg`` (or .png), show it and close it.

        Args:
            caption: what the figure shows, Markdown; may name others as ``{ref:label}``.
            alt: the figure in words, for a reader who cannot see it.
            label: its name, lower-case letters, digits, - and _; used once in a report.
            more: whether it is further evidence, folded in the report.
            vector: SVG or PNG; by default SVG for a figure without images.

        Raises:
            ValueError: no caption, no alt text, or a label that is no name or was used before.
        """
        self._check(label, caption=caption, alt=alt)
        suffix, content = display.render(figure, label, vector)
        path = self._save(f"figures/{label}.{suffix}", content)
        path.with_suffix(".png" if suffix == "svg" else ".svg").unlink(missing_ok=True)
        display.figure(suffix, content, label=label, caption=caption, alt=alt, more=more)

    def table(self, columns: list[str], rows: list[list], *, caption: str, label: str, more: bool = False):
        """Show a table; cells are str, int or float, columns of numbers are set to the right.

        Raises:
            ValueError: no caption, a bad label, or a row of another length.
        """
        self._check(label, caption=caption)
        display.table(columns, rows, label=label, caption=caption, more=more)

    def say(self, text: str) -> None:
        """Show a computed sentence (Markdown)."""
        self._check(text=text)
        display.text(text)

    def answer(
        self,
        question: str,
        *,
        short: str,
        text: str,
        key=None,
        key_label: str | None = None,
        topic: str | None = None,
        doubt: str = "",
    ) -> None:
        """Show the answer to a question.

        Args:
            question: ``Q1``.
            short: the answer in one sentence.
            text: the answer in full, Markdown.
            key, key_label: the number that proves it (already formatted if a str), and what it is.
            topic: what it is about, where a homework asks for it apart (``helpers/report/presets.py``).
            doubt: what of it not to trust, in one sentence, for the report's first page; empty for nothing.
        """
        self._check(question=question, short=short, text=text)
        display.answer(question, short=short, text=text, key=key, key_label=key_label, topic=topic, doubt=doubt)

    def _check(self, label: str | None = None, **texts: str) -> None:
        for name, text in texts.items():
            if not text or not text.strip():
                raise ValueError(f"{name} is empty")
        if label is None:
            return
        _slug(label)
        # By hand a cell is run again and again; in a report a label names one thing.
        if label in self._labels and not self._lab:
            raise ValueError(f"the label {label!r} is used twice in {self.notebook}")
        self._labels.add(label)


def _slug(name: str) -> str:
    if not SLUG.fullmatch(name):
        raise ValueError(f"{name!r} is no name: use letters, digits, - and _")
    return name


def _plain(value):
    """NumPy arrays and numbers as JSON knows them."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} cannot be recorded")
