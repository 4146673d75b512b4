"""What a rank records and counts, and how rank 0 gathers it."""
