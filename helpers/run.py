"""Run: one folder of results; what a notebook opens, records into, shows and answers with."""

import json
import os
import time
from functools import cached_property
from pathlib import Path

from helpers import ROOT, display, places, records
from helpers.backend import prepare
from helpers.errors import UserError
from helpers.files import count_test_evaluation, read_json, sha256, write_atomic, write_json
from helpers.kinds import FOLDER_NAME, LAB
from helpers.options import check_parameters, in_a_notebook

AT_ONCE = "`from helpers.lab.start import make_needs; make_needs(results)`"


class Run:
    """One folder of results.

    Attributes:
        folder: where it writes, ``reports/<run>`` (``reports/lab-<dataset>`` for a notebook opened by hand).
        seed, quick, size, epochs: the parameters of the notebook.
        lab: whether a notebook was opened by hand.
        retrain: whether to train what is shipped with the workbook all the same; False unless it is set.
        shipped: what of it was taken in place of a training, by name (``helpers.networks.shipped``).
        trained: every training of this run that could be shipped, by name.
    """

    @classmethod
    def open(cls, dataset: str | None = None, **options) -> "Run":
        """Open a run from a notebook and make its session repeatable; arguments as for ``Run``.

        Args:
            dataset: None takes the one that 00_start_here chose, faces by default.

        Raises:
            UserError: a parameter that cannot be, see ``Run``.
        """
        display.prepare_lab(in_a_notebook)
        if dataset is None:
            dataset, data = places.chosen()
            options["data"] = options.get("data") or data
        run = cls(**check_parameters(dataset=dataset, **options))
        prepare(run.seed)
        if run.lab:
            display.watch_cells(run.sources[-1] / "notebooks" / f"{run.notebook}.ipynb")
            print(places.about(run.folder, run.name, run.notebook))
        return run

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
                raise UserError(
                    f"{label}={name!r} cannot name a folder: use letters, digits, - and _"
                )
        self.name, self.notebook, self.seed = dataset, _slug(notebook), seed
        self.quick, self.size, self.epochs, self.retrain = quick, size, epochs, False
        self.shipped: dict = {}
        self.trained: dict = {}
        self.data = None if data is None else ROOT / Path(data).expanduser()
        self._reports = Path(reports or places.all_runs())
        self.lab, self._opened = run == LAB, time.monotonic()
        self.folder = self._reports / (f"{LAB}-{dataset}" if self.lab else run)
        self._used: dict[str, str] = {}
        self._outputs: dict[str, str | None] = {}
        if not self.lab or self._ledger.is_file():  # no folder for a name that no data set has
            self._write_ledger()

    @property
    def sources(self) -> list[Path]:
        """The folders that are read, the own one first; see ``places.sources``."""
        return places.sources(self._reports, self.name) if self.lab else [self.folder]

    def __setattr__(self, name: str, value) -> None:
        if name == "retrain":  # which notebooks set when the run is open
            value = check_parameters(retrain=value)[name]
        super().__setattr__(name, value)

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
        """The hyperparameters for this data set (``helpers.networks.recipes``), cut by ``quick`` and ``epochs``."""
        from helpers.networks.recipes import recipe

        train = self.dataset.train
        shape = self.dataset.image_shape
        return recipe(self.name, shape, len(train), quick=self.quick, epochs=self.epochs)

    # --- files: what was written is listed, so that the report can tell what changed ---

    def path(self, name: str) -> Path:
        """A path inside the run to write to, ``models/cnn.csv``, listed as this notebook's output.

        Raises:
            ValueError: the name leaves the folder, or is another notebook's output.
        """
        if Path(name).is_absolute() or ".." in Path(name).parts:
            raise ValueError(f"{name!r} is not inside the run's folder")
        if not self.lab:
            for ledger in self._ledger.parent.glob("*.json"):
                if ledger != self._ledger and name in json.loads(ledger.read_text("utf-8")):
                    raise ValueError(
                        f"{name} is written by {ledger.stem} already: choose another name"
                    )
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        self._outputs.setdefault(Path(name).as_posix(), None)
        self._write_ledger()
        return path

    def find(self, name: str) -> Path:
        """The path of an existing file of this run, ``models/cnn.keras``, to read.

        Raises:
            UserError: the file is missing; the sentence names the notebooks to run first.
        """
        for folder in self.sources:
            if (folder / name).is_file():
                return folder / name
        first = ", ".join(places.missing(self.sources, self.notebook)) or "the notebooks before it"
        remedy = (
            f"first run {first}, or all at once by {AT_ONCE}" if self.lab else "run make report"
        )
        raise UserError(f"no {name} yet: {remedy}")

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

    # --- networks and numbers ---

    def model(self, name: str, fast: bool = False):
        """A saved Keras model, uncompiled, opened in safe mode; ``fast`` for many passes, see ``saved.lowered``.

        Raises:
            UserError: no such model yet, or a file that Keras cannot or must not open.
        """
        from helpers.networks import saved

        found = saved.opened(self._model(name))
        return saved.lowered(found) if fast else found

    def _model(self, name: str) -> Path:
        """Where a saved model is; what is recorded from now on is about it."""
        path = self.find(f"models/{name}.keras")
        places.refuse_mixture(self.sources, path, read_json(path.with_suffix(".json")))
        self._used[name] = sha256(path)
        return path

    def save_model(self, name: str, model) -> None:
        """Save a float32, uncompiled copy as ``models/<name>.keras``."""
        from helpers.networks import saved

        content = saved.content(saved.export(model))
        path = self._save(f"models/{_slug(name)}.keras", content)
        if self.lab:  # what it was made beside: in a report the schedule sees to that
            beside = {k: v for k, v in self._used.items() if k != name}
            write_json(path.with_suffix(".json"), beside)
        self._used[name] = sha256(content)

    def logits(self, name: str):
        """What a saved model says of the validation images, float32 (n, classes); computed once for all notebooks."""
        from helpers.networks import saved

        return saved.answers(self._model(name), self.dataset, self.folder / "checkpoints")

    def record(self, name: str, **values) -> None:
        """Keep numbers, texts, lists, dataclasses and arrays as ``metrics/<name>.json``.

        With them goes which networks they are about, so that ``read`` can refuse a mixture.

        Raises:
            ValueError: what cannot be kept, or a NaN; the sentence names the place.
        """
        kept = {**values, "networks_used": self._used} if self._used else values
        self._save(f"metrics/{_slug(name)}.json", records.dumps(kept))

    def read(self, name: str) -> records.Record:
        """What ``record`` kept.

        Raises:
            UserError: not recorded yet, or about other networks than those of this run.
        """
        path = self.find(f"metrics/{name}.json")
        found = records.loads(path.read_bytes())
        places.refuse_mixture(self.sources, path, found.get("networks_used", {}))
        return found

    def count_test_evaluation(self, what: str) -> None:
        """Note that the test set was shown a network, once for each; the report says how often that happened."""
        run, data = self.folder.name, self.dataset.checksum
        what = f"{what} {self._used.get(what, '')[:12]}".strip()
        count_test_evaluation(self._reports, run, self.notebook, what, data, once=True)

    # --- what the reader sees ---

    def figure(self, name: str, figure) -> None:
        """Save a matplotlib figure as ``figures/<name>.svg`` (or .png, .jpg), show it and close it."""
        suffix, content = display.render(figure, _slug(name))
        path = self._save(f"figures/{name}.{suffix}", content)
        for other in display.SUFFIXES.keys() - {suffix}:
            path.with_suffix(f".{other}").unlink(missing_ok=True)
        display.figure(suffix, content)

    def table(self, name: str, columns: list[str], rows: list[list]) -> None:
        """Save a table as raw values, ``tables/<name>.json``, and show it.

        Args:
            columns: short keys; the template gives them their heads.
            rows: numbers, texts, estimates, None.

        Raises:
            ValueError: a row of another length.
        """
        from helpers.formats import as_table

        for row in rows:
            if len(row) != len(columns):
                raise ValueError(f"{name}: a row of {len(row)} cells under {len(columns)} columns")
        self._save(f"tables/{_slug(name)}.json", records.dumps({"columns": columns, "rows": rows}))
        display.markdown(as_table(columns, records.loads(records.dumps({"rows": rows})).rows))

    def answer(self) -> None:
        """Show the answer to the notebook's question, as the report will have it."""
        from helpers.datasets import describe
        from helpers.wording import LANGUAGE, Wording

        wording = Wording(os.environ.get("WORKBOOK_LANGUAGE") or LANGUAGE, self.sources)
        settings = {"seed": self.seed, "quick": self.quick, "name": self.folder.name}
        about = describe(self.dataset, self.data)
        if self.lab:
            wording.results = places.unmixed(self.sources, wording.results)
        blocks = wording.blocks(self.notebook, data=about, run=settings)
        display.markdown(f"**{blocks.plain('short')}**\n\n{blocks.plain('answer')}")
        if self.lab:
            seconds = round(time.monotonic() - self._opened, 1)
            stamp = {"state": "ran", "networks_used": self._used, "seconds": seconds}
            write_json(self.folder / "stamps" / f"{self.notebook}.json", stamp)


def _slug(name: str) -> str:
    if not records.SLUG.fullmatch(name):
        raise ValueError(f"{name!r} is no name: use letters, digits, - and _")
    return name
