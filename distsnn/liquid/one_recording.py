"""A picture of one recording: input, response of the liquid and read-out times."""

from __future__ import annotations

from pathlib import Path

from distsnn.comm import Comm
from distsnn.liquid.inputs.encoders import InputSpikes
from distsnn.liquid.liquid import Liquid
from distsnn.liquid.measures.probes import play_inputs
from distsnn.liquid.parameters import Preset
from distsnn.liquid.pictures import draw_recording
from distsnn.liquid.states import reading_times
from distsnn.simulation import Settings


def draw_one(
    liquid: Liquid,
    preset: Preset,
    stimulus: InputSpikes,
    settings: Settings,
    comm: Comm,
    title: str,
    path: Path,
) -> Path:
    """Play one recording on one rank and draw input, response and read-out times; return ``path``."""
    tail = preset.tail_steps
    # The liquid runs on after its input, as in a training.
    longer = InputSpikes(stimulus.step, stimulus.channel, stimulus.n_steps + tail)
    response = play_inputs(liquid, [longer], settings, comm)[0]
    read_at = reading_times(stimulus, longer.n_steps, preset.times, preset.dt_ms)
    n_excitatory = liquid.points.excitatory.shape[0]
    return draw_recording(
        (stimulus.step, stimulus.channel), (response.step, response.neuron), n_excitatory,
        read_at,
        preset.dt_ms, title, path,
    )  # fmt: skip
