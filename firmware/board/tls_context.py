"""TLS that trusts one certificate authority alone, the school's own, and demands a certificate."""


def tls_context(ca):
    """A client's context; `ca` is that authority's certificate, PEM or DER. A board takes DER."""
    try:
        import ssl
    except ImportError:  # Debian's MicroPython has but what lies below it
        import tls as ssl
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_mode = ssl.CERT_REQUIRED
    if hasattr(context, "check_hostname"):  # CPython, which tells PEM and DER apart by their type
        context.load_verify_locations(cadata=ca.decode() if ca.startswith(b"-----BEGIN") else ca)
    else:
        context.load_verify_locations(ca)
    return context
