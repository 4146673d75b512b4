"""Finds every command, argument and option of the command line, and what to type for each."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from distsnn import AllToAll, Network, NirIf, SpikeSource, nir
from distsnn.cli.parser import make_parser

NETWORK = """
from distsnn import LifExp, Network, Poisson


def build(scale: float = 1.0, dt_ms: float = 0.1, seed: int = 1, patches: int = 1):
    network = Network(dt_ms=dt_ms, seed=seed)
    network.stimulate(network.population("a", 2, LifExp()), Poisson(rate_hz=10.0, weight=1.0))
    return network
"""

# What a value may be that somebody types by mistake, or to see what happens. A folder and a file
# that exist are added by the test.
WRONG = (
    "nan", "inf", "-inf", "-1", "0", "-0.0", "0.5", "1e308", "1e-320", "1" + "0" * 20, "9" * 5000,
    "", " ", "words", "two words", "Übergröße-μ", "line\nbreak", "tab\t", "\udcff", "/proc/nowhere/x",
    "None", "true", "a=b", "=", "a=", "1x1", "../..", "-", "--", "0x10", "1,5", "%s", "{}", "*",
    "loihi", "x" * 300,
)  # fmt: skip


@dataclass(frozen=True)
class Command:
    """words: the command, and its verb if it has verbs. actions: all that it takes."""

    words: tuple[str, ...]
    actions: tuple[argparse.Action, ...]

    def __str__(self) -> str:
        return " ".join(self.words)


def every_command() -> list[Command]:
    """Return all commands, each verb on its own."""
    _, parsers = make_parser()
    return [found for name, parser in parsers.items() for found in _leaves((name,), parser)]


def _leaves(words: tuple[str, ...], parser: argparse.ArgumentParser) -> Iterator[Command]:
    verbs = [one for one in parser._actions if isinstance(one, argparse._SubParsersAction)]
    for action in verbs:
        for verb, below in action.choices.items():
            yield from _leaves((*words, verb), below)
    if not verbs:
        kept = tuple(one for one in parser._actions if not isinstance(one, argparse._HelpAction))
        yield Command(words, kept)


def with_value(
    command: Command, action: argparse.Action, value: str, usual: list[str]
) -> list[str]:
    """Return a command line that gives an argument a value; ``usual`` is what it needs besides."""
    words = list(command.words)
    if not action.option_strings:
        options = [word for word in usual if word.startswith("-")]
        return [*words, value, *options]
    name = max(action.option_strings, key=len)
    kept = [word for word in usual if word.partition("=")[0] not in action.option_strings]
    if action.nargs in (None, "?", 1) or action.nargs == 0:
        return [*words, *kept, f"{name}={value}"]
    n = action.nargs if isinstance(action.nargs, int) else 1
    return [*words, *kept, name, *[value] * n]


def write_trained(folder: Path) -> None:
    """Write a graph with one output, and a recording of one event."""
    network = Network(dt_ms=1.0)
    source = network.population("in", 2 * 34 * 34, SpikeSource([], [], n_sources=2 * 34 * 34))
    cell = network.population("cell", 1, NirIf())
    network.connect(source, cell, AllToAll(), weight=0.5)
    nir.write(network, folder / "net.nir")
    (folder / "classes" / "0").mkdir(parents=True, exist_ok=True)
    (folder / "classes" / "0" / "0.bin").write_bytes(bytes(5))


def usual_arguments(folder: Path) -> dict[str, list[str]]:
    """Return by command what makes it succeed with little work, files in ``folder`` included."""
    (folder / "net.py").write_text(NETWORK)
    (folder / "matrix.csv").write_text("0,1,3\n")
    net = str(folder / "net.py")
    write_trained(folder)
    return {
        "run": [net, "--duration=1", "--quiet"],
        "traffic": [net, "--rates=100", "--quiet"],
        "plan": [net, "--ranks=1", "--quiet"],
        "models": ["--quiet"],
        "gallery": ["lif-trace", f"--out={folder / 'gallery'}"],
        "camera": [str(folder / "picture.png")],
        "nir": [str(folder / "net.nir"), f"--data={folder / 'classes'}", "--quiet"],
        "sonata": [net, f"--out={folder / 'circuit'}", "--quiet"],
        "lsm train": [
            f"--out={folder / 'liquid'}", "--neurons=27", "--limit=20", "--no-compare",
            "--no-pictures", "--quiet",
        ],
        "lsm eval": [str(folder / "liquid"), "--limit=10", "--no-pictures", "--quiet"],
        "lsm show": [str(folder / "liquid")],
        "lsm measure": [
            f"--out={folder / 'measures'}", "--neurons=27", "--channels=4", "--quick", "--no-pictures",
            "--quiet",
        ],
        "sdnn train": [
            f"--out={folder / 'cnn'}", "--images=:60", "--set=conv1.maps=4",
            "--set=conv1.max_images=20", "--quiet",
        ],
        "sdnn eval": [str(folder / "cnn"), "--images=:20", "--quiet"],
        "sdnn show": [str(folder / "cnn")],
    }  # fmt: skip
