"""Linear read-outs of a liquid, and how well they do."""
