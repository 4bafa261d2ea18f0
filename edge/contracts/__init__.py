"""The formats every part agrees on: wire, school file, devices, read log, events, truth, settings."""
