"""Spiking convolutional networks that learn by STDP, layer by layer, without labels.

Images become spikes (strong contrast fires early) and pass through layers of integrate-and-fire
neurons with shared kernels; the earliest neurons learn, and a linear classifier reads the result.
Layers are cut by position into cores; their spikes cross the mesh and are counted.

Source: Kheradpisheh, Ganjtabesh, Thorpe & Masquelier 2018, STDP-based spiking deep convolutional
neural networks for object recognition, Neural Networks 99:56.
"""

from typing import TYPE_CHECKING

from distsnn.faces import lazy_face

if TYPE_CHECKING:
    from distsnn.convnet.classify.features import Features as Features
    from distsnn.convnet.engine.network import ConvNetwork as ConvNetwork
    from distsnn.convnet.images.image_set import ImageSet as ImageSet
    from distsnn.convnet.images.reading import load_images as load_images
    from distsnn.convnet.machine import Machine as Machine
    from distsnn.convnet.presets import load_preset as load_preset
    from distsnn.convnet.presets import override as override
    from distsnn.convnet.presets import preset_names as preset_names
    from distsnn.convnet.settings import ConvSettings as ConvSettings
    from distsnn.convnet.settings import InputSettings as InputSettings
    from distsnn.convnet.settings import PoolSettings as PoolSettings
    from distsnn.convnet.settings import SdnnSettings as SdnnSettings
    from distsnn.convnet.settings import SvmSettings as SvmSettings
    from distsnn.convnet.train.evaluation import evaluate as evaluate
    from distsnn.convnet.train.learning import LayerLearner as LayerLearner
    from distsnn.convnet.train.progress import Progress as Progress
    from distsnn.convnet.train.trained import load_trained as load_trained
    from distsnn.convnet.train.training import Training as Training

__getattr__, __dir__, __all__ = lazy_face(
    __name__,
    {
        ".classify.features": ("Features",),
        ".engine.network": ("ConvNetwork",),
        ".images.image_set": ("ImageSet",),
        ".images.reading": ("load_images",),
        ".machine": ("Machine",),
        ".presets": ("load_preset", "override", "preset_names"),
        ".settings": (
            "ConvSettings", "InputSettings", "PoolSettings", "SdnnSettings", "SvmSettings",
        ),
        ".train.evaluation": ("evaluate",),
        ".train.learning": ("LayerLearner",),
        ".train.progress": ("Progress",),
        ".train.trained": ("load_trained",),
        ".train.training": ("Training",),
    },
)  # fmt: skip
