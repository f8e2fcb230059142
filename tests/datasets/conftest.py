"""No test reads or writes the checkout's own data folder."""

import pytest

import helpers.datasets
from helpers.datasets import cache


@pytest.fixture(autouse=True, scope="module")
def data_folder(tmp_path_factory):
    """Where a data set is looked for by its name; the cache is elsewhere."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cache, "FOLDER", tmp_path_factory.mktemp("cache"))
        patch.setattr(helpers.datasets, "DATA", tmp_path_factory.mktemp("data"))
        yield helpers.datasets.DATA
