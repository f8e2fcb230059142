"""The literature: what references.toml holds."""

import tomllib
from pathlib import Path

_STORED = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
PAPERS: dict[str, dict] = _STORED["papers"]
"""By key: ``text``, and ``url`` where there is one."""
OF_DATA: dict[str, str] = _STORED["data"]
"""By data set the key of the paper on it, which a report on it cites in any case."""
