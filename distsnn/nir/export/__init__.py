"""Networks as NIR graphs."""
