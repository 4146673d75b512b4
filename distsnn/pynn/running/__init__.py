"""The network that runs: described, built, driven, read, and carried over into a larger one."""
