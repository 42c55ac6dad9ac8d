"""Two machines with a network between them that can be cut, as namespaces of Linux's own: only root may have them."""

import contextlib
import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

import pytest

from tests.conftest import administer, server_directory
from warehouse.embedded import EmbeddedServer, server_account

CLIENT = "198.18.0.1"
SERVER = "198.18.0.2"


@dataclass(frozen=True)
class Network:
    """A client's machine and a server's, each the name of a namespace."""

    client: str
    server: str

    def cut(self) -> None:
        """Let nothing through any more, so that neither end hears of the other one, not even that it is gone."""
        for chain in ("INPUT", "OUTPUT"):
            _run("ip", "netns", "exec", self.server, "iptables", "-A", chain, "-j", "DROP")


@contextlib.contextmanager
def network() -> Iterator[Network]:
    """Make a network, or skip the test where that is not possible."""
    if os.getuid() != 0 or not all(map(shutil.which, ("ip", "iptables", "setpriv"))):
        pytest.skip("a network that can be cut needs root, ip, iptables and setpriv")
    name = uuid.uuid4().hex[:8]
    ends = Network(f"client-{name}", f"server-{name}")
    try:
        try:
            for end in (ends.client, ends.server):
                _run("ip", "netns", "add", end)
            _run("ip", "-n", ends.client, "link", "add", "eth0", "type", "veth", "peer", "eth0", "netns", ends.server)
            for end, address in ((ends.client, CLIENT), (ends.server, SERVER)):
                _run("ip", "-n", end, "address", "add", f"{address}/30", "dev", "eth0")
                _run("ip", "-n", end, "link", "set", "eth0", "up")
            _run("ip", "netns", "exec", ends.server, "iptables", "-L")
        except subprocess.CalledProcessError as error:
            pytest.skip(f"no network can be made here: {error.stderr.strip()}")
        yield ends
    finally:
        for end in (ends.client, ends.server):
            subprocess.run(["ip", "netns", "delete", end], check=False, capture_output=True)


@dataclass(frozen=True)
class DistantServer(EmbeddedServer):
    """A server on the server's machine. Its socket is a file, and so is there on all of them."""

    namespace: str

    settings: ClassVar = MappingProxyType({**EmbeddedServer.settings, "listen_addresses": "*"})

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        if program != "pg_ctl" or self.account is None:
            return super()._run(program, *arguments)
        account = (f"--reuid={self.account.pw_uid}", f"--regid={self.account.pw_gid}", "--clear-groups")
        command = ("ip", "netns", "exec", self.namespace, "setpriv", *account, str(self.program(program)), *arguments)
        return subprocess.run(
            command, cwd="/", stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, env={"LC_ALL": "C"}
        )


@contextlib.contextmanager
def distant_server(network: Network) -> Iterator[DistantServer]:
    """Start a server on the server's machine that lets everyone in."""
    with server_directory() as directory:
        server = DistantServer(directory / "home", directory / "socket", server_account(), network.server)
        try:
            server.start()
            with (server.data / "pg_hba.conf").open("a") as rules:
                rules.write("host all all all trust\n")
            administer(server, "select pg_reload_conf()")
            yield server
        finally:
            server.stop()


@contextlib.contextmanager
def distant_warehouse() -> Iterator[tuple[Network, DistantServer, list[str]]]:
    """A network, a server in it, and the beginning of a command that runs on the client's machine.

    Either end counts as lost after two seconds.
    """
    with network() as between, distant_server(between) as server:
        environment = (f"PGHOST={SERVER}", "PGDATABASE=warehouse", "WAREHOUSE_TCP_TIMEOUT=2")
        yield between, server, ["ip", "netns", "exec", between.client, "env", *environment]


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True)
