"""Ours, before a `tests` that some public package puts beside what it installs."""
