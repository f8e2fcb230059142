"""The words of notebook 02: three networks of equal size, and what shuffled pixels cost."""

from helpers import models
from helpers.evaluation import Rate
from helpers.words.common import compare, numbers

TITLES = {"cnn": "CNN", "cnn_half": "CNN of half depth", "dnn": "DNN"}


def size_rows(networks: dict, rates: dict[str, Rate]) -> list[list]:
    """Rows: network, parameters, difference from the CNN, multiply-adds, validation accuracy, interval."""
    base = networks["cnn"].count_params()
    rows = []
    for name, network in networks.items():
        count, rate = network.count_params(), rates[name]
        low, high = (100 * end for end in rate.interval)
        cost = f"{models.multiply_adds(network) / 1e6:.1f} M"
        share = f"{100 * (count - base) / base:+.2f} %"
        rows.append([TITLES[name], count, share, cost, f"{100 * rate.value:.1f} %", f"{low:.1f} to {high:.1f}"])
    return rows


def rivals_in_one_sentence(rates: dict[str, Rate], tests: list[list]) -> str:
    """The answer to question 2 in a sentence; ``tests`` begins with CNN − DNN."""
    return (
        f"The CNN recognises {100 * rates['cnn'].value:.1f} % of the validation images, a DNN of equal size "
        f"{100 * rates['dnn'].value:.1f} %; {compare('the CNN', 'the DNN', tests[0])}."
    )


def depth_in_words(rates: dict[str, Rate], tests: list[list]) -> str:
    """What half the depth does; ``tests`` has CNN − half depth second and half depth − DNN third."""
    return (
        f"The CNN of half the depth reaches {100 * rates['cnn_half'].value:.1f} %: "
        f"{compare('the full depth', 'half of it', tests[1])}, and {compare('half depth', 'the DNN', tests[2])}. "
        "One seed a network."
    )


def shuffle_in_words(falls: list[list]) -> str:
    """Whether the experiment with shuffled pixels supports the explanation by neighbourhood."""
    cnn, dnn = falls
    lost, chance = (float(row[1].replace("−", "-")) for row in (cnn, dnn))
    if cnn[-1] == "higher" and lost > 2 * abs(chance):
        verdict = "This supports the explanation that the CNN lives from pixels being neighbours"
    else:
        verdict = "This does not support the explanation that the CNN lives from pixels being neighbours"
    return (
        f"An experiment ({{ref:shuffled}}): trained again briefly, pixels in place against shuffled ones are worth "
        f"{numbers(cnn)} to the CNN and {numbers(dnn)} to the DNN. For the DNN both trainings are the same but for the "
        f"random start, so its difference shows what chance does. {verdict}."
    )
