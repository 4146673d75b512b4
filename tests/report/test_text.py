"""The report for people: within 100 columns, figures as they are in the document."""

from __future__ import annotations

import pytest

from distsnn.networks.ready import brunel
from distsnn.report.document import document, plain
from distsnn.report.tables import PLAIN_WIDTH, plain_table
from distsnn.report.text import print_report
from distsnn.report.units import joules, per_second, seconds
from distsnn.running.display import terminal
from distsnn.running.display.progress import Lines, clock
from distsnn.simulation import simulate


@pytest.fixture(scope="module")
def report():
    result = simulate(brunel.build(scale=0.1), duration_ms=100.0, neurons_per_core=128)
    return document(result, discard_ms=20.0)


def test_report_fits_the_screen(report, capsys):
    print_report(report)
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= PLAIN_WIDTH
    assert all(line == line.rstrip() for line in lines)
    text = "\n".join(lines)
    traffic = report["traffic"]
    for figure in (
        f"{report['n_synapses']:,} synapses", f"{traffic['packets']:,}", "% of 8 GB/s",
        f"{traffic['traversals']:,}", report["digest"], report["traffic_digest"],
        "the first 20 ms left out", "figures from", f"{report['populations'][0]['rate_hz']:.3f}",
    ):  # fmt: skip
        assert figure in text, figure


def test_limits_that_are_exceeded_are_marked(report, capsys):
    for one in report["limits"]:
        assert one["exceeded"] == (one["limit"] is not None and one["most"] > one["limit"])
    print_report(report)
    text = capsys.readouterr().out
    marked = [line.split("  ")[0] for line in text.splitlines() if line.endswith("exceeded")]
    assert marked == [one["name"] for one in report["limits"] if one["exceeded"]]
    assert "synapse bits" in marked


def test_parts_of_the_document_fit_together(report):
    traffic, chip_step = report["traffic"], report["traffic"]["chip_step"]
    assert traffic["packets_in_tile"] + traffic["packets_between_tiles"] == traffic["packets"]
    assert traffic["packets_per_step"]["mean"] * traffic["n_steps"] == pytest.approx(
        traffic["packets"]
    )
    assert chip_step["longest_s"] >= chip_step["mean_s"]
    busy = sum(report["seconds"][k] for k in ("deliver", "update", "send", "exchange", "wait"))
    assert busy <= report["simulate_s"] * 1.01
    assert report["real_time_factor"] == pytest.approx(report["simulate_s"] / 0.1)


def test_long_text_is_wrapped():
    lines = plain_table("title", ("", ""), [("name", "word " * 60), ("x", "y")], [True, True])
    assert max(map(len, lines)) <= PLAIN_WIDTH
    assert lines[0] == "title"
    assert " ".join(lines).split().count("word") == 60
    assert lines[2].startswith("      word")


def test_numbers_are_flush_right():
    rows = [("a", "1"), ("bb", "1,000")]
    columns = ("name", "n", "")
    lines = plain_table("t", columns, [(*row, "") for row in rows], [True, False, True])
    assert lines[1:4] == ["name      n", "a         1", "bb    1,000"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (joules(0.0299), "29.9 mJ"), (joules(0.0), "0 J"), (joules(3e-12), "3 pJ"),
        (joules(1.734e-10), "173 pJ"), (seconds(2.5e-6), "2.5 us"), (seconds(1.0), "1 s"),
        (per_second(8e9), "8 GB/s"), (clock(0.4), "0 s"), (clock(200), "3 min 20 s"),
        (clock(7500), "2 h 5 min"),
    ],
)  # fmt: skip
def test_units(text, expected):
    assert text == expected


def test_progress_tells_the_remaining_time(monkeypatch, capsys):
    now = [10.0]
    monkeypatch.setattr("distsnn.running.display.progress.perf_counter", lambda: now[0])
    lines = Lines()
    for step in range(0, 1000, 10):  # 1/8 s for 10 steps
        lines(step, 1000)
        now[0] += 0.125
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "step 161 of 1,000 (16%), 10 s left"
    assert len(said) == 3  # after 2, 4 and 8 s


def test_json_has_no_infinities():
    given = {"a": float("inf"), "b": [1.0, float("nan")], "c": {"d": (2, "x")}}
    assert plain(given) == {"a": "inf", "b": [1.0, "nan"], "c": {"d": [2, "x"]}}


def test_a_reader_that_has_gone_ends_nothing(monkeypatch):
    dropped = []

    def broken(*_text, **_options):
        raise BrokenPipeError

    monkeypatch.setattr(terminal, "print", broken, raising=False)
    monkeypatch.setattr(terminal.os, "dup2", lambda *ends: dropped.append(ends))
    with open(terminal.os.devnull, "w") as nowhere:
        monkeypatch.setattr(terminal.sys, "stdout", nowhere)
        terminal.say("text")
        monkeypatch.undo()
    assert len(dropped) == 1
