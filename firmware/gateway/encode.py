"""Makes the JSON payload of a batch from its packed bytes, anew at each sending."""

from gateway.packed import unpack


def reads_payload(packed, t, sent, sync, base):
    """The payload of `reads/<boot>/<seq>`, as bytes, without a blank.

    `t` Unix ms or None, `sent` ms since boot or None, `sync` seconds or None, `base` a seq.
    """
    up, looks, reads, lost = unpack(packed)
    parts = ['{{"v":1,"t":{},"up":{},"sent":{},'.format(_number(t), up, _number(sent))]
    parts.append('"sync":{},"base":{},"looks":{{'.format(_number(sync), base))
    parts.append(
        ",".join('"{}":[{},{}]'.format(antenna, *looks[antenna]) for antenna in sorted(looks))
    )
    parts.append('},"reads":[')
    parts.append(",".join([_read(*read) for read in reads]))
    parts.append("]")
    if lost:
        ranges = ['["{}",{},{},{}]'.format(*told) for told in lost]
        parts.append(',"lost":[' + ",".join(ranges) + "]")
    parts.append("}")
    return "".join(parts).encode()


def _read(epc, antenna, rssi_tenths, dt, n, span, peak):
    return '["{}",{},{},{},{},{},{}]'.format(
        _upper_hex(epc), antenna, _tenths(rssi_tenths), dt, n, span, peak
    )


def _upper_hex(data):
    return "".join(["{:02X}".format(byte) for byte in data])


def _tenths(value):
    """Tenths as a JSON number, without floating point: -575 is -57.5, -570 is -57."""
    if value is None:
        return "null"
    sign = "-" if value < 0 else ""
    whole, tenth = divmod(abs(value), 10)
    return "{}{}.{}".format(sign, whole, tenth) if tenth else "{}{}".format(sign, whole)


def _number(value):
    return "null" if value is None else value
