"""One recording on its way through a liquid, as a picture."""

from __future__ import annotations

from pathlib import Path

from distsnn.comm import Comm
from distsnn.liquid.inputs.encoders import LineSpikes
from distsnn.liquid.liquid import Liquid
from distsnn.liquid.measures.probes import play_lines
from distsnn.liquid.parameters import Preset
from distsnn.liquid.pictures import draw_recording
from distsnn.liquid.states import reading_times
from distsnn.simulation import Settings


def draw_one(
    liquid: Liquid,
    preset: Preset,
    stimulus: LineSpikes,
    settings: Settings,
    comm: Comm,
    title: str,
    path: Path,
) -> Path:
    """Play one recording on one rank and draw lines, liquid and read-out times."""
    tail = preset.tail_steps
    longer = LineSpikes(stimulus.step, stimulus.line, stimulus.n_steps + tail)
    heard = play_lines(liquid, [longer], settings, comm)[0]
    ends = reading_times(stimulus, longer.n_steps, preset.times, preset.dt_ms)
    n_excitatory = liquid.points.excitatory.shape[0]
    return draw_recording(
        (stimulus.step, stimulus.line), (heard.step, heard.gid), n_excitatory, ends,
        preset.dt_ms, title, path,
    )  # fmt: skip
