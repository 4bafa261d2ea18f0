"""MQTT 3.1.1 packets: the few that a gateway sends, and a reader for those it gets."""

CONNACK, PUBLISH, PUBACK, SUBACK, PINGRESP = 0x20, 0x30, 0x40, 0x90, 0xD0
PINGREQ_BYTES = b"\xc0\x00"
DISCONNECT_BYTES = b"\xe0\x00"


class ProtocolError(Exception):
    """The broker sent what MQTT 3.1.1 does not allow; only a new connection helps."""


def connect(client_id, keepalive_s, user=None, password=None, will=None):
    """CONNECT with a clean session; `will` is (topic, payload), QoS 1 and retained."""
    flags = 0x02
    body = _string(client_id)
    if will:
        flags |= 0x2C  # will, QoS 1, retained
        body += _string(will[0]) + _string(will[1])
    if user is not None:
        flags |= 0x80
        body += _string(user)
        if password is not None:
            flags |= 0x40
            body += _string(password)
    head = b"\x00\x04MQTT\x04" + bytes([flags, keepalive_s >> 8, keepalive_s & 0xFF])
    return _packet(0x10, head + body)


def publish(topic, payload, qos=0, retain=False, packet_id=0):
    body = _string(topic)
    if qos:
        body += bytes([packet_id >> 8, packet_id & 0xFF])
    return _packet(PUBLISH | qos << 1 | retain, body + payload)


def subscribe(packet_id, topics):
    """SUBSCRIBE to each topic at QoS 1."""
    body = bytes([packet_id >> 8, packet_id & 0xFF])
    for topic in topics:
        body += _string(topic) + b"\x01"
    return _packet(0x82, body)


def puback(packet_id):
    return bytes([PUBACK, 2, packet_id >> 8, packet_id & 0xFF])


def parse_publish(flags, body):
    """(topic, payload, QoS, retained, packet id) of a PUBLISH."""
    qos = flags >> 1 & 3
    if len(body) < 2:
        raise ProtocolError("PUBLISH of {} bytes".format(len(body)))
    at = 2 + (body[0] << 8 | body[1])
    packet_id = 0
    start = at
    if qos:
        start = at + 2
    if qos > 1 or len(body) < start:
        raise ProtocolError("PUBLISH with QoS {}, {} bytes".format(qos, len(body)))
    if qos:
        packet_id = body[at] << 8 | body[at + 1]
    try:
        topic = bytes(body[2:at]).decode()
    except UnicodeError as error:
        raise ProtocolError("a topic that is not UTF-8") from error
    return topic, bytes(body[start:]), qos, bool(flags & 1), packet_id


class PacketReader:
    """Cuts a byte stream into packets; one longer than `most_bytes` is skipped and counted."""

    def __init__(self, most_bytes):
        self._most = most_bytes
        self._kept = b""
        self._skip = 0
        self.too_long = 0

    def feed(self, data):
        """Returns the packets completed by `data`, as (type, flags, body)."""
        data = self._kept + data
        packets = []
        at = min(self._skip, len(data))
        self._skip -= at
        while True:
            header = _header(data, at)
            if header is None:
                break
            start, length = header
            if length > self._most:
                self.too_long += 1
                self._skip = start + length - len(data)
                if self._skip >= 0:
                    at = len(data)
                    break
                self._skip = 0
            elif start + length > len(data):
                break
            else:
                packets.append((data[at] & 0xF0, data[at] & 0x0F, data[start : start + length]))
            at = start + length
        self._kept = data[at:]
        return packets


def _header(data, at):
    """(start of the body, its length) of the packet at `at`, or None while it is incomplete."""
    length = 0
    for place in range(4):
        if at + 1 + place >= len(data):
            return None
        byte = data[at + 1 + place]
        length |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return at + 2 + place, length
    raise ProtocolError("a packet length of more than four bytes")


def _packet(kind, body):
    length = len(body)
    head = bytearray([kind])
    while length > 0x7F:
        head.append(length & 0x7F | 0x80)
        length >>= 7
    head.append(length)
    return bytes(head) + body


def _string(text):
    data = text.encode() if isinstance(text, str) else text
    return bytes([len(data) >> 8, len(data) & 0xFF]) + data
