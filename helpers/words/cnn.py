"""The words of notebook 01: the data, the recipe, the curves, the 2 × 2 comparison."""

from helpers import evaluation, models, training
from helpers.backend import keras
from helpers.datasets.base import Dataset
from helpers.evaluation import Rate
from helpers.experiments import Elsewhere
from helpers.recipes import Augmentation, Recipe, Training, finishing
from helpers.words import elsewhere as foreign
from helpers.words.common import effect, falling, finish_note, percent, plain

ROLES = {
    "training": ("fit the weights", "fitted to it, optimistic"),
    "validation": ("choose the recipe; figures", "chosen on it, optimistic"),
    "test": ("nothing", "final check"),
}


def about(data: Dataset, recipe: Recipe) -> str:
    """What the data set holds and what of it is used."""
    height, width, channels = data.image_shape
    kind = "grey" if channels == 1 else "colour"
    test = "" if data.test is None else f", {len(data.test):,} for the test"
    part = (
        f" Of the training images, a stratified part of {recipe.train_images:,} is used." if recipe.train_images else ""
    )
    notes = " ".join(plain(note) for note in data.notes)
    return (
        f"**{plain(data.title)}**: {kind} images of {width} × {height} pixels in {len(data.class_names)} classes; "
        f"{len(data.train):,} to train on, {len(data.validation):,} to validate{test}.{part} {notes}"
    ).strip()


def architecture(recipe: Recipe, elsewhere: Elsewhere | None = None) -> str:
    """The network in a few sentences."""
    if elsewhere:
        return foreign.architecture(elsewhere)
    convolutions = f"{recipe.convolutions} convolution{'s' * (recipe.convolutions > 1)}"
    shortcut = ", with a shortcut of 1 × 1 pixels around each block {cite:residual}" if recipe.residual else ""
    dropout = f" and dropout of {recipe.dropout:g}" if recipe.dropout else ""
    pooled = f" and max pooling, which shrink the image by {recipe.stem_pool}," if recipe.stem_pool > 1 else ""
    return (
        "It takes raw pixels. The first layer normalises them, $x' = (x - \\mu) / \\sigma$, with mean and deviation of "
        f"the training pixels. After a first 3 × 3 convolution{pooled} come {len(recipe.widths)} blocks of "
        f"{convolutions} of 3 × 3 pixels each{shortcut}; batch normalisation {{cite:batchnorm}} and ReLU follow every "
        "convolution, and max pooling halves the image in each block but the last. The mean over all positions"
        f"{dropout} leads to a linear layer, which gives the *logits*."
    )


def part_rows(model: keras.Model) -> list[list]:
    """Rows of ``models.block_rows``, 12 at most."""
    return foreign.summed_up(models.block_rows(model))


def size(model: keras.Model) -> str:
    """Parameters and multiply-adds of a network."""
    return (
        f"{model.count_params():,} parameters and {models.multiply_adds(model) / 1e6:.1f} million multiply-adds an "
        f"image{foreign.counted_in(model)}"
    )


def schedule(recipe: Recipe, elsewhere: Elsewhere | None = None) -> str:
    """How the network is trained, in a few sentences."""
    if elsewhere:
        return foreign.schedule(elsewhere)
    how, change = recipe.training, recipe.training.augmentation
    words = [
        f"AdamW {{cite:adamw}} follows a learning rate that rises to {how.learning_rate:g} and falls to 0 along a "
        f"cosine {{cite:cosine}}, in batches of {how.batch_size} for {how.epochs} epoch{'s' * (how.epochs > 1)}"
        f"{_finish(how)}.",
        f"The labels are smoothed by {how.label_smoothing:g} {{cite:smoothing}}." if how.label_smoothing else "",
        _changes(change) if change else "",
        f"The weights of the final network are an exponential average {{cite:averaging}}, memory {_memory(how)}. "
        "See {ref:cnn-recipe}.",
    ]
    return " ".join(filter(None, words))


def _finish(how: Training) -> str:
    if not how.finish:
        return ""
    return f", and then stays at {finishing(how).learning_rate:g} for {how.finish} more"


def _memory(how: Training) -> str:
    """Over how much of the training the weights are averaged."""
    if how.finish:
        return f"{percent(finishing(how).average)} of the last {how.finish} epochs"
    return f"{percent(how.average)} of the steps"


def _changes(change: Augmentation) -> str:
    said = "mirrored, " if change.flip else ""
    erased = "; a square of it is erased {cite:erasing}" if change.erase else ""
    return (
        f"Before each step each image is changed at random: {said}turned, scaled and shifted (±{change.rotation:g}°, "
        f"±{percent(change.zoom)}, ±{percent(change.shift)}), and changed in contrast and brightness{erased}."
    )


def recipe_rows(recipe: Recipe, images: int, elsewhere: Elsewhere | None = None) -> list[list]:
    """The training recipe, or what is known of a network trained elsewhere, as rows of setting and value."""
    if elsewhere:
        return foreign.rows(elsewhere)
    how, change = recipe.training, recipe.training.augmentation
    rows = [
        ["training images", f"{images:,}"],
        ["epochs", f"{how.epochs} + {how.finish}" if how.finish else str(how.epochs)],
        ["batch size", str(how.batch_size)],
        ["optimiser", f"AdamW, weight decay {how.weight_decay:g} on kernels only"],
        [
            "learning rate",
            f"up to {how.learning_rate:g} in one epoch, then along a cosine to 0"
            + (f"; then constant at {finishing(how).learning_rate:g}" if how.finish else ""),
        ],
        ["label smoothing", f"{how.label_smoothing:g}"],
        ["dropout before the logits", f"{recipe.dropout:g}"],
        [
            "final weights",
            f"exponential average, memory {_memory(how)}; batch-norm statistics taken again",
        ],
        ["precision", training.policy(how).replace("mixed_bfloat16", "bfloat16 convolutions, float32 weights")],
        ["early stopping", "none" if how.patience is None else f"after {how.patience} epochs without gain"],
    ]
    if change is not None:
        rows += [
            ["flip", "half of the images" if change.flip else "none"],
            [
                "rotation, scale, shift",
                f"±{change.rotation:g}°, ±{percent(change.zoom)}, ±{percent(change.shift)} of the side",
            ],
            ["contrast, brightness", f"±{percent(change.contrast)}, ±{percent(change.brightness)}"],
            ["erased square", f"up to {percent(change.erase)} of the side" if change.erase else "none"],
        ]
    return rows


def history_caption(history: list[dict], best: int, elsewhere: Elsewhere | None = None) -> str:
    """What the figure of the curves shows."""
    if elsewhere:
        return foreign.history_caption(elsewhere, best)
    return (
        f"Epoch {best} has the best validation accuracy. Training accuracy is measured on augmented images while the "
        "weights change, so it can lie below validation." + finish_note(history)
    )


def data_roles(rates: dict[str, Rate], elsewhere: Elsewhere | None = None) -> list[list]:
    """Rows of the table "which data did what": set, images measured, used to, verdict, accuracy, 95 % interval.

    Args:
        rates: accuracy by name: ``training``, ``validation``, ``test``, and these with more words behind a comma.
    """
    rows, roles = [], foreign.ROLES if elsewhere else ROLES
    for name, rate in rates.items():
        low, high = rate.interval
        accuracy, interval = f"{100 * rate.value:.1f} %", f"{100 * low:.1f} to {100 * high:.1f}"
        rows.append([name, rate.n, *roles[name.split(",")[0]], accuracy, interval])
    if not any(name.startswith("test") for name in rates):
        rows.append(["test", 0, "no untouched test set", "nothing to report", "–", "–"])
    return rows


def reading(history: list[dict]) -> str:
    """Whether and from which epoch more training did harm, from the curve of the validation loss, if it is known."""
    if not history:
        return foreign.no_curves()
    history = falling(history)
    losses = [row["val_loss"] for row in history]
    lowest = history[losses.index(min(losses))]["epoch"]
    if losses[-1] > 1.02 * min(losses):
        return f"It overfits from epoch {lowest} on, where the validation loss is lowest before it rises."
    return "It was not trained for too long: the validation loss ends within 2\u00a0% of its lowest value."


def where_curves(history: list[dict]) -> str:
    """Where to see the curves, or how they get into the report."""
    return "See {ref:cnn-history}." if history else "HISTORY=log.csv, the file of Keras' CSVLogger, would show them."


def gap(final: Rate, fitted: Rate, elsewhere: Elsewhere | None = None, test: Rate | None = None) -> str:
    """Whether the network knows its training images better than new ones, from the difference of the accuracies.

    The validation images alone do not show it where the test images are as well recognised as the training images.

    Args:
        final: on validation images without a twin in training.
        fitted: on training images.
        elsewhere: the network trained elsewhere, if it is one.
        test: on test images without a twin in training, if there are any.
    """
    both = f"{100 * fitted.value:.1f} % on training images, {100 * final.value:.1f} % on new validation images"
    if elsewhere:
        return foreign.gap(both)
    points, low, high = (100 * value for value in evaluation.difference(fitted, final))
    by = f"{points:+.1f} points, {low:+.1f} to {high:+.1f}".replace("-", "−")
    if low > 0 and test and evaluation.difference(fitted, test)[1] <= 0:
        seen = f"{100 * test.value:.1f} % on test images"
        return f"That it knows images it was fitted to better than new ones is not shown: {both}, but {seen}."
    if low > 0:
        return f"It knows images it was fitted to better than new ones: {both} ({by})."
    if high < 0:
        return f"It knows images it was fitted to even less than new ones: {both} ({by})."
    return f"That it knows images it was fitted to better than new ones is not shown: {both} ({by})."


def cnn_in_one_sentence(
    data: Dataset, parameters: int, rates: dict[str, Rate], elsewhere: Elsewhere | None = None
) -> str:
    """The answer to question 1 in a sentence."""
    final = rates.get("test")
    tail = f", and {final} on the test set" if final else "; there is no labelled test set"
    own = rates.get("validation, without twins")
    without = f" ({100 * own.value:.1f} % of those that do not also stand in training)" if own else ""
    network = f"The author's network `{elsewhere.file}`, trained elsewhere," if elsewhere else "A CNN"
    return (
        f"{network} of {parameters:,} parameters recognises the {len(data.class_names)} classes of {plain(data.title)} "
        f"on {rates['validation']} of the validation images{without}{tail}."
    )


def effects_in_words(effects: list[list]) -> str:
    """What normalisation and augmentation did in the 2 × 2 comparison, from its four tests."""
    norm, norm_plain, augmented, augmented_raw = effects
    return (
        f"Trained briefly, {effect('normalisation', norm)} ({norm_plain[1]} points without augmentation); "
        f"{effect('augmentation', augmented)} ({augmented_raw[1]} points without normalisation)."
    )


def scaling(effects: list[list]) -> str:
    """Why scaling the input matters so little here, or why it does all the same."""
    reason = (
        "Batch normalisation divides the output of a convolution without bias by that output's deviation: a factor on "
        "all pixels cancels."
    )
    if all(row[-1] == "no difference shown" for row in effects[:2]):
        return f"Theory expects no large effect of normalisation. {reason}"
    return (
        f"In theory normalisation should hardly matter. {reason} What effect there is must come from elsewhere: weight "
        "decay and the first steps see the scale, and padding with zeros sees the mean."
    )
