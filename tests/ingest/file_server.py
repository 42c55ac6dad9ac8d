"""A real HTTP server on this machine whose answers are whatever a test wants, down to the bytes on the wire."""

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

# What is sent to a request after its head was read.
Answer = Callable[[socket.socket, str], None]


@dataclass
class FileServer:
    """Answers each connection with one response, then closes it."""

    answers: dict[str, Answer] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    port: int = 0
    certificate: Path | None = None

    @property
    def address(self) -> str:
        return f"{'https' if self.certificate else 'http'}://127.0.0.1:{self.port}"

    def answer(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                received = connection.recv(65536)
                if not received:
                    return
                head += received
                if head.startswith(b"\x16"):
                    connection.sendall(b"HTTP/1.1 400 This is not TLS\r\n\r\n")
                    return
            self.requests.append(head.decode())
            path = head.split(b" ", 2)[1].decode()
            self.answers.get(path.partition("?")[0], not_found)(connection, path)


@contextlib.contextmanager
def serve(certificate: Path | None = None) -> Iterator[FileServer]:
    """Run a server; with a file of a key and its certificate, over TLS."""
    server = FileServer(certificate=certificate)
    listener: socket.socket = socket.create_server(("127.0.0.1", 0))
    server.port = listener.getsockname()[1]
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        listener = context.wrap_socket(listener, server_side=True)

    def run() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except ssl.SSLError:
                continue  # a client that does not trust us
            except OSError:
                return
            threading.Thread(target=server.answer, args=[connection], daemon=True).start()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield server
    finally:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def not_found(connection: socket.socket, path: str) -> None:
    body = f"nothing at {path}".encode()
    connection.sendall(
        b"HTTP/1.1 404 Nothing at %b\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%b"
        % (path.encode(), len(body), body)
    )


def whole(body: bytes, *fields: str) -> Answer:
    head = "".join(f"{line}\r\n" for line in fields)
    return short(body, len(body), head)


def short(body: bytes, announced: int, head: str = "") -> Answer:
    """Announce more than is sent, and then close the connection in an orderly way."""

    def answer(connection: socket.socket, _path: str) -> None:
        connection.sendall(
            f"HTTP/1.1 200 OK\r\nConnection: close\r\n{head}Content-Length: {announced}\r\n\r\n".encode() + body
        )

    return answer


def cut(body: bytes, announced: int) -> Answer:
    """Announce more than is sent, and then reset the connection."""

    def answer(connection: socket.socket, path: str) -> None:
        short(body, announced)(connection, path)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return answer


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n") -> Answer:
    def answer(connection: socket.socket, _path: str) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n")
        for chunk in chunks:
            connection.sendall(b"%x\r\n%b\r\n" % (len(chunk), chunk))
        connection.sendall(end)

    return answer


def endless(body: bytes) -> Answer:
    """Say nothing of the length: the end of the connection is the end of the file, as in HTTP/1.0."""

    def answer(connection: socket.socket, _path: str) -> None:
        connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n" + body)

    return answer


def redirect(target: str) -> Answer:
    def answer(connection: socket.socket, path: str) -> None:
        connection.sendall(
            f"HTTP/1.1 302 Found\r\nConnection: close\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n".encode()
        )

    return answer


def status(code: int) -> Answer:
    def answer(connection: socket.socket, path: str) -> None:
        connection.sendall(f"HTTP/1.1 {code} {path}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".encode())

    return answer


def garbage(connection: socket.socket, path: str) -> None:
    connection.sendall(b"SSH-2.0-%b\r\n\r\n" % path.encode())


def nothing(connection: socket.socket, path: str) -> None:
    """Close the connection without an answer."""
