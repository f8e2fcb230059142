"""With which sentences loading fails."""

import pytest

from helpers.datasets import load
from helpers.errors import DataError


def faults(name, path, **options) -> tuple[str, ...]:
    """The sentences with which loading fails."""
    with pytest.raises(DataError) as caught:
        load(name, path, **options)
    for sentence in caught.value.faults:
        assert sentence.isprintable()
    return caught.value.faults


def only(name, path, **options) -> str:
    """The sentence with which loading fails, if it is one."""
    (sentence,) = faults(name, path, **options)
    return sentence
