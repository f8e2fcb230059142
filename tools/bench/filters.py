"""All filters in one batch, against one by one and against a plain loop."""

from functools import partial

import numpy as np

from helpers.backend import keras, tf
from helpers.explain import filters
from tools.bench.timing import Row, in_turns

COUNT, STEPS = 64, 256
LOOPED = 8  # steps of the plain loop that are timed; the others would take as long


def rows(network: keras.Model, repeats: int) -> list[Row]:
    """The table's rows: the first layer, and the last, in which a step costs the whole network."""
    names = filters.convolutions(network)
    found = []
    # The ratio of the last layer does not depend on the steps; fewer keep the run short.
    for layer, steps, at_least in ((names[0], STEPS, 5), (names[-1], STEPS // 16, None)):
        width = network.get_layer(layer).filters
        numbers = np.arange(COUNT) % width
        climb = partial(filters.maximise, network, layer, numbers, regulariser="none", steps=steps)
        loop = partial(_loop, filters.maps_model(network, layer), network.input_shape[1:])
        loop()
        calls = {"ours": climb, "one by one": partial(climb, batch=1), "plain loop": loop}
        filters.maximise(network, layer, numbers[:1], regulariser="none", steps=1)
        times = in_turns(calls, repeats)
        what = f"{COUNT} filters x {steps} steps, {layer}"
        note = "the same compiled loop" + (
            f"; its {width} filters, {COUNT // width} times" if width < COUNT else ""
        )
        found.append(
            Row(
                what, times["ours"], "one by one", times["one by one"], at_least=at_least, note=note
            )
        )
        loops = [COUNT * steps / LOOPED * seconds for seconds in times["plain loop"]]
        note = f"from {LOOPED} steps of one filter"
        found.append(Row(what, times["ours"], "plain loop", loops, at_least=at_least, note=note))
    return found


def _loop(cut: keras.Model, shape: tuple[int, int, int]) -> None:
    """What one writes first: one filter, a tape and an optimiser step by step, nothing compiled."""
    pixels = tf.Variable(np.random.default_rng(0).uniform(100, 155, (1, *shape)).astype("float32"))
    adam = keras.optimizers.Adam(12.75)
    for _ in range(LOOPED):
        with tf.GradientTape() as tape:
            loss = -tf.reduce_mean(cut(pixels, training=False)[..., 0])
        adam.apply([tape.gradient(loss, pixels)], [pixels])
        pixels.assign(tf.clip_by_value(pixels, 0, 255))
