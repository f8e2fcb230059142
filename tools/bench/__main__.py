"""``python -m tools.bench KEY=VALUE ...``: print the table; options PART, IMAGES, REPEATS, MODEL."""

import importlib
import sys
import warnings

from helpers.backend import keras, prepare, threads
from helpers.command import carry_out, words
from helpers.errors import UserError

PARTS = ("gradients", "lime", "filters", "faithfulness")
KNOBS = {"PART": "", "IMAGES": "512", "REPEATS": "5", "MODEL": ""}


USAGE = (
    f"make bench, with {', '.join(KNOBS)}; PART is one or more of {', '.join(PARTS)} with commas"
)


def bench(given: list[str]) -> int:
    """Run the parts asked for and print one table; returns the exit status.

    Raises:
        UserError: an unknown option or part, or a number of images that is no multiple of 32.
    """
    options = KNOBS | dict(word.partition("=")[::2] for word in given)
    parts = options["PART"].split(",") if options["PART"] else list(PARTS)
    if set(options) - set(KNOBS) or set(parts) - set(PARTS):
        raise UserError(f"no such option or part: {USAGE}")
    count, repeats = int(options["IMAGES"]), int(options["REPEATS"])
    if count < 32 or count % 32:
        raise UserError(f"IMAGES={count}: take a multiple of 32")
    prepare(0)
    warnings.filterwarnings("ignore", module="keras|xplique|tf_keras_vis")  # of the rivals' calls
    # Only now: they start TensorFlow, and the libraries they compare with take seconds to import.
    from helpers import datasets
    from tools.bench.timing import table

    network = (
        keras.saving.load_model(options["MODEL"], compile=False) if options["MODEL"] else _network()
    )
    images = datasets.load("faces").train.images[: 4 * count].astype("float32")
    targets = network.predict(images, verbose=0).argmax(-1)
    few = {"gradients": count, "lime": -(-count // 256), "faithfulness": 4 * count}
    rows = []
    for part in parts:
        print(f"{part} ...", file=sys.stderr, flush=True)
        data = (images[: few[part]], targets[: few[part]]) if part in few else ()
        rows += importlib.import_module(f"tools.bench.{part}").rows(network, *data, repeats)
    print(
        f"{network.count_params():,} parameters, images {network.input_shape[1:]}, {threads()} threads"
    )
    print(
        "Ratio: how many times faster than the rival; where the target is ≤, our time in units of the bound.\n"
    )
    print(table(rows))
    return 0


def _network() -> keras.Model:
    """The CNN of FER2013 with the weights it starts with: what they are does not matter to the speed."""
    from helpers.networks import models, recipes, saved

    recipe = recipes.recipe("fer2013", (48, 48, 1), 28_709)
    keras.utils.set_random_seed(0)
    return saved.export(
        models.cnn(
            (48, 48, 1), 7, recipe.widths, recipe.convolutions, recipe.stem, recipe.stem_pool, recipe.residual,
            statistics=([128.0], [4096.0]),
        )
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(carry_out(words(), USAGE, bench, "Nothing is kept."))
