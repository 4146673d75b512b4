"""Recordings, and how they become spikes on the input channels of a liquid."""
