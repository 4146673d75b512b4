"""The time loop as a program of kernels, and what it sends."""
