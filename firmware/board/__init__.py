"""The only place that knows the platform: `host.py` for a PC or a Pi."""
