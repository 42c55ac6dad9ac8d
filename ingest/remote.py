"""Read files at addresses such as https:// and s3:// as streams, through fsspec. `make remote` installs it.

An address may hold passwords, signatures and tokens, and so may what the libraries say about it. Errors therefore name
a file by the last part of its path, and say what happened in words of our own.
"""

import contextlib
import http
import importlib
import os
import re
from collections.abc import Callable
from functools import partial
from typing import Any

from ingest.errors import SourceError

# How much is requested at once of a store that is read in parts, and how long a server may stay silent.
_PART_BYTES = 8 << 20
_SILENCE_SECONDS = 60.0

_ADDRESS = re.compile(r"([a-z][a-z0-9+.-]+)://", re.IGNORECASE)

# The module that reads each, and what brings it.
_INSTALL = "further libraries: run `make remote`"
_MODULES = {
    "http": ("aiohttp", _INSTALL),
    "https": ("aiohttp", _INSTALL),
    "s3": ("s3fs", _INSTALL),
    "gs": ("gcsfs", f"{_INSTALL}, then `.venv/bin/pip install gcsfs`"),
    "az": ("adlfs", f"{_INSTALL}, then `.venv/bin/pip install adlfs`"),
}


def is_remote(path: str) -> bool:
    """Return whether a path looks like an address."""
    return _ADDRESS.match(path) is not None


def remote_name(address: str) -> str:
    """Return the last part of the path of an address or, if it has none, its host or bucket."""
    host, path = _host_and_path(address)
    name = path.rstrip("/").rpartition("/")[2]
    if ":" in host and "@" not in host:
        # Behind the colon may be a password whose / was not written as %2F, and then the name may be the rest of it.
        name = name.rpartition("@")[2]
    name = name or host.rpartition("@")[2].partition(":")[0] or address.partition(":")[0]
    return "".join(sign for sign in name if sign.isprintable())


def _host_and_path(address: str) -> tuple[str, str]:
    host, _, path = re.split(r"[?#]", address.partition("://")[2], maxsplit=1)[0].partition("/")
    return host, path


class RemoteFile:
    """A file elsewhere, which is opened when it is first read and read once from start to end.

    Attributes:
        name: The last part of its path.

    Raises:
        SourceError: The address cannot be read from, or a package is missing that reads it.
    """

    def __init__(self, address: str) -> None:
        self.name = remote_name(address)
        scheme, mark, place = address.partition("://")
        self._scheme = scheme.lower()
        self._address = self._scheme + mark + place
        self._position = 0
        self._stack = contextlib.ExitStack()
        self._stream: Any = None
        self._length: int | None = None
        self._ended = False
        self._state: Callable[[], Any] = lambda: None
        self._state_before: Any = None
        if self._scheme not in _MODULES:
            raise SourceError(
                f"{self.name}: files cannot be read from {self._scheme}:// addresses. "
                f"Use one of {', '.join(_MODULES)}, or download the file."
            )
        if "*" in _host_and_path(address)[1]:
            raise SourceError(f"{self.name}: patterns match only files on this machine. Name each address.")
        module, package = _MODULES[self._scheme]
        try:
            importlib.import_module("fsspec")
            importlib.import_module(module)
        except ImportError:
            raise SourceError(f"{self.name}: reading {self._scheme}:// addresses needs {package}") from None

    def read(self, size: int, /) -> bytes:
        """Return the next bytes, fewer than `size` only at the end of the file.

        Raises:
            SourceError: The file cannot be read, or it has ended too early or was changed meanwhile.
        """
        block = bytearray()
        try:
            if self._stream is None:
                self._open()
            while len(block) < size and not self._ended:
                part = self._stream.read(size - len(block))
                block += part
                self._ended = not part
            changed = self._ended and self._state() != self._state_before
        except SourceError:
            raise
        except Exception as error:  # noqa: BLE001 - each library raises errors of its own, whose texts may hold secrets
            raise SourceError(_problem(_reason(error))) from None
        self._position += len(block)
        if self._ended and self._length is not None and self._position != self._length:
            raise SourceError(_problem(f"it ended after {self._position:,} of {self._length:,} bytes"))
        if changed:
            raise SourceError("cannot be read (it was replaced meanwhile). Load it again.")
        return bytes(block)

    def close(self) -> None:
        """Close the file and its connections."""
        self._stack.close()

    def _open(self) -> None:
        self._stream, self._length = self._open_http() if self._scheme in ("http", "https") else self._open_store()

    def _open_http(self) -> tuple[Any, int | None]:
        """Request the file once. In parts it could be a mixture of an old and a new version."""
        import aiohttp
        import fsspec

        system = fsspec.filesystem(
            self._scheme,
            skip_instance_cache=True,
            # An address that is written as it is sent may be signed as it is written.
            encoded=self._address.isascii() and " " not in self._address,
            client_kwargs={
                # Compressed content is for us to check: aiohttp does not notice where it ends too early.
                "auto_decompress": False,
                "headers": {"Accept-Encoding": "identity"},
                "raise_for_status": True,
                "timeout": aiohttp.ClientTimeout(sock_connect=_SILENCE_SECONDS, sock_read=_SILENCE_SECONDS),
                "trust_env": True,
            },
        )
        # With a size, it does not ask for the size first, which the signature of an address may not allow.
        stream = self._stack.enter_context(contextlib.closing(system.open(self._address, block_size=0, size=-1)))
        headers = stream.r.headers
        if "Content-Length" in headers:
            return stream, int(headers["Content-Length"])
        if "chunked" not in headers.get("Transfer-Encoding", "").lower():
            raise SourceError(
                "cannot be read (the server does not say where it ends, so part of it could be missing). "
                "Download the file and load it from the disk."
            )
        return stream, None

    def _open_store(self) -> tuple[Any, int]:
        """Request the file in parts, all of them of one version."""
        import fsspec

        system = fsspec.filesystem(self._scheme, skip_instance_cache=True, use_listings_cache=False)
        if self._scheme != "s3":  # s3fs asks for the version that it found first, and retries no other
            self._state = partial(system.ukey, self._address)
            self._state_before = self._state()
        stream = self._stack.enter_context(
            system.open(self._address, "rb", block_size=_PART_BYTES, cache_type="readahead")
        )
        return stream, stream.size


def _problem(reason: str) -> str:
    return f"cannot be read ({reason}). Check the address, your access to it and the network."


def _reason(error: BaseException) -> str:
    """Say what an error of a library means, without the words that came from outside."""
    # s3fs hides what it translates behind errors of its own.
    for found in filter(None, [error, error.__cause__, error.__context__]):
        kinds = {kind.__name__ for kind in type(found).__mro__}
        if reason := next((reason for kind, reason in _REASONS.items() if kind in kinds), None):
            return reason
        if "ClientResponseError" in kinds:
            # A status that aiohttp made up for an answer that it did not understand has a cause.
            return _NO_HTTP if found.__cause__ else f"HTTP status {_status(getattr(found, 'status', 0))}"
        if code := _store_code(found):
            return f"the store answered {code}"
        if isinstance(found, OSError) and found.errno is not None and found.errno > 0:
            return os.strerror(found.errno)
        if "ValueError" in kinds:
            return "the address is not valid"
    return f"reading from the server failed: {type(error).__name__}"


def _status(status: int) -> str:
    try:
        return f"{status} {http.HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _store_code(error: BaseException) -> str | None:
    """Return the code of an error of S3, such as NoSuchKey; None for other errors."""
    response = getattr(error, "response", None)
    code = response.get("Error", {}).get("Code") if isinstance(response, dict) else None
    return code if isinstance(code, str) and re.fullmatch(r"\w{1,40}", code) else None


_NO_HTTP = "the response is not HTTP"

# By the names of classes: those of botocore are there with s3fs alone. The first that fits counts.
_REASONS = {
    "TooManyRedirects": "too many redirects",
    "ClientConnectorCertificateError": "its certificate is not valid",
    "SSLCertVerificationError": "its certificate is not valid",
    "SSLError": "it does not speak TLS as expected",
    "ClientConnectorDNSError": "the server's name cannot be resolved",
    "gaierror": "the server's name cannot be resolved",
    "TimeoutError": "the server does not respond",
    "ConnectTimeoutError": "the server does not respond",
    "ReadTimeoutError": "the server does not respond",
    "ClientPayloadError": "the connection was cut before the end of the file",
    "IncompleteRead": "the connection was cut before the end of the file",
    "ServerDisconnectedError": "the connection was cut",
    "ConnectionClosedError": "the connection was cut",
    # "Connection closed." of aiohttp, where the length of a chunk is no number
    "RuntimeError": "the connection was cut",
    "EndpointConnectionError": "there is no connection to the server",
    "NoCredentialsError": "no credentials were found",
    "PartialCredentialsError": "the credentials are incomplete",
    "FileNotFoundError": "it does not exist",
    "PermissionError": "access is denied",
    "NonHttpUrlClientError": "it redirects to another kind of address",
}
