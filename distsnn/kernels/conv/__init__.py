"""Convolution layers: input, spikes, learning, pooling, and the classifier behind them."""
