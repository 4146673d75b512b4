"""Progress, report and pictures of a run."""
