"""The hyper-parameters of every data set, in one place.

They were chosen on validation data; the notebooks take them as defaults.
"""

from dataclasses import asdict, dataclass, field, replace

from helpers.errors import UserError


@dataclass(frozen=True)
class Augmentation:
    """Random changes to training images; see ``training.augmentation``.

    Attributes:
        flip: mirror half of the images left to right.
        rotation: greatest angle in degrees.
        zoom: greatest relative change of scale (.15: from .85 to 1.15).
        shift: greatest shift, as a share of the side.
        contrast, brightness: greatest relative change, as shares of the range 0..255.
        erase: greatest side of one erased square, as a share of the side.
    """

    flip: bool = True
    rotation: float = 10.0
    zoom: float = 0.1
    shift: float = 0.06
    contrast: float = 0.2
    brightness: float = 0.1
    erase: float = 0.0


@dataclass(frozen=True)
class Training:
    """How one network is trained; see ``training.fit``.

    Attributes:
        epochs: passes over the training images, along the cosine.
        finish: further passes at a constant learning rate, see ``finishing``; 0 leaves them out.
        batch_size: images a step.
        learning_rate: AdamW's peak; one epoch of linear warm-up (at most a fifth of the run), then a cosine to 0.
        weight_decay: decoupled, not on biases nor batch normalisation.
        label_smoothing: 0..1.
        augmentation: or None for none.
        average: share of the run, at its end, over which the weights are averaged.
        bfloat16: compute in bfloat16 where the processor or GPU has it.
    """

    epochs: int
    finish: int = 0
    batch_size: int = 128
    learning_rate: float = 2e-3
    weight_decay: float = 0.05
    label_smoothing: float = 0.1
    augmentation: Augmentation | None = field(default_factory=Augmentation)
    average: float = 0.1
    bfloat16: bool = False


def finishing(training: Training) -> Training:
    """The further passes as a training of their own: half the peak of the learning rate, which no longer falls, and a
    long average of the weights, in place of the fall (Izmailov and others, 2018)."""
    rate = training.learning_rate / 2
    return replace(training, epochs=training.finish, finish=0, learning_rate=rate, average=0.4)


def hyperparameters(training: Training) -> dict:
    """All that a training is told, by name; where there are further passes, all that these are told."""
    found = asdict(training)
    if found.pop("finish"):
        found["finish"] = asdict(finishing(training))
    return found


def _at_most(training: Training, epochs: int) -> Training:
    """A training of so many epochs, further ones included."""
    further = max(0, min(training.finish, epochs - training.epochs))
    return replace(training, epochs=min(epochs, training.epochs), finish=further)


@dataclass(frozen=True)
class Recipe:
    """Everything that notebooks 01 to 03 need to know about a data set.

    Attributes:
        widths, convolutions, stem, stem_pool, residual, dropout: the CNN, see ``models.cnn``.
        half_shares: proportions of the half-depth CNN's widths, which are then matched in size.
        half_pool: its first pooling.
        dnn_shares, dnn_learning_rate: the DNN, its own, chosen on validation data.
        training: how the CNN, and but for the learning rate the others, are trained.
        train_images: size of the stratified part of the training split that is used, or None for all.
        brief_images, brief_epochs: part and length of the brief trainings that only compare (normalisation and
            augmentation in 01, shuffled pixels in 02).
        transfer_share: how long the transfer network (a second CNN, shown the class images of 07) is
            trained, as a share of the CNN's epochs: it need not be as good, and the whole recipe takes
            too long to follow it twice.
    """

    widths: tuple[int, ...]
    training: Training
    convolutions: int = 2
    stem: int = 32
    stem_pool: int = 2
    residual: bool = True
    dropout: float = 0.2
    half_shares: tuple[float, ...] = (1, 2, 4)
    half_pool: int = 4
    dnn_shares: tuple[float, ...] = (1, 1, 1)
    dnn_learning_rate: float = 3e-3
    train_images: int | None = None
    brief_images: int = 4000
    brief_epochs: int = 5
    transfer_share: float = 0.3


def transfer_training(recipe: Recipe) -> Training:
    """How the transfer network is trained: as the CNN; if shorter, without its further passes."""
    if recipe.transfer_share == 1:
        return recipe.training
    epochs = max(1, round(recipe.transfer_share * recipe.training.epochs))
    return replace(recipe.training, epochs=epochs, finish=0)


_FACES = Recipe(
    widths=(16, 32, 64),
    stem=16,
    training=Training(epochs=8, learning_rate=1e-2),
    residual=False,
    dropout=0.0,
    dnn_learning_rate=1e-2,
    brief_epochs=3,
    transfer_share=1.0,
)
_FER2013 = Recipe(
    widths=(64, 128, 320),
    training=Training(
        epochs=80,
        finish=12,
        augmentation=Augmentation(rotation=15, zoom=0.15, shift=4 / 48, erase=20 / 48),
        bfloat16=True,
    ),
    brief_images=7000,
    brief_epochs=8,
)
_FOOD11 = Recipe(
    widths=(40, 80, 160),
    stem=24,
    stem_pool=4,
    half_pool=8,
    training=Training(
        epochs=30,
        augmentation=Augmentation(rotation=15, zoom=0.2, shift=0.1, erase=0.3),
        bfloat16=True,
    ),
)
_KNOWN = {"faces": _FACES, "fer2013": _FER2013, "food11": _FOOD11}


def _for_images(shape: tuple[int, int, int], images: int) -> Recipe:
    """A recipe for anybody's images: about 75 M multiply-adds at most, about 100,000 images seen."""
    side = min(shape[:2])
    pool = 2 if side < 72 else 4 if side < 144 else 8
    epochs = min(60, max(10, round(100_000 / max(images, 1))))
    return replace(
        _FOOD11,
        widths=(32, 64, 128),
        stem_pool=pool,
        half_pool=2 * pool,
        training=Training(epochs=epochs),
    )


POSSIBLE = {
    "widths": (lambda given: 1 <= len(given) <= 5 and min(given) >= 1, "1 to 5 numbers from 1 on"),
    "depth": (lambda number: number >= 1, "1 or more"),
    "dropout": (lambda share: 0 <= share < 1, "from 0 to below 1"),
    "learning_rate": (lambda rate: rate > 0, "above 0"),
    "epochs": (lambda number: number >= 1, "1 or more"),
    "finish": (lambda number: number >= 0, "0 or more"),
}
"""The figures of a recipe that may be changed: what each must be, as a test and in words."""


def adjusted(recipe: Recipe, **figures) -> Recipe:
    """A recipe with some of its figures changed; None leaves a figure alone.

    Args:
        figures: ``widths`` (channels of each block of the CNN), ``depth`` (convolutions a block), ``dropout``,
            ``learning_rate``, ``epochs`` (fewer than the recipe's leave out what follows them), ``finish``.

    Raises:
        UserError: a figure that no network can have.
    """
    told = {name: value for name, value in figures.items() if value is not None}
    for name, value in told.items():
        fits, remedy = POSSIBLE[name]
        if not fits(value):
            raise UserError(f"{name} = {value} is not possible: take {remedy}")
    own = {name: told.pop(name) for name in ("widths", "depth", "dropout") if name in told}
    if told.get("epochs", recipe.training.epochs) < recipe.training.epochs:
        told.setdefault("finish", 0)
    widths, depth = tuple(own.pop("widths", recipe.widths)), own.pop("depth", recipe.convolutions)
    training = replace(recipe.training, **told)
    return replace(recipe, training=training, widths=widths, convolutions=depth, **own)


def halved(recipe: Recipe) -> Recipe:
    """A recipe whose CNN has half the channels, so that it costs about a quarter."""
    widths = tuple(max(1, width // 2) for width in recipe.widths)
    return replace(recipe, widths=widths, stem=max(1, recipe.stem // 2))


def recipe(
    name: str,
    shape: tuple[int, int, int],
    images: int,
    *,
    quick: bool = False,
    epochs: int | None = None,
) -> Recipe:
    """The recipe of a data set.

    Args:
        name: the data set's short name; an unknown one is a folder of images.
        shape: (height, width, channels) of its images.
        images: how many training images there are.
        quick: a small part of the images and few epochs: to see that everything runs, not to learn.
        epochs: the most epochs any training may take.

    Returns:
        the recipe, its parts no larger than the data.
    """
    found = _KNOWN.get(name) or _for_images(shape, images)
    if quick:
        few = {"train_images": 1500, "brief_images": 500, "brief_epochs": 2}
        found = replace(halved(found), training=_at_most(found.training, 3), **few)
    if epochs is not None:
        training = _at_most(found.training, epochs)
        found = replace(found, training=training, brief_epochs=min(epochs, found.brief_epochs))
    used = min(images, found.train_images or images)
    return replace(
        found,
        train_images=None if used == images else used,
        brief_images=min(used, found.brief_images),
    )
