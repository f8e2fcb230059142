"""Keras made quiet and repeatable."""

import contextlib
import os
import sys
from functools import cache

from helpers.errors import UserError


def threads() -> int:
    """The number of threads TensorFlow computes with: the cores this process may use, 8 at most.

    Another count sums in another order and gives other last bits, so it is fixed and recorded.
    """
    available = (
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    )
    return min(available, 8)


@cache
def import_keras():
    """Import Keras without TensorFlow's start-up lines, set as the workbook needs it; returns the module ``keras``.

    Another project's ``keras.json`` and ``KERAS_BACKEND`` change nothing; ``WORKBOOK_BACKEND`` may name a backend to
    train with. The threads are set before TensorFlow computes for the first time.
    """
    if "keras" not in sys.modules:
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        os.environ["KERAS_BACKEND"] = os.environ.get("WORKBOOK_BACKEND", "tensorflow")
    with _silent_stderr():
        import keras
    import threadpoolctl  # only here: `make help` runs without any package

    keras.config.set_image_data_format("channels_last")
    keras.config.set_floatx("float32")
    keras.config.set_epsilon(1e-7)
    # NumPy's matrices are small here: more threads would only wait for one another, and cost twice the time.
    threadpoolctl.threadpool_limits(1, "blas")
    if keras.config.backend() == "tensorflow":
        import tensorflow as tf

        with contextlib.suppress(RuntimeError):  # it has computed already
            tf.config.threading.set_intra_op_parallelism_threads(threads())
    return keras


def __getattr__(name: str):
    """``from helpers.backend import keras, layers, ops, tf``: imported quietly when they are first asked for."""
    if name == "keras":
        return import_keras()
    if name == "tf":
        import_keras()
        import tensorflow

        return tensorflow
    if name in ("layers", "ops"):
        return getattr(import_keras(), name)
    raise AttributeError(name)


def prepare(seed: int) -> None:
    """Make what follows repeatable: fix the backend's threads and seed every generator.

    To be called before the first TensorFlow operation (`Run.open` does); another call only seeds again.

    Raises:
        UserError: TensorFlow already computes with another number of threads.
    """
    keras = import_keras()
    if keras.config.backend() == "tensorflow":
        import tensorflow as tf

        if tf.config.threading.get_intra_op_parallelism_threads() != threads():
            raise UserError(
                "TensorFlow was used before Run.open: restart the kernel and open the run first"
            )
        tf.config.experimental.enable_op_determinism()
        tf.get_logger().setLevel("ERROR")  # its advice on retracing helps no reader of a notebook
    keras.utils.set_random_seed(seed)


@contextlib.contextmanager
def _silent_stderr():
    """Send the process's stderr to nowhere; C++ writes there before any log level is read."""
    sys.stderr.flush()
    saved, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(nowhere)
