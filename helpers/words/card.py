"""The model card of shipped networks: what they are, what they reach, and what they must not be used for."""

from collections.abc import Mapping, Sequence

from helpers.evaluation import ClassScore, ConfusedPair, Rate

USE = (
    "They serve to show how a small classifier is explained, in this workbook, and for nothing else. They tell "
    "which of the labels a rater would choose for a small picture of a face, and that not well; they do not tell "
    "what anybody feels. They must not be used to judge, watch, select or diagnose people: what they say of a "
    "person is often wrong, how often for people of which age, sex or skin was not measured (the data do not "
    "say), and recognising emotions at work and in schools is forbidden in the European Union (Regulation "
    "2024/1689, article 5)."
)
BIASES = {
    "fer2013": (
        "The pictures were found on the web by searching for emotion words, cropped by a face detector and labelled "
        "by few raters: people reach about 65 % on them (Goodfellow and others, 2013). Posed and exaggerated faces "
        "are many, disgust is rare, some labels are wrong, some pictures show no face. Images occur more than once, "
        "also in both splits, which is why accuracy is given without those too. No licence of the images is known."
    )
}


def table(columns: Sequence[str], rows: Sequence[Sequence]) -> str:
    """A table in Markdown."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def network_row(name: str, size: tuple[int, int], seed: int, rates: Sequence[Rate], size_mb: float) -> list[str]:
    """A row: file, parameters, multiply-adds, seed, accuracies, megabytes.

    Args:
        size: parameters and multiply-adds of one image.
        rates: on all validation images, without those that also stand in training, the same with flip averaging.
    """
    count, adds = size
    return [f"`{name}.keras`", f"{count:,}", f"{adds / 1e6:.0f} M", str(seed), *map(str, rates), f"{size_mb:.1f}"]


NETWORK_COLUMNS = (
    "file",
    "parameters",
    "multiply-adds",
    "seed",
    "accuracy",
    "without twins",
    "the same, flip averaged",
    "MB",
)


def card(
    dataset: str,
    title: str,
    images: tuple[int, int],
    networks: Sequence[Sequence[str]],
    scores: Sequence[ClassScore],
    pairs: Sequence[ConfusedPair],
    names: Sequence[str],
    recipe: Sequence[Sequence],
    origins: Mapping[str, Mapping],
    command: str,
) -> str:
    """The card as Markdown.

    Args:
        dataset, title: its short name, and the one that is printed.
        images: how many to train on, and how many to validate.
        networks: rows for ``NETWORK_COLUMNS``.
        scores, pairs: of the CNN on the validation images.
        recipe: rows of names and values.
        origins: by network, commit, date, machine and packages.
        command: what trains them again.
    """
    confused = "; ".join(f"{names[p.true]} is taken for {names[p.predicted]}: {p.rate}" for p in pairs[:5])
    whence = [
        [f"`{name}`", origin["date"], f"`{(origin['commit'] or 'no commit')[:10]}`", origin["machine"],
         ", ".join(f"{package} {version}" for package, version in origin["packages"].items())]
        for name, origin in origins.items()
    ]  # fmt: skip
    parts = [
        f"# Networks for {title}",
        f"Shipped with the workbook, so that `make report DATASET={dataset}` need not train for hours. Written by "
        f"`{command}`, figures and all.",
        "## What they reach",
        table(NETWORK_COLUMNS, networks),
        f"Accuracy on {images[1]:,} validation images, 95 % Wilson intervals; twins are validation images that also "
        "stand in training. One network and one look at each image, but for the last accuracy. Input: raw pixels (n, "
        "height, width, channels) in 0..255; output: logits, in the order of the classes below. Stock Keras layers, "
        "float32, weights rounded to 10 bits of the mantissa.",
        "The CNN, class by class:",
        table(
            ("class", "training images", "recall", "precision"),
            [(s.name, f"{s.train_images:,}", s.recall, s.precision) for s in scores],
        ),
        f"Most confused: {confused}.",
        "## Data and protocol",
        f"Fitted to {images[0]:,} training images; recipe and length were chosen on the validation images, so that "
        f"accuracy there is optimistic. No test set was looked at. {BIASES.get(dataset, '')}".strip(),
        "## What they must not be used for",
        USE,
        "## How to train them again",
        f"`{command}`, with the data in `data/`: what was interrupted goes on. The recipe, the same for all but the "
        "DNN's learning rate, and its length where there are epochs at a constant rate:",
        table(("figure", "value"), recipe),
        "Written by which commit, when and where:",
        table(("network", "date", "commit", "machine", "packages"), whence),
    ]
    return "\n\n".join(parts) + "\n"
