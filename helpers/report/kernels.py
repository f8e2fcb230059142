"""Kernels forked from one process that has imported what takes seconds, in place of one import a notebook.

Only on Linux, where forking is safe: the server (``multiprocessing``'s) has computed nothing and has one thread.
"""

import os
from importlib.metadata import EntryPoint
from multiprocessing import forkserver, get_context, parent_process
from threading import Thread

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner

CONTEXT = get_context("forkserver")


def forked(spec: KernelSpec) -> KernelSpec:
    """The same kernel, started as a fork; the server starts once, in the environment of the first."""
    CONTEXT.set_forkserver_preload(["helpers.report.preloaded"])
    before = os.environ.copy()
    os.environ.update(spec.env)
    try:
        forkserver.ensure_running()
    finally:
        os.environ.clear()
        os.environ.update(before)
    here = EntryPoint("forked", f"{__name__}:Provisioner", "jupyter_client.kernel_provisioners")
    KernelProvisionerFactory.instance().provisioners["forked"] = here
    spec.metadata = {"kernel_provisioner": {"provisioner_name": "forked"}}
    return spec


class Provisioner(LocalProvisioner):
    """Starts kernels as forks; ``cmd`` is what a new interpreter would be started with."""

    async def launch_kernel(self, cmd, **told):
        self.cwd = told["cwd"]
        self.process = Forked(cmd[3:], told["env"], str(self.cwd), told["stdout"].name)
        self.pid = self.pgid = self.process.pid
        return self.connection_info


class Forked:
    """A forked kernel, to be asked like a ``subprocess.Popen``."""

    stdin = stdout = stderr = None

    def __init__(self, *told):
        self._process = CONTEXT.Process(target=_kernel, args=told)
        self._process.start()
        self.pid = self._process.pid
        self.kill, self.terminate = self._process.kill, self._process.terminate

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self) -> int | None:
        self._process.join()
        return self.poll()

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)


def _kernel(argv: list[str], environment: dict[str, str], workplace: str, log: str) -> None:
    """What a fork does: it takes on what a new interpreter would be given, and becomes a kernel."""
    os.setsid()  # a group of its own, to be killed with all that it starts
    os.chdir(workplace)
    os.environ.clear()
    os.environ.update(environment)
    for stream in (1, 2):
        os.dup2(os.open(log, os.O_WRONLY | os.O_APPEND), stream)
    Thread(target=_end_with_parent, daemon=True).start()
    from ipykernel.kernelapp import IPKernelApp

    # Told of no parent, it would look for one itself, and print how others may connect.
    IPKernelApp.launch_instance([*argv, "--IPKernelApp.parent_handle=1"])


def _end_with_parent() -> None:
    parent_process().join()
    os._exit(1)
