"""Where long work is done: here, in processes of this machine, or on a Dask cluster; and a process for one function."""

import _thread
import os
import pickle
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from helpers.errors import UserError

PATIENCE = 10  # seconds that a scheduler has for its answer
GRACE = 3  # seconds that work has to end by itself when nobody waits for it any more
PACKAGES = ("numpy", "keras", "tensorflow", "distributed")  # what results and tasks depend on


def results(
    function: Callable, jobs: Iterable, cluster: str | None = None
) -> Iterator[tuple[Any, Any]]:
    """Each job with a future of ``function(job)``, as they are done.

    Args:
        function, jobs: what can be pickled; jobs can be keys of a dictionary.
        cluster: None for one after the other in this process; ``local:N`` for N processes on this machine;
            ``tcp://host:port`` of a Dask scheduler whose workers have this code and the data. The job of a worker
            that dies is done by another.

    Raises:
        UserError: a scheduler that does not answer, or whose workers have other packages.
    """
    jobs = list(jobs)
    if cluster is None or not jobs:  # nobody is asked for nothing
        for job in jobs:
            done = Future()
            try:
                done.set_result(function(job))
            except Exception as fault:
                done.set_exception(fault)
            yield job, done
        return
    from distributed import as_completed

    with _client(cluster) as client:
        of = {client.submit(function, job, pure=False): job for job in jobs}
        for done in as_completed(of):
            yield of.pop(done), done


def apart(function: Callable, *given):
    """``function(*given)`` in a process of its own, which ends with this one, however this one ends.

    Raises:
        UserError: what the function raises, or that the process ended without a result.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "result"
        command = [sys.executable, "-m", "helpers.cluster", str(path)]
        pipes = {"stdin": subprocess.PIPE, "stderr": subprocess.PIPE}
        with subprocess.Popen(command, **pipes) as process:
            pickle.dump((function, given), process.stdin)
            process.stdin.flush()  # and left open: that it closes tells the other process that nobody waits
            said = process.stderr.read().decode(errors="replace").strip().splitlines()
        if process.returncode == 0:
            return pickle.loads(path.read_bytes())
    raise UserError(said[-1] if said else f"the process ended with status {process.returncode}")


@contextmanager
def _client(cluster: str):
    """A Dask client of processes here or of a scheduler elsewhere."""
    from distributed import Client, LocalCluster

    if cluster.startswith("local:"):
        options = {"threads_per_worker": 1, "memory_limit": 0, "dashboard_address": None}
        options |= {"n_workers": int(cluster.partition(":")[2]), "silence_logs": 50}
        with LocalCluster(**options) as made, Client(made) as client:
            yield client
        return
    try:
        client = Client(cluster, timeout=PATIENCE)
    except OSError:
        raise UserError(
            f"no Dask scheduler answers at {cluster}: start `dask scheduler` there, or leave CLUSTER out"
        ) from None
    with client:
        _compare(client, cluster)
        yield client


def _compare(client, cluster: str) -> None:
    """Refuse workers that would compute something else."""
    for name in PACKAGES:
        found = client.run(version, name)
        if wrong := [worker for worker in found if found[worker] != version(name)]:
            raise UserError(
                f"the worker {wrong[0]} has {name} {found[wrong[0]]}, and here is {version(name)}: "
                f"install the same requirements.lock on both"
            )
    if not found:
        print(f"no worker yet: start `dask worker {cluster}`; the work waits for it", flush=True)


def _end_with_the_parent() -> None:
    os.read(0, 1)  # not sys.stdin: Python closes that at its end, while this still reads
    _thread.interrupt_main()
    time.sleep(GRACE)
    os._exit(1)


if __name__ == "__main__":
    work, given = pickle.load(sys.stdin.buffer)
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    try:
        found = work(*given)
    except UserError as fault:
        sys.exit(str(fault))
    Path(sys.argv[1]).write_bytes(pickle.dumps(found))
