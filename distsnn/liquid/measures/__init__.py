"""What a liquid can tell apart and remember."""
