"""A simulator as another process that takes its turn: built once, one window when asked."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any

HERE = Path(__file__).parent
REST_S = 0.5  # until the threads of a simulator that has finished no longer spin


class Peer:
    """One peer process; ``built`` is what it said after building, ``window()`` simulates on."""

    def __init__(self, python: str, script: str, arguments: list[str]) -> None:
        self._process = subprocess.Popen(
            [python, str(HERE / script), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.built = self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("{"):
                return dict(json.loads(line))
        raise SystemExit(f"{' '.join(map(str, self._process.args))}: ended without an answer")

    def window(self) -> dict[str, Any]:
        """Simulate one window."""
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()
        answer = self._answer()
        time.sleep(REST_S)
        return {**self.built, **answer}

    def __enter__(self) -> Peer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.wait()
