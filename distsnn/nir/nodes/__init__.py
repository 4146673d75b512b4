"""The kinds of nodes: linear ones as matrices, neurons as models."""
