"""Weights, features, spikes and traffic are the same bits on any number of ranks.

Under ``mpirun -n R python -m pytest --with-mpi`` a network is trained on all R ranks and by each rank
alone; without MPI core sizes, placements and batches are compared.
"""

from __future__ import annotations

import numpy as np
import pytest
from convnet_networks import blobs, small_settings

from distsnn.chip import load_chip
from distsnn.comm import FABRICS as ALL_FABRICS
from distsnn.comm import start
from distsnn.comm.serial import SerialComm
from distsnn.convnet.classify.extraction import extract
from distsnn.convnet.engine.account import account_of, digest_of
from distsnn.convnet.engine.network import ConvNetwork
from distsnn.convnet.machine import Machine
from distsnn.convnet.train.learning import LayerLearner

N = 70
FABRICS = tuple(name for name in ALL_FABRICS if name != "serial")


def trained(world, replicas=1, batch=None, adapt=0.0, **options):
    """Return digests of weights, of features, and of the traffic of learning and features."""
    images, _ = blobs(N)
    settings = small_settings(conv2={"adapt": adapt})
    chip = load_chip("loihi")
    machine = Machine(world, chip, replicas, **options)
    network = ConvNetwork(settings, images, machine, batch)
    weights, learned = [], None
    for part in network.convolutions:
        learner = LayerLearner(network, part, N)
        learner.learn()
        weights += [part.weights.copy(), part.theta.copy()]
        assert learner.wins.sum() > 40
        if learner.counts is not None:  # on rank 0 of the network
            learned = learner.counts if learned is None else learned + learner.counts
    found = extract(network, machine, np.arange(N))
    network.close()
    digests = {"weights": digest_of(*weights)}
    if machine.is_root:
        traffic = [account_of(one, network, N) for one in (learned, found.counts)]
        digests |= {
            "features": digest_of(found.rows, found.per_image),
            "learning": traffic[0]["traffic_digest"] + traffic[0]["spike_digest"],
            "traffic": traffic[1]["traffic_digest"] + traffic[1]["spike_digest"],
        }
        assert found.rows.any(axis=0).mean() > 0.5
    return digests


def test_batch_and_cores():
    """The batch changes nothing; placement and core size change the traffic and nothing else."""
    reference = trained(SerialComm())
    assert trained(SerialComm(), batch=7) == reference
    for options in ({"placement": "random"}, {"placement": "near"}, {"neurons_per_core": 100}):
        other = trained(SerialComm(), **options)
        assert other["weights"] == reference["weights"]
        assert other["traffic"] != reference["traffic"]


def test_adaptation_is_in_the_digest():
    assert trained(SerialComm(), adapt=0.3)["weights"] != trained(SerialComm())["weights"]


@pytest.mark.mpi
@pytest.mark.parametrize("fabric", FABRICS)
def test_ranks_change_nothing(fabric):
    world = start()
    options = {"neurons_per_core": 100} if fabric != "mesh" else {}
    if fabric == "hop":
        options["placement"] = "random"
    got = trained(world, fabric=fabric, adapt=0.3, **options)
    reference = trained(SerialComm(), adapt=0.3, **options)
    assert {name: reference[name] for name in got} == got
    world.barrier()


@pytest.mark.mpi
def test_replicas_change_nothing():
    world = start()
    reference = trained(SerialComm())
    for replicas in {1, 2, world.n_ranks}:
        if replicas <= world.n_ranks:
            got = trained(world, replicas=replicas)
            assert {name: reference[name] for name in got} == got
    world.barrier()


@pytest.mark.mpi
def test_per_image_counts_add_up():
    """What is counted per image is what is counted per core."""
    world = start()
    images, _ = blobs(20)
    network = ConvNetwork(small_settings(), images, Machine(world, load_chip("loihi")))
    for part in network.convolutions:
        rng = np.random.default_rng(1)
        part.set_weights(rng.random(part.weights.shape).astype(np.float32))
        part.set_theta(np.full(part.layer.n_maps, 3.0, dtype=np.float32))
    network.present(np.arange(20))
    per_image = world.reduce_sum(network.counts.finish_batch())
    total = network.counts.take()
    network.close()
    if world.rank == 0:
        mesh = total.mesh
        assert per_image[:, :, 0].sum() == mesh.spikes.sum() > 500
        assert per_image[:, :, 1].sum() == mesh.packets == mesh.packets_received.sum()
        assert per_image[:, :, 2].sum() == mesh.synaptic_events.sum()
    world.barrier()
