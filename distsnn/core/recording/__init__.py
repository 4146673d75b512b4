"""What a rank writes down, and how rank 0 gathers it."""
