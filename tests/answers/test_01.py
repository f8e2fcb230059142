"""Notebook 01's words from made facts: turn a number round, and the sentence must turn."""

import copy

import pytest
from rendering import rendered

from helpers import stats
from helpers.networks.history import Course

NAME = "01_train_cnn"


def course(**changed):
    values = {"epochs": 8, "best": 8, "lowest": 8, "overfits": False, "window": 2, "gain": 0.002}
    return Course(**{**values, "learning": False, **changed})


def paired(value, p):
    return stats.Paired(30, 20, stats.Estimate(value, value - 0.02, value + 0.02, 1000, p))


def how(**changed):
    change = dict.fromkeys(("rotation", "zoom", "shift", "contrast", "brightness", "erase"), 0.1)
    told = {
        "epochs": 8,
        "batch_size": 128,
        "learning_rate": 0.01,
        "weight_decay": 0.05,
    }
    more = {"label_smoothing": 0.1, "average": 0.1, "augmentation": {"flip": True, **change}}
    return {**told, **more, **changed}


def blocks():
    sizes = [("input", 48, 1, 0), ("convolution", 48, 16, 200), ("convolution", 6, 64, 700)]
    found = [
        {"kind": k, "height": side, "width": side, "channels": c, "layers": 1, "parameters": n}
        for k, side, c, n in sizes
    ]
    return [
        *found,
        {**found[0], "kind": "logits", "height": None, "width": None, "parameters": 100},
    ]


def facts(
    training=(900, 1000),
    validation=(880, 1000),
    test=(890, 1000),
    norm=(0.0, 1.0),
    aug=(0.0, 1.0),
    **course_of,
):
    rates = dict.fromkeys(
        ["validation_clean", "test", "test_clean", "validation_not_exact", "test_not_exact"]
    )
    rates |= {"training": stats.rate(*training), "validation": stats.rate(*validation)}
    last = stats.rate(*test) if test else None
    rates["test"] = last
    own = rates["validation"]
    accuracy = {
        "rates": rates,
        "final": {"set": "test" if last else "validation", "rate": last or own, "new": False},
        "gap": stats.difference(rates["training"], own),
        "gap_test": last and stats.difference(rates["training"], last),
        "split": last and stats.difference(own, last),
        "copies": {"exact": 0, "near": 0},
        "looked": bool(last),
    }
    row = {"epoch": 8, "val_accuracy": 0.88, "val_loss": 0.7, "accuracy": 0.9, "loss": 0.6}
    keys = ["normalised_augmented", "normalised_plain", "raw_augmented", "raw_plain"]
    effects = {"norm_augmented": paired(*norm), "norm_plain": paired(0.0, 1.0)}
    effects |= {"aug_normalised": paired(*aug), "aug_raw": paired(0.0, 1.0)}
    return {
        "cnn": {
            "external": None, "parameters": 1000, "multiply_adds": 7_600_000, "counts_all": True, "layers": 20,
            "history": [row], "blocks": blocks(),
            "architecture": {"blocks": 3, "convolutions": 2, "residual": False, "dropout": 0.0},
        },
        "cnn_training": {
            "how": how(), "images": 8000, "policy": "float32", "shipped": False, "seed": 0, "floor": 0.446,
            "course": course(**course_of),
        },
        "accuracy": accuracy,
        "augmentation": {
            "images": 4000, "epochs": 5, "judged": 1000, "effects": effects,
            "rates": {key: stats.rate(500, 1000) for key in keys}, "fitted": dict.fromkeys(keys, 0.8),
        },
    }  # fmt: skip


def test_overfitting_is_said_only_where_the_decisive_set_shows_it():
    assert (
        "It overfits" in rendered(NAME, facts(validation=(800, 1000), test=(800, 1000)))["answer"]
    )
    assert "It overfits" in rendered(NAME, facts(validation=(800, 1000), test=None))["answer"]
    assert "No overfitting shows" in rendered(NAME, facts(validation=(890, 1000)))["answer"]
    luck = rendered(NAME, facts(validation=(865, 1000), test=(890, 1000)))
    assert "overfitting stays undecided" in luck["cnn"]
    assert "Whether it overfits stays open" in luck["answer"]
    harder = rendered(NAME, facts(validation=(820, 1000), test=(895, 1000)))["cnn"]
    assert "Validation images are harder" in harder
    assert "even better" in rendered(NAME, facts(validation=(960, 1000), test=(960, 1000)))["cnn"]


def test_an_undertrained_network_is_called_so():
    assert "under-trained" in rendered(NAME, facts(learning=True, gain=0.021))["answer"]
    assert "2.1 points" in rendered(NAME, facts(learning=True, gain=0.021))["history"].replace(
        "\\", ""
    )
    assert "under-trained" not in rendered(NAME, facts())["answer"]
    assert "From epoch 5 on" in rendered(NAME, facts(overfits=True, lowest=5))["short_history"]


@pytest.mark.parametrize(
    ("norm", "aug", "words"),
    [
        ((0.0, 1.0), (0.01, 0.3), "neither input normalisation nor augmentation"),
        (
            (-0.03, 0.001),
            (0.0, 1.0),
            "normalisation, with augmentation, lowered the accuracy; augmentation shows no effect",
        ),
        (
            (0.0, 1.0),
            (0.03, 0.001),
            "augmentation raised the accuracy; input normalisation shows no effect",
        ),
        ((0.03, 0.001), (0.03, 0.001), "both raised the accuracy"),
        (
            (0.03, 0.001),
            (-0.03, 0.001),
            "normalisation, with augmentation, raised the accuracy, augmentation lowered it",
        ),
    ],
)
def test_the_effects_are_what_the_tests_show(norm, aug, words):
    assert words in rendered(NAME, facts(norm=norm, aug=aug))["short_augmentation"]


def test_without_a_test_set_the_validation_images_are_named_and_no_check_is_claimed():
    found = rendered(
        NAME, facts(test=None), data={"splits": {"train": 8000, "validation": 1000}, "labelled": {}}
    )
    assert "88\u00a0% of the validation images" in found["short_cnn"]
    assert "There is no test set" in found["placed"]


def test_copies_are_counted_and_left_out():
    made = facts(test=None)
    made["accuracy"]["copies"] = {"exact": 280, "near": 263}
    made["accuracy"]["final"]["new"] = True
    found = rendered(NAME, made)
    assert "new validation images" in found["short_cnn"]
    assert (
        "280 stand in training" in found["cnn"] and "263 more are the same picture" in found["cnn"]
    )


def test_an_external_network_says_what_was_changed_on_it():
    made = copy.deepcopy(facts())
    made["cnn"]["external"] = {
        "file": "US$ *a*.keras", "sha256": "0", "pixel_range": "0..1", "tried": 1000, "rates": {}, "history_file": None,
        "adaptations": [
            {"kind": "channels", "given": 1, "wanted": 3}, {"kind": "size", "given": [48, 48], "wanted": [64, 64]},
            {"kind": "class_order", "order": [1, 0], "stated": False}, {"kind": "keras2", "version": "2.9"},
            {"kind": "operators", "names": ["Add"]}, {"kind": "one_output"}, {"kind": "no_convolution"},
            {"kind": "class_maps", "layer": "last"},
        ],
    }  # fmt: skip
    made["cnn"]["history"], made["cnn_training"]["course"] = [], None
    found = rendered(NAME, made)
    assert r"US\$ \*a\*" in found["short_cnn"] and "trained elsewhere" in found["short_cnn"]
    for words in (
        "repeated in front",
        "64 × 64 pixels",
        "alphabetical order",
        "raw pixels into the range",
    ):
        assert words in found["cnn"]
    assert "not known" in found["short_history"]
    assert "overfit" not in found["answer"]
