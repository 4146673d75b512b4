"""Spiking convolutional networks that learn by STDP, layer by layer, without labels.

Images become spikes (strong contrast fires early) and pass through layers of integrate-and-fire
neurons with shared kernels; the earliest neurons learn, and a linear classifier reads the result.
Layers are cut by position into cores; their spikes cross the mesh and are counted.

Source: Kheradpisheh, Ganjtabesh, Thorpe & Masquelier 2018, STDP-based spiking deep convolutional
neural networks for object recognition, Neural Networks 99:56.
"""

from distsnn.faces import lazy_face

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
