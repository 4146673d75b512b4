"""A network that balances a pole on a cart: its input depends on its output every 10 ms.

    python closed_loop.py [--neurons 100] [--seconds 10] [--trials 3]
    mpirun -n 3 python closed_loop.py

Four groups of sensors fire faster the further the pole leans to the right or left, and the faster
it falls there. They excite two populations that inhibit each other; the difference of their spikes
in 10 ms is the force on the cart. Under mpirun every rank makes the same calls with the same numbers.

Cart and pole: Barto, Sutton & Anderson 1983, IEEE Trans Syst Man Cybern 13:834.
"""

import argparse
from math import cos, sin

import numpy as np

from distsnn import FixedProbability, LifExp, Network, Normal, Simulation
from distsnn.neurons import PoissonNeuron

CONTROL_MS, REST_HZ = 10.0, 100.0
NEWTON_PER_SPIKE = 0.5  # of 100 neurons
MOST_RADIANS = 0.2  # the pole has fallen


class Pole:
    """A pole on a cart. angle: from upright to the right, rad. turn: its derivative, rad/s."""

    def __init__(self) -> None:
        self.angle, self.turn, self.angles = 0.02, 0.0, []

    @property
    def has_fallen(self) -> bool:
        return abs(self.angle) > MOST_RADIANS

    def move(self, newton: float, seconds: float) -> None:
        """Push the cart to the right for a while."""
        g, mass, pole_mass, half_length = 9.8, 1.1, 0.1, 0.5
        push = (newton + pole_mass * half_length * self.turn**2 * sin(self.angle)) / mass
        inertia = half_length * (4 / 3 - pole_mass * cos(self.angle) ** 2 / mass)
        self.turn += (g * sin(self.angle) - cos(self.angle) * push) / inertia * seconds
        self.angle += self.turn * seconds
        self.angles.append(self.angle)


def build(n: int):
    """Return the network, its sensors, and the populations that push to the right and left."""
    net = Network(dt_ms=0.1, seed=1, name="pole")
    sensors = net.population("sensors", 4 * n, PoissonNeuron(rate_hz=0.0))
    motor = LifExp(i_offset_pa=Normal(330.0, 20.0), tau_syn_e_ms=2.0, tau_syn_i_ms=2.0)
    right = net.population("right", n, motor, {"v": Normal(-58.0, 3.0)})
    left = net.population("left", n, motor, {"v": Normal(-58.0, 3.0)})
    excite, inhibit = FixedProbability(20 / n), FixedProbability(10 / n)
    for own, other, seen in ((right, left, sensors[: 2 * n]), (left, right, sensors[2 * n :])):
        net.connect(seen, own, excite, weight=60.0, delay_ms=1.0)
        net.connect(own, other, inhibit, weight=-60.0, delay_ms=1.0)
    return net, sensors, right, left


class Loop:
    """A network and a pole; ``control`` is called after each 10 ms of the run."""

    def __init__(self, n: int) -> None:
        self.n, self.pole, self.is_closed = n, Pole(), True
        self.net, self.sensors, self.right, self.left = build(n)
        self.sim = Simulation(self.net)
        self.sim.every(CONTROL_MS, self.control)

    def control(self, sim: Simulation) -> None:
        """Push the cart by the spikes since the last call, and set the rates of the sensors."""
        spikes = sim.spike_counts(self.right).sum() - sim.spike_counts(self.left).sum()
        sim.clear()
        self.pole.move(NEWTON_PER_SPIKE * spikes * 100 / self.n, CONTROL_MS * 1e-3)
        if self.is_closed:
            lean = np.array([self.pole.angle / 0.1, self.pole.turn / 0.5])
            rates = REST_HZ * (1.0 + np.clip(np.concatenate([lean, -lean]), -1.0, 4.0))
            sim.set(self.sensors, rate_hz=np.repeat(rates, self.n))

    def trial(self, noise_seed: int, seconds: float, is_closed: bool) -> None:
        """Run until the pole falls or the time is over, and print how it went."""
        self.sim.reset(noise_seed)
        self.sim.set(self.sensors, rate_hz=REST_HZ)
        self.pole, self.is_closed = Pole(), is_closed
        while self.sim.time_ms < 1e3 * seconds and not self.pole.has_fallen:
            self.sim.run(100.0)
        digest = self.sim.digest
        if self.sim.is_root:
            degrees = np.rad2deg(np.sqrt(np.mean(np.square(self.pole.angles))))
            ending = "fell" if self.pole.has_fallen else "upright"
            print(f"{'with' if is_closed else 'without':7} the loop: {ending} after ", end="")
            print(f"{self.sim.time_ms * 1e-3:4.1f} s, {degrees:5.2f} degrees off, digest {digest}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A pole balanced by a network")
    parser.add_argument("--neurons", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--trials", type=int, default=3)
    options = parser.parse_args()
    loop = Loop(options.neurons)
    for noise_seed in range(options.trials):
        loop.trial(noise_seed, options.seconds, is_closed=True)
        loop.trial(noise_seed, options.seconds, is_closed=False)
