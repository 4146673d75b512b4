"""The ways that packets take between ranks."""
