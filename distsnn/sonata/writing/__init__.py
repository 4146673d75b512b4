"""Networks written as circuits: words of models and inputs, files."""
