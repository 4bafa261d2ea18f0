"""Chance that needs no state: the same keys give the same draw, in any order and any chunk."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Keys = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]
Levels = npt.NDArray[np.float64] | np.float64

_TABLE_BITS = 12
_SAMPLES_A_CELL = 32  # of the empirical quantiles below: their own error stays under 0.1 dB


def key(*parts: int | npt.NDArray[np.integer]) -> Keys:
    """Mix whole numbers, arrays or not, into 64 random bits (splitmix64's finalizer)."""
    mixed: Keys = np.zeros(1, np.uint64)
    with np.errstate(over="ignore"):
        for part in parts:
            mixed = mixed + np.asarray(part).astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
            mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            mixed = mixed ^ (mixed >> np.uint64(31))
    return mixed


def uniform(keys: Keys) -> Floats:
    """Return a number from 0 to 1 for each key."""
    return (keys >> np.uint64(11)).astype(np.float64) * 2.0**-53


def rician_table_db(k_db: float) -> Floats:
    """Return the quantiles of a one-way Rician power gain with mean 1, in dB, for `fading_db`."""
    rng = np.random.Generator(np.random.PCG64(20260914))
    k = 10 ** (k_db / 10)
    size = (1 << _TABLE_BITS) * _SAMPLES_A_CELL
    scatter = rng.standard_normal((2, size)) * np.sqrt(0.5 / (k + 1))
    power = (np.sqrt(k / (k + 1)) + scatter[0]) ** 2 + scatter[1] ** 2
    power.sort()
    middle = power.reshape(-1, _SAMPLES_A_CELL).mean(axis=1)
    quantiles: Floats = 10 * np.log10(middle)
    return quantiles


def fading_db(table: Floats, keys: Keys) -> Floats:
    """Return one fade for each key."""
    return table[(keys >> np.uint64(64 - _TABLE_BITS)).astype(np.int64)]


def text_key(text: str) -> int:
    """Return a number for a name that is the same in every process."""
    value = 0xCBF29CE484222325  # FNV-1a
    for byte in text.encode():
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return value
