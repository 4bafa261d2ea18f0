"""The calibration as a drawing: how sure the engine was, and how often it was right."""

import math
from collections.abc import Sequence

from benchmarks.proof.calibration import pooled
from benchmarks.proof.reporting import Group

_SIZE, _MARGIN = 360, 50
_LOW = 0.4  # confidences below are not said
_FILLS = ("#0b6e99", "#d9822b", "#5c8a3a", "#8a4fa0", "#777777")


def plot(groups: Sequence[Group]) -> str:
    """Return an SVG: a circle for each class and family, its area by how many were said."""
    side = _SIZE + 2 * _MARGIN
    width = side + 120
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {side}" '
        f'width="{width}" height="{side}" font-family="sans-serif" font-size="12">',
        f'<rect width="{width}" height="{side}" fill="white"/>',
        f'<path d="M{_x(_LOW)} {_y(_LOW)} L{_x(1)} {_y(1)}" stroke="#999" stroke-dasharray="4 4"/>',
    ]
    for tenth in range(4, 11):
        at = tenth / 10
        drawn += [
            f'<path d="M{_x(at)} {_y(_LOW)} V{_y(1)} M{_x(_LOW)} {_y(at)} H{_x(1)}" '
            'stroke="#eee"/>',
            f'<text x="{_x(at)}" y="{_y(_LOW) + 18}" text-anchor="middle">{at:.1f}</text>',
            f'<text x="{_x(_LOW) - 8}" y="{_y(at) + 4}" text-anchor="end">{at:.1f}</text>',
        ]
    families = list(dict.fromkeys(group.family for group in groups))
    for family, fill in zip(families, _FILLS, strict=False):
        y = _MARGIN + 20 * families.index(family)
        drawn.append(f'<circle cx="{side + 4}" cy="{y}" r="6" fill="{fill}" fill-opacity="0.6"/>')
        drawn.append(f'<text x="{side + 16}" y="{y + 4}">{family}</text>')
        for one in pooled(group for group in groups if group.family == family):
            if one.said:
                sure, right = one.confidence / one.said, one.right / one.said
                radius = min(16.0, 2.0 + math.sqrt(one.said) / 5)
                drawn.append(
                    f'<circle cx="{_x(sure)}" cy="{_y(max(_LOW, right))}" r="{radius:.1f}" '
                    f'fill="{fill}" fill-opacity="0.6"/>'
                )
    middle = _MARGIN + _SIZE / 2
    drawn += [
        f'<text x="{middle}" y="{side - 8}" text-anchor="middle">confidence said</text>',
        f'<text x="14" y="{middle}" text-anchor="middle" '
        f'transform="rotate(-90 14 {middle})">share right</text>',
        "</svg>",
    ]
    return "\n".join(drawn) + "\n"


def _x(share: float) -> float:
    return round(_MARGIN + (max(share, _LOW) - _LOW) / (1 - _LOW) * _SIZE, 1)


def _y(share: float) -> float:
    return round(_MARGIN + _SIZE - (share - _LOW) / (1 - _LOW) * _SIZE, 1)
