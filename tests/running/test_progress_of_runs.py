"""``progress=True`` shows a bar in terminals and notebooks and lines elsewhere, False nothing."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from small_runs import network

from distsnn import Simulation, simulate
from distsnn.comm.serial import SerialComm
from distsnn.errors import SimulationError, UsageError
from distsnn.running.display import progress
from distsnn.running.display.progress import Bar, Lines, NotebookBar, shown_progress


def test_a_function_is_called_up_to_the_last_step():
    seen = []
    with Simulation(network()) as sim:
        sim.run(10.0, progress=lambda *step: seen.append(step))
        assert seen[-1] == (99, 100)
        sim.run(5.0, progress=lambda *step: seen.append(step))
    assert seen[-1] == (149, 150)


def test_pieces_are_reported_as_parts_of_the_run(monkeypatch):
    now, seen = [0.0], []
    monkeypatch.setattr(progress, "perf_counter", lambda: now[0])
    with shown_progress(lambda *step: seen.append(step), SerialComm(), 1000) as report:
        for piece in range(100):
            now[0] = piece * 0.05
            report(10 * piece + 9, 10 * piece + 10)
    assert len(seen) == pytest.approx(5.0 / 0.4, abs=2)
    assert seen[-1] == (999, 1000)
    assert {n_steps for _, n_steps in seen} == {1000}


@pytest.mark.parametrize(
    ("where", "kind"), [("is_notebook", NotebookBar), ("is_terminal", Bar), ("", Lines)]
)
def test_the_kind_of_display_follows_the_screen(where, kind, monkeypatch):
    for name in ("is_notebook", "is_terminal"):
        monkeypatch.setattr(progress, name, lambda name=name: name == where)
    made = []
    make = progress.reporter
    monkeypatch.setattr(progress, "reporter", lambda comm: made.append(make(comm)) or made[0])
    with shown_progress(True, SerialComm(), 10):
        assert [type(one) for one in made] == [kind]
    with shown_progress(False, SerialComm(), 10) as shown:
        assert shown is None


def test_a_bar_is_removed_after_an_error(monkeypatch):
    ended = []
    monkeypatch.setattr(progress, "reporter", lambda comm: Lines())
    monkeypatch.setattr(Lines, "end", lambda self: ended.append(self))
    with pytest.raises(SimulationError), shown_progress(True, SerialComm(), 10):
        raise SimulationError("nothing: must be something, got nothing. Change it.")
    assert len(ended) == 1


def test_a_bar_moves_in_a_terminal():
    program = (
        "from small_runs import network; from distsnn import simulate;"
        "simulate(network(), duration_ms=20.0, progress=True); print('done')"
    )
    main, terminal = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "90"}
    done = subprocess.run(
        [sys.executable, "-c", program], stdout=terminal, stderr=terminal, timeout=120,
        cwd=Path(__file__).parent, env=environment, check=False,
    )  # fmt: skip
    os.close(terminal)
    shown = os.read(main, 100_000).decode()
    os.close(main)
    assert done.returncode == 0, shown
    assert "step 200 of 200" in shown
    assert "100 %" in shown
    assert shown.rstrip().endswith("done")


@pytest.mark.parametrize("wrong", [1, "yes", []])
def test_what_progress_must_be(wrong):
    with pytest.raises(UsageError, match="simulate: progress: must be True, a function or None"):
        simulate(network(), duration_ms=1.0, progress=wrong)
