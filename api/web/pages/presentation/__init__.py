"""How pages present values: numbers with units, titles, and the colours of models."""
