"""The parts of `benchmarks/accuracy.py`: runs, methods on them, figures, the page."""
