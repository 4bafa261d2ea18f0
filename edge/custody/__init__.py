"""Holders and loans: who has which device, kept apart from where devices were seen."""
