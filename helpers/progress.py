"""How far training is: a bar in JupyterLab, one line an epoch everywhere else."""

import os
import sys
import time

from helpers.backend import keras


def _in_notebook() -> bool:
    """Whether somebody watches: an IPython kernel that no report runs."""
    if os.environ.get("WORKBOOK_HEADLESS") or "IPython" not in sys.modules:
        return False
    return type(sys.modules["IPython"].get_ipython()).__name__ == "ZMQInteractiveShell"


class Progress:
    """A context that shows the progress of one training.

    Args:
        name: the network.
        epochs: how many there will be.
        steps: batches an epoch.
        done: epochs done before this start.
    """

    def __init__(self, name: str, epochs: int, steps: int, done: int = 0):
        self.name, self.epochs, self.steps, self.done = name, epochs, steps, done
        self.start, self.first = time.monotonic(), float(done)
        self.handle, self.last = None, ""

    def __enter__(self):
        if _in_notebook():
            from IPython.display import HTML, display

            self.handle = display(HTML(self._bar(0)), display_id=True)
        elif self.done:
            print(f"{self.name}: goes on after epoch {self.done}", flush=True)
        return self

    def __exit__(self, *exception):
        return None

    def _bar(self, step: int) -> str:
        passed = self.done - self.first + step / self.steps
        left = (self.epochs - self.done - step / self.steps) * (time.monotonic() - self.start) / passed if passed else 0
        value = min(self.done + step / self.steps, self.epochs)
        rest = f", about {left:.0f} s left" if left else ""
        return (
            f'<progress max="{self.epochs}" value="{value:.3f}" style="width: 20em"></progress> '
            f"{self.name}: {self.done} of {self.epochs} epochs{rest}<br>{self.last}"
        )

    def callback(self) -> keras.callbacks.Callback:
        """A Keras callback that moves the bar, at most twice a second."""
        shown = [time.monotonic()]

        def moved(step, logs=None):
            if step == 0 and self.first == self.done:  # the first batch takes the time to compile: do not count it
                self.start, self.first = time.monotonic(), self.done + 1 / self.steps
            if self.handle and time.monotonic() - shown[0] > 0.5:
                from IPython.display import HTML

                shown[0] = time.monotonic()
                self.handle.update(HTML(self._bar(step + 1)))

        return keras.callbacks.LambdaCallback(on_train_batch_end=moved)

    def epoch(self, row: dict) -> None:
        """An epoch is over; ``row`` is its line of the history."""
        self.done = row["epoch"]
        self.last = (
            f"epoch {row['epoch']}/{self.epochs}: loss {row['loss']:.3f}, accuracy {row['accuracy']:.3f}, "
            f"validation {row['val_accuracy']:.3f}"
        )
        if self.handle:
            from IPython.display import HTML

            self.handle.update(HTML(self._bar(0)))
        else:
            print(f"{self.name} {self.last}", flush=True)
