"""Trainings of a run: its networks, and those that only compare (``ablations``, ``shortcut``)."""

from helpers.experiments.ablations import (  # noqa: F401
    shuffled_pixels,
    softmax_once_and_twice,
    two_by_two,
)
from helpers.experiments.adoption import adopt, summary  # noqa: F401
from helpers.experiments.trainings import (  # noqa: F401
    adopt_or_train,
    cnn,
    cnn_half,
    dnn,
    dnn_training,
    keep_epochs,
    part,
    test_logits,
    train,
    train_unsaved,
    transfer_network,
)
