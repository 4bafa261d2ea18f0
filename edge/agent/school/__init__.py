"""The school file in force, and every version of it."""
