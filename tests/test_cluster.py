"""Work in processes of this machine: it goes on when one dies, and none outlives the one that waits for it."""

import os
import sys
import time
from types import SimpleNamespace

import psutil
import pytest

from helpers import cluster
from helpers.errors import UserError
from helpers.options import parse


def work(given):
    """The absolute value of a number; given a folder it ends its process the first time."""
    if not isinstance(given, str):
        return abs(given)
    mark = os.path.join(given, "died")
    if not os.path.exists(mark):
        open(mark, "w").close()
        os._exit(1)
    return "done"


@pytest.mark.parametrize("where", [None, "local:2"])
def test_each_job_comes_with_its_result_or_its_fault_also_if_a_worker_dies(where, tmp_path):
    jobs, found = [-1, None, str(tmp_path)], {}
    for job, done in cluster.results(work, jobs if where else jobs[:2], where):
        found[job] = done.exception() or done.result()
    assert (found[-1], type(found[None])) == (1, TypeError)
    assert found.get(str(tmp_path)) == ("done" if where else None)


def test_a_process_apart_gives_its_result_or_its_fault():
    assert cluster.apart(os.getpid) != os.getpid()
    with pytest.raises(UserError, match="EPOCHS=no is not possible"):
        cluster.apart(parse, ["EPOCHS=no"])
    with pytest.raises(UserError, match="status 7"):
        cluster.apart(os._exit, 7)


def test_a_process_apart_ends_with_the_one_that_waits(tmp_path):
    code = "import time; from helpers import cluster; cluster.apart(time.sleep, 60)"
    waiting = psutil.Popen([sys.executable, "-c", code])
    while not (started := waiting.children()):
        time.sleep(0.1)
    waiting.kill()
    assert not psutil.wait_procs(started, timeout=20)[1]


def test_a_cluster_that_is_not_there_is_said_in_one_sentence(monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE", 1)
    with pytest.raises(UserError, match="no Dask scheduler answers") as fault:
        list(cluster.results(abs, [1], "tcp://127.0.0.1:1"))
    assert "\n" not in str(fault.value)


def test_workers_with_other_packages_are_refused(capsys):
    other = SimpleNamespace(run=lambda version, name: {"tcp://host:1": "0"})
    with pytest.raises(UserError, match="the worker tcp://host:1 has numpy 0, and here is"):
        cluster._compare(other, "tcp://host:8786")
    cluster._compare(SimpleNamespace(run=lambda version, name: {}), "tcp://host:8786")
    assert "no worker yet" in capsys.readouterr().out


def test_without_jobs_no_scheduler_is_asked():
    assert not [*cluster.results(abs, [], "tcp://127.0.0.1:1")]
