"""An emulated M100, R200 or YRM100."""
