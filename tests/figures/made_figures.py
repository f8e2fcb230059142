"""Every figure from made-up values, by name."""

import numpy as np

from helpers.figures import (
    charts,
    class_images,
    confusion,
    deep_dream,
    faithfulness,
    filters,
    gallery,
    lime,
    maps,
    math,
    networks,
    training,
    watching,
)

SIDE = 8
BOXES = {"brows": (0.2, 0.15, 0.35, 0.85), "eyes": (0.33, 0.15, 0.5, 0.85)}
ROWS = [
    {"epoch": i, "loss": 2 / i, "val_loss": 2.2 / i, "accuracy": i / 21, "val_accuracy": i / 22}
    for i in range(1, 21)
]


def block(kind, side, channels, layers=0, parameters=0):
    size = {"height": side, "width": side, "channels": channels}
    return {"kind": kind, "layers": layers, "parameters": parameters} | size


CNN = [
    block("input", 48, 1),
    block("convolution", 24, 32, 2, 18_816),
    block("pooling", 12, 32),
    block("logits", None, 7, 1, 903),
]
DNN = [block("input", 48, 1), *[block("dense", None, 4096, 1, 10**7)] * 12]


def images(n, channels=1):
    shape = (n, SIDE, SIDE, channels)
    return np.random.default_rng(0).integers(0, 256, shape, dtype="uint8")


def heats(n):
    return np.random.default_rng(1).normal(size=(n, SIDE, SIDE))


def by_class(names, channels=1):
    """The figures that depend on the classes; the second class lacks what it can lack."""
    n, few = len(names), min(len(names), 8)
    pictures, blank = images(2 * n, channels), images(n, channels).astype(float)
    blank[1] = np.nan
    counts = np.random.default_rng(2).integers(0, 50, (n, n))
    counts[1] = 0
    places = [(row, group) for row in range(few) for group in range(3) if (row, group) != (1, 2)]
    shown, notes = len(places), ["said another, .93"] * len(places)
    example = lime.LimeExample(pictures[0], heats(1), ["p = .93", f"for {names[0]}"])
    examples = {name: [example] for name in names[:few]} | {names[1]: ["no image is mistaken"]}
    labels = np.arange(2 * n) % n * (np.arange(2 * n) % n != 1)
    near = np.stack([pictures[:3]] * 2)
    gaps = np.where(np.arange(n)[:, None, None] == 1, np.nan, heats(n))
    two = {"Gradient": heats(n), "Guided backpropagation": heats(n)}
    return {
        "examples": gallery.examples(pictures, labels, names, 2),
        "strip": gallery.strip(pictures, [*names, *names]),
        "confusion": confusion.confusion(counts, names),
        "mistakes": confusion.mistakes(pictures[:2], names[:2], near, [[names[0]] * 3] * 2),
        "triples": maps.triples(
            names[:few],
            ["one", "two", "three"],
            places,
            pictures[:1].repeat(shown, 0),
            heats(shown),
            notes,
        ),
        "side": maps.side_by_side(pictures[:n], names, two, dict.fromkeys(two, True)),
        "means": maps.means(blank, gaps, names, "% of the map a pixel", BOXES),
        "lime": lime.lime_examples(examples, [["the\nimage", "for the class"]]),
        "averages": lime.lime_averages(blank, gaps, names),
        "winners": class_images.winners(blank, names, ["p = .83"] * n),
        "rows": class_images.image_rows(
            {"a regulariser": blank}, names, {"a regulariser": gaps[:, 0, 0]}, ["a regulariser"]
        ),
        "dreams": deep_dream.dream_rows(
            pictures[:n], pictures[:n], abs(heats(n)), heats(n), names, "LIME"
        ),
        "forest": charts.forest(dict.fromkeys(names, (0.5, 0.4, 0.6)), "recall", base=1 / n),
    }


def others():
    """The figures that do not."""
    grey, line = images(64), np.linspace(1, 0, 9)
    rates = {"LIME": (0.5, 0.4, 0.6), "random*": (0.1, 0, 0.2)}
    two = {name: {"used": rates[name], "not used": (np.nan,) * 3} for name in rates}
    moments = ["start", "epoch 1", "epoch 2", "epoch 5", "epoch 10", "best 23", "final"]
    kernels = np.random.default_rng(3).normal(size=(16, 3, 3, 1))
    path = np.random.default_rng(4).uniform(size=(3, 50))
    return {
        "gallery": gallery.gallery(grey[:9], [f"happy\nnot sad ({k})" for k in range(9)]),
        "pairs": gallery.pairs(grey[:5], grey[5:10], ["happy and sad"] * 5),
        "pair": confusion.worst_pair(grey[:5], grey[:3], ["angry", "disgust"]),
        "networks": networks.drawing({"CNN": CNN, "DNN": DNN}),
        "history": training.history(ROWS, 17, floor=0.45),
        "one epoch": training.history(ROWS[:1], 1),
        "histories": training.histories({"CNN": ROWS, "DNN": ROWS[:3]}, best={"CNN": 3}, floor=0.4),
        "series": charts.forest(two, "share", controls=["random*"]),
        "dots": charts.dots({"CNN": [0.7, 0.8], "DNN": [0.5], "none": []}, "accuracy", base=0.1),
        "grid": filters.filter_grid(grey, [*map(str, range(64))]),
        "filters": filters.filter_pairs(
            [("block1_conv2", grey[:9], ["1\n0.1 → 3.4"] * 9), ("best", grey[:1], ["2"])]
        ),
        "outputs": filters.filter_outputs(
            grey[0], {"stem": abs(heats(9)), "dead": heats(0)}, {"stem": "abcdefghi", "dead": ""}
        ),
        "before": deep_dream.before_after(grey[0], grey[1]),
        "strengths": deep_dream.dream_grid(
            grey[0], [grey[:3]] * 2, ["block1_conv2", "block2"], ["weak", "medium", "strong"]
        ),
        "maps": watching.maps_over_time(
            ["happy", "sad"], ["image", *moments], [grey[0], None], [heats(2)] * 7
        ),
        "kernels": watching.kernels(kernels, kernels, [*map(str, range(16))]),
        "curves": faithfulness.curves(
            dict.fromkeys(rates, line), dict.fromkeys(rates, line), ["random*"]
        ),
        "forgetting": faithfulness.forgetting(
            grey[0],
            {"Guided backpropagation": heats(10)},
            ["a stage"] * 9,
            {"Guided backpropagation": line},
        ),
        "marked": faithfulness.marked(grey[:6], {"Gradient, not used": heats(6)}),
        "kernel": math.kernel_places(11, 2, 3, [0, 2, 4]),
        "softmax": math.softmax_twice(path, path, {"once": ROWS, "twice": ROWS}, 0.5),
    }


def empty():
    """The figures that may find nothing to show."""
    none = images(0)
    return {
        "gallery": gallery.gallery(none, []),
        "strip": gallery.strip(none),
        "pairs": gallery.pairs(none, none, []),
        "mistakes": confusion.mistakes(none, [], images(0)[:, None], []),
        "pair": confusion.worst_pair(none, none, ["a", "b"]),
        "triples": maps.triples([], [], [], none, heats(0), []),
        "side": maps.side_by_side(none, [], {"Gradient": heats(0)}, {"Gradient": True}),
        "means": maps.means(none, heats(0), [], "a pixel", BOXES),
        "lime": lime.lime_examples({}, [["image", "map"]]),
        "averages": lime.lime_averages(none, heats(0), []),
        "winners": class_images.winners(none, []),
        "rows": class_images.image_rows({}, [], {}),
        "grid": filters.filter_grid(none, []),
        "filters": filters.filter_pairs([]),
        "forest": charts.forest({}, "accuracy"),
        "dots": charts.dots({}, "accuracy"),
        "networks": networks.drawing({}),
        "dreams": deep_dream.dream_rows(none, none, heats(0), heats(0), [], "LIME"),
        "curves": faithfulness.curves({}, {}, []),
    }
