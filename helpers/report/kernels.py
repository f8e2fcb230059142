"""Kernels forked from one process that has imported what takes seconds, in place of one import a notebook.

Only on Linux, where forking is safe: the server (``multiprocessing``'s) has computed nothing and has one thread.
"""

import os
from importlib.metadata import EntryPoint
from multiprocessing import forkserver, get_context, parent_process
from threading import Lock, Thread

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner

CONTEXT = get_context("forkserver")
STARTING = Lock()


def fork(spec: KernelSpec) -> None:
    """Have a kernel started as a fork; the server starts once, in the environment of the first."""
    CONTEXT.set_forkserver_preload(["helpers.report.preloaded"])
    with STARTING:  # two notebooks start at once, and the environment is of the whole process
        before = os.environ.copy()
        os.environ.update(spec.env)
        try:
            forkserver.ensure_running()
        finally:
            for name in spec.env:
                os.environ.pop(name)
            os.environ.update(before)
    here = EntryPoint("forked", f"{__name__}:Provisioner", "jupyter_client.kernel_provisioners")
    KernelProvisionerFactory.instance().provisioners["forked"] = here
    spec.metadata = {"kernel_provisioner": {"provisioner_name": "forked"}}


class Provisioner(LocalProvisioner):
    """Starts kernels as forks; ``cmd`` is what a new interpreter would be started with."""

    async def launch_kernel(self, cmd, **told):
        self.cwd = told["cwd"]
        given = cmd[3:], told["env"], str(self.cwd), told["stdout"].name
        self.process = Forked(target=_kernel, args=given)
        self.process.start()
        self.pid = self.pgid = self.process.pid
        return self.connection_info


class Forked(CONTEXT.Process):
    """A forked kernel, which can be asked like a ``subprocess.Popen``, too."""

    stdin = stdout = stderr = None

    def poll(self) -> int | None:
        return self.exitcode

    def wait(self) -> int | None:
        self.join()
        return self.exitcode

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
