"""What the plot of reads says of its antennas."""

from edge.agent.ledger.evidence import Heard
from edge.api.words.levels import plot
from edge.contracts.school import Cart, Room, School

ROOMS = {"r1": Room(id="r1", kind="classroom", name="Room 1")}
CART = Cart(id="c1", name="Cart 1", home="r1", gateway="gw-c1", antennas=(1, 2))
SCHOOL = School(name="Lincoln", site="lincoln", timezone="UTC", rooms=ROOMS, carts={"c1": CART})


def lines(*antennas: int) -> list[str]:
    heard = [Heard(1.5e9 + n, antenna, -50.0, 1) for n, antenna in enumerate(antennas)]
    return [line.says for line in plot(heard, "gw-c1", "07:41", SCHOOL).lines]


def test_antennas_of_one_name_are_told_apart_by_their_numbers():
    assert lines(1, 2, 1) == [
        "Cart 1, antenna 1: 2 reads, strongest -50 dBm.",
        "Cart 1, antenna 2: 1 read, strongest -50 dBm.",
    ]


def test_an_antenna_alone_needs_no_number():
    assert lines(2, 2) == ["Cart 1: 2 reads, strongest -50 dBm."]
