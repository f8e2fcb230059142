"""The sentences follow the tests: swap the numbers, and the verdict turns."""

import numpy as np
import pytest

from helpers import evaluation
from helpers.evaluation import Rate
from helpers.words import cnn, common, confusion, rivals


def row(points: str, verdict: str, p: str = "< .001") -> list:
    return ["a − b", points, "+1.0 to +9.0", 9, 1, p, verdict]


def logits_right(share: float, n: int = 200, seed: int = 0) -> np.ndarray:
    """Logits of two classes, right (class 0) on a share of n images."""
    right = np.random.default_rng(seed).permutation(n) < share * n
    return np.stack([right, ~right], 1).astype("float32")


def test_paired_rows_turn_with_their_order():
    labels = np.zeros(200, int)
    good, bad = logits_right(0.9), logits_right(0.6, seed=1)
    there, back = common.paired_rows(labels, {"good − bad": (good, bad), "bad − good": (bad, good)})
    assert there[-1] == "higher"
    assert back[-1] == "lower"
    assert there[1] == back[1].replace("−", "+")
    same = common.paired_rows(labels, {"same": (good, good)})[0]
    assert same[-1] == "no difference shown"
    assert same[1] == "+0.0"


def test_effects_are_called_by_their_verdict():
    assert common.effect("augmentation", row("+3.0", "higher")).startswith("augmentation raises")
    assert common.effect("augmentation", row("−3.0", "lower")).startswith("augmentation lowers")
    assert "no effect of augmentation" in common.effect("augmentation", row("+0.1", "no difference shown", "1"))


def test_a_dnn_that_wins_is_said_to_win():
    rates = {"cnn": Rate(40, 100), "dnn": Rate(80, 100), "cnn_half": Rate(50, 100)}
    assert "the DNN beats the CNN" in rivals.rivals_in_one_sentence(rates, [row("−40.0", "lower")])
    assert "the CNN beats the DNN" in rivals.rivals_in_one_sentence(rates, [row("+40.0", "higher")])


@pytest.mark.parametrize(
    ("lost", "chance", "supported"),
    [
        (row("+50.0", "higher"), row("+1.0", "no difference shown"), True),
        (row("+50.0", "higher"), row("+40.0", "higher"), False),
        (row("+1.0", "no difference shown"), row("+0.5", "no difference shown"), False),
        (row("−20.0", "lower"), row("+0.5", "no difference shown"), False),
    ],
)
def test_shuffled_pixels_support_the_explanation_only_if_the_cnn_falls(lost, chance, supported):
    assert ("This supports" in rivals.shuffle_in_words([lost, chance])) == supported


def history(losses):
    return [{"epoch": i, "val_loss": loss, "val_accuracy": 0.5} for i, loss in enumerate(losses, 1)]


def test_overfitting_is_dated():
    assert "overfits from epoch 2" in cnn.reading(history([1.0, 0.8, 0.9, 1.1]))
    assert "No epoch starts to overfit" in cnn.reading(history([1.0, 0.8, 0.7]))


def test_learning_by_heart_needs_intervals_apart():
    assert "fitted to better" in cnn.gap(Rate(60, 100), Rate(95, 100))
    assert "underfits" in cnn.gap(Rate(60, 100), Rate(61, 100))


def test_without_a_test_set_the_table_says_so():
    rows = cnn.data_roles({"training, 5 of 9": Rate(4, 5), "validation": Rate(3, 5)})
    assert "no untouched test set" in rows[-1]
    assert "chosen on it, optimistic" in rows[1]
    assert "final check" in cnn.data_roles({"test": Rate(3, 5), "validation": Rate(3, 5)})[0]


def test_directions_of_confusions():
    one_way = evaluation.confused_pairs(np.array([[60, 40], [10, 990]]))
    assert confusion.direction(one_way[0]) == "one way"
    assert "it goes one way" in confusion.confusion_in_one_sentence(one_way, ["fear", "joy"])
    both = evaluation.confused_pairs(np.array([[90, 10], [10, 90]]))
    assert confusion.direction(both[0]) == "no direction shown"
    assert "mistaken" in confusion.confusion_in_one_sentence([], ["a", "b"])


def test_class_names_cannot_become_markup():
    pairs = evaluation.confused_pairs(np.array([[60, 40], [10, 990]]))
    text = confusion.confusion_in_one_sentence(pairs, ["<script>", "*a*_b_[x](y)"])
    assert "<script>" not in text.replace("\\<script\\>", "")
    assert "\\*a\\*\\_b\\_\\[x\\]" in text


def test_every_description_names_every_class():
    counts = np.array([[5, 1, 0], [0, 0, 0], [2, 0, 3]])
    words = confusion.describe_confusion(counts, ["a", "b", "c"])
    assert "a: 83% right" in words
    assert "b: no images" in words
