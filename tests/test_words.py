"""The sentences follow the tests: swap the numbers, and the verdict turns."""

import numpy as np
import pytest

from helpers import evaluation, recipes
from helpers.evaluation import Rate
from helpers.experiments import Elsewhere
from helpers.words import cnn, common, confusion, elsewhere, rivals


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


def test_the_judge_is_said_to_be_trained_shorter_only_where_it_is():
    shorter = recipes.recipe("food11", (128, 128, 3), 9866)
    assert "trained for 9 instead of 30 epochs from another random start" in rivals.judge(shorter, Rate(50, 100))
    whole = recipes.recipe("faces", (48, 48, 1), 8000)
    assert "by the whole recipe" in rivals.judge(whole, Rate(50, 100))
    assert "built by this workbook" in rivals.judge(whole, Rate(50, 100), "mine.keras")
    assert "50.0\u00a0% (40.4 to 59.6)" in rivals.judge(whole, Rate(50, 100))


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
    assert "not trained for too long" in cnn.reading(history([1.0, 0.8, 0.7]))


def test_what_follows_a_constant_rate_is_told_apart():
    rows = history([1.0, 0.8, 0.7, 0.9])
    rows = [{**row, "learning_rate": rate} for row, rate in zip(rows, (2, 1, 0, 1), strict=True)]
    assert "not trained for too long" in cnn.reading(rows)
    assert "From epoch 4 on the learning rate is higher" in cnn.history_caption(rows, 3)
    assert "is higher" not in cnn.history_caption(rows[:3], 3)


def test_the_recipe_tells_what_follows_the_cosine():
    recipe = recipes.recipe("fer2013", (48, 48, 1), 28709)
    assert "for 80 epochs, and then stays at 0.001 for 12 more." in cnn.schedule(recipe)
    assert ["epochs", "80 + 12"] in cnn.recipe_rows(recipe, 28709)
    assert "stays at" not in cnn.schedule(recipes.recipe("faces", (48, 48, 1), 8000))


def test_learning_by_heart_needs_a_difference_above_chance():
    assert "fitted to better" in cnn.gap(Rate(60, 100), Rate(95, 100))
    assert "is not shown" in cnn.gap(Rate(60, 100), Rate(61, 100))
    assert "even less than new ones" in cnn.gap(Rate(90, 100), Rate(61, 100))
    assert "(+3.5 points, +1.3 to +5.7)" in cnn.gap(Rate(2042, 3309), Rate(2609, 4001))  # intervals that overlap
    assert "fitted to better" in cnn.gap(Rate(60, 100), Rate(95, 100), None, Rate(62, 100))
    assert "is not shown" in cnn.gap(Rate(60, 100), Rate(95, 100), None, Rate(94, 100))


def test_networks_that_still_rise_are_named():
    def curve(*values):
        return [{"val_accuracy": value} for value in values]

    rising, flat = curve(0.1, 0.2, 0.3, 0.5), curve(0.3, 0.4, 0.5, 0.5)
    assert "(DNN by 20.0 points)" in rivals.undertrained({"cnn": flat, "dnn": rising, "cnn_half": []})
    assert rivals.undertrained({"cnn": flat}) == ""


def test_without_a_test_set_the_table_says_so():
    rows = cnn.data_roles({"training, 5 of 9": Rate(4, 5), "validation": Rate(3, 5)})
    assert "no untouched test set" in rows[-1]
    assert "chosen on it, optimistic" in rows[1]
    assert "final check" in cnn.data_roles({"test": Rate(3, 5), "validation": Rate(3, 5)})[0]


def test_directions_of_confusions():
    one_way = evaluation.confused_pairs(np.array([[60, 40], [10, 990]]))
    assert confusion.direction(one_way[0]) == "more this way"
    assert "and more than the other way" in confusion.confusion_in_one_sentence(one_way, ["fear", "joy"])
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


def test_of_a_network_trained_elsewhere_no_accuracy_is_called_fitted():
    given = Elsewhere(None, "my.keras", "ab", "0..1", {"0..1": Rate(60, 100)}, [], None)
    final, fitted = Rate(600, 1000), Rate(900, 1000)
    assert "fitted to better" in cnn.gap(final, fitted)
    assert "is not known" in cnn.gap(final, fitted, given)
    roles = cnn.data_roles({"training, all": fitted, "validation": final}, given)
    assert all("if fitted" in row[3] for row in roles[:2])
    assert "curves were not given" in cnn.reading([])
    assert ["curves", "not given"] in elsewhere.rows(given)


def test_rivals_that_cannot_be_as_large_are_said_to_differ():
    assert "within 1" in rivals.sizes({"dnn": 1005, "cnn_half": 995}, 1000)
    assert "the nearest DNN has 1,700" in rivals.sizes({"dnn": 1700, "cnn_half": 995}, 1000)
    rates = {"cnn": Rate(40, 100), "dnn": Rate(30, 100)}
    assert "of equal size" in rivals.rivals_in_one_sentence(rates, [row("+10.0", "higher")])
    assert "of equal size" not in rivals.rivals_in_one_sentence(rates, [row("+10.0", "higher")], equal=False)


def test_curves_that_are_not_known_are_said_to_be_missing():
    rows = [{"accuracy": 0.5, "val_accuracy": 0.4}]
    assert "not known" in rivals.curves({"dnn": rows}, "my.keras")
    assert "the author's log" in rivals.curves({"cnn": rows, "dnn": rows}, "my.keras")
    assert "the author's log" not in rivals.curves({"cnn": rows, "dnn": rows})


def test_a_deep_network_is_summed_up_in_twelve_rows():
    deep = [[f"layer{i}", "8 × 8 × 4", 1, 10] for i in range(100)]
    short = elsewhere.summed_up(deep)
    assert len(short) == 12
    assert sum(row[2] for row in short) == 100
    assert sum(row[3] for row in short) == 1000
    assert elsewhere.summed_up(deep[:12]) == deep[:12]


def test_half_the_depth_comes_with_what_chance_between_trainings_does():
    rates = {"cnn_half": Rate(80, 100)}
    tests = [["", "+20.0", "", 0, 0, ".001", "higher"], ["", "+3.8", "", 0, 0, ".001", "higher"]]
    tests.append(["", "+9.0", "", 0, 0, ".001", "higher"])
    falls = [["", "+40.0", "", 0, 0, ".001", "higher"], ["", "−5.2", "", 0, 0, ".3", "no difference shown"]]
    text = rivals.depth_in_words(rates, tests, falls)
    assert "the full depth beats half of it" in text
    assert "one DNN differ by 5.2 points" in text


def test_a_p_below_the_mark_is_not_rounded_up_to_it():
    assert [common.p_value(p) for p in (0.0494, 0.0497, 0.05, 0.0004)] == [".049", "<\u00a0.05", ".050", "<\u00a0.001"]
