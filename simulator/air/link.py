"""The physics of one link, on whole arrays: from antenna to tag and back, in dB and dBm.

A link is one number, its one-way gain g before fading. The tag gets P + g + fade, and the module
hears P + 2 (g + fade) - 5: about 5 dB are lost in modulation. docs/simulator.md has the sources.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simulator.air.chance import Floats, Levels

WAVELENGTH_M = 0.328  # 915 MHz
ANTENNA_DBI = 5.0  # small circular patch, as 45 mm ceramics and door panels have
POLARISATION_DB = 3.0  # linear tag on a circular antenna, each way
BEAM_DEG = 90.0  # full width at -3 dB
BACK_DB = 14.0  # front to back
TILT_DEG = 25.0  # antennas beside a door are turned a little towards its centre line
WALL_DB = 2.0  # drywall, one way, when an antenna looks backwards
DROP_M = 0.5  # antenna above the carried device
MODULATION_DB = 5.0
LOGISTIC_DB = 1.2  # scale of both limits: threshold of the tag, sensitivity of the module
NEAREST_M = 0.3  # the far-field law holds no nearer

CART_OWN_SHELF_DB = -27.0  # one-way gain inside a cart, antenna on the same shelf
CART_OTHER_SHELF_DB = -6.0  # besides
CART_SPREAD_DB = 3.0  # metal and neighbours: each slot has its own level
CART_DEAD_DB = -15.0  # besides, in a dead slot, towards every antenna


def door_gain_db(
    x: Floats,
    y: Floats,
    heading_x: Floats,
    heading_y: Floats,
    side: Floats,
    post_m: Floats,
    tilt_db: Floats,
    body_db: Floats,
    on_back: npt.NDArray[np.bool_],
) -> tuple[Floats, Floats]:
    """Return the one-way gain from a doorway's antenna to a carried device.

    Also whether it has a clear view (1) or looks backwards through wall and frame (0), for the
    kind of fading. Positions as in `motion`; `side`, `post_m` as in `antennas`.
    """
    dy = y - post_m
    flat = np.hypot(x, dy)
    distance = np.maximum(np.hypot(flat, DROP_M), NEAREST_M)
    tilt = np.radians(TILT_DEG)
    aim_x, aim_y = side * np.cos(tilt), -np.sign(post_m) * np.sin(tilt)
    cosine = (x * aim_x + dy * aim_y) / distance
    off_deg = np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0)))
    pattern_db = np.minimum(12.0 * (off_deg / BEAM_DEG) ** 2, BACK_DB)
    front = x * side > 0
    # The body stands between device and antenna when the antenna is behind the walker; a bag on
    # the back is shaded from before.
    ahead = -(heading_x * x + heading_y * dy) / np.maximum(flat, NEAREST_M)
    shaded = np.clip(np.where(on_back, ahead, -ahead), 0.0, 1.0)
    loss_db = (
        20 * np.log10(4 * np.pi * distance / WAVELENGTH_M)
        + POLARISATION_DB
        + pattern_db
        + np.where(front, 0.0, WALL_DB)
        + tilt_db
        + body_db * shaded
    )
    return ANTENNA_DBI - loss_db, front.astype(np.float64)


def forward_chance(power_dbm: Levels, gain_db: Floats, threshold_dbm: Floats) -> Floats:
    """Return how likely a tag is powered: `gain_db` with fading."""
    return _logistic((power_dbm + gain_db - threshold_dbm) / LOGISTIC_DB)


def return_level_dbm(power_dbm: Levels, gain_db: Floats) -> Floats:
    """Return the level at the module's receiver: `gain_db` with fading."""
    return power_dbm + 2 * gain_db - MODULATION_DB


def return_chance(level_dbm: Floats, sensitivity_dbm: Levels) -> Floats:
    """Return how likely an answer at that level is decoded."""
    return _logistic((level_dbm - sensitivity_dbm) / LOGISTIC_DB)


def _logistic(x: Floats) -> Floats:
    answer: Floats = 1.0 / (1.0 + np.exp(-np.clip(x, -30.0, 30.0)))
    return answer
