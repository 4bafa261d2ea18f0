"""The formats all parts agree on: wire, school file, devices, read log, events, truth, settings."""
