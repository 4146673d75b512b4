"""Spiking convolutional networks that learn by STDP, layer by layer, without labels.

Images become spikes (strong contrast fires early) and pass through layers of integrate-and-fire
neurons with shared kernels; the earliest neurons learn, and a linear classifier reads the result.
Layers are cut by position into cores; their spikes cross the mesh and are counted.

Source: Kheradpisheh, Ganjtabesh, Thorpe & Masquelier 2018, STDP-based spiking deep convolutional
neural networks for object recognition, Neural Networks 99:56.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_PLACES = {
    "ConvNetwork": "engine.network",
    "ConvSettings": "settings",
    "Features": "classify.features",
    "ImageSet": "images.image_set",
    "InputSettings": "settings",
    "LayerLearner": "train.learning",
    "Machine": "machine",
    "PoolSettings": "settings",
    "Progress": "train.progress",
    "SdnnSettings": "settings",
    "SvmSettings": "settings",
    "Training": "train.training",
    "evaluate": "train.evaluation",
    "load_images": "images.reading",
    "load_preset": "presets",
    "load_trained": "train.trained",
    "override": "presets",
    "preset_names": "presets",
}

__all__ = sorted(_PLACES)


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"distsnn.convnet.{_PLACES[name]}"), name)
