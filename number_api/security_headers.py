"""The header fields that make every answer safe to show in a browser."""

# The values are those of the OWASP REST Security Cheat Sheet, save that /docs may load its own files.
# Strict-Transport-Security is for whatever terminates TLS to say.
_FIELDS = (
    (b"cache-control", b"no-store"),
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        b"base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
)


def with_security_headers(fields: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Return the fields of an answer with those added that it does not set itself."""
    present = {name for name, _ in fields}
    return [*fields, *(field for field in _FIELDS if field[0] not in present)]
