"""What a run says of itself: progress, report, pictures."""
