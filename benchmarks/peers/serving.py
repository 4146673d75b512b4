"""What all peers share: build once, then simulate one window for each line that is read.

A peer prints one JSON object when it has built and warmed up, and one for each window. Between the
windows it waits for a line, so that simulators can take turns on the same machine.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

Answer = dict[str, Any]


def options() -> argparse.Namespace:
    """Return the command line that every peer understands."""
    parser = argparse.ArgumentParser()
    parser.add_argument("network")
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--window", type=float, default=500.0, help="model time in ms")
    parser.add_argument("--warm-up", type=float, default=100.0, help="model time in ms")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def say(answer: Answer) -> None:
    """Print one JSON object."""
    print(json.dumps(answer), flush=True)


def peak_bytes() -> int:
    """Return the peak memory of this process and of the largest that it has waited for."""
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(one).ru_maxrss for one in who) * 1024


def serve(build: Callable[[], Answer], window: Callable[[], Answer]) -> None:
    """Build, say so; then a window for each line on standard input, until it ends."""
    start = time.perf_counter()
    built = build()
    say({"build_s": time.perf_counter() - start, **built})
    for _ in sys.stdin:
        answer = window()
        say({**answer, "memory_bytes": peak_bytes()})
