"""Runs the service with Granian, and stops it without losing a request."""

import errno
import ipaddress
import logging
import multiprocessing
import os
import signal
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from ctypes import c_bool
from functools import partial

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server import Server
from litestar import Litestar

from number_api.errors import ListenError, SettingsError
from number_api.observation.json_lines import logging_configuration
from number_api.request_body import BODY_SECONDS
from number_api.settings import Settings
from number_api.sockets import MOST_CONNECTIONS, limit_connections
from number_api.valkey import TIMEOUT_SECONDS, refuse_cluster

_logger = logging.getLogger(__name__)

# How long requests that are being served may take to end after the drain: until a slow body is given up, then the store
# is.
_FINISH_SECONDS = BODY_SECONDS + int(TIMEOUT_SECONDS)

# What a connection may hold in memory of a request's header fields; Granian's own limit is 400 KB.
_HEADER_BYTES = 32 * 1024

_SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}


def run_server(settings: Settings) -> None:
    """Serve until a signal stops it.

    SIGTERM makes /health/ready answer 503 at once; requests are still served for the drain time, then no connection
    is accepted any more and what has begun is finished. SIGINT (Ctrl-C) and SIGHUP skip the drain time.

    Raises:
        ListenError: The address cannot be listened on.
        SettingsError: Several workers would each have a set of their own, or the store is one of a cluster.
    """
    if settings.workers > 1 and not settings.store_url:
        raise SettingsError("Several workers need a store to share the numbers: set NUMBER_API_STORE_URL")
    if settings.store_url:
        refuse_cluster(settings.store_url)
    address = _free_address(settings.host, settings.port)
    # `nohup` has SIGHUP ignored, so that the service outlives the terminal; Granian will set a handler of its own. Of
    # the others no notice is taken: a script's shell ignores SIGINT for all that it starts in the background.
    ignored = {signal.SIGHUP} if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN else set()
    draining = multiprocessing.RawValue(c_bool, False)
    server = Server(
        "number_api",
        address=address,
        port=settings.port,
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,
        workers=settings.workers,
        workers_kill_timeout=_FINISH_SECONDS,
        # So many connections each worker has at once; others wait to be accepted.
        backpressure=MOST_CONNECTIONS,
        http1_settings=HTTP1Settings(header_read_timeout=settings.idle_seconds * 1000, max_buffer_size=_HEADER_BYTES),
        respawn_failed_workers=True,
        log_dictconfig=logging_configuration(),
        websockets=False,
    )
    server.on_startup(
        partial(_wait_for_signals, server.signal_handler_interrupt, ignored, draining, settings.drain_seconds)
    )
    if not settings.api_keys and not ipaddress.ip_address(address).is_loopback:
        _logger.warning("open to everyone who can reach %s; set NUMBER_API_KEYS to require a key", settings.host)
    if not ipaddress.ip_address(address).is_loopback:
        hosts = ", ".join(settings.allowed_hosts)
        _logger.info("serves only the hosts %s; set NUMBER_API_ALLOWED_HOSTS to change them", hosts)
    with _shared_metrics() if settings.workers > 1 else nullcontext():
        server.serve(target_loader=partial(_load_app, settings, ignored, draining), wrap_loader=False)


def _load_app(settings: Settings, ignored: set[signal.Signals], draining: c_bool) -> Litestar:
    # A worker is stopped by Granian: until Granian listens, at once.
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN if number in ignored else signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
    _end_with_the_main_process()
    # Imported in the workers only, since prometheus_client looks for its directory while it is imported.
    from number_api.app import create_app

    app = create_app(settings, is_draining=lambda: draining.value)
    app.on_startup.append(partial(limit_connections, settings.trusted_proxies))
    return app


def _end_with_the_main_process() -> None:
    """End this worker when the main process is gone: killed, it cannot stop its workers, which would hold the port."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def wait() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


@contextmanager
def _shared_metrics() -> Iterator[None]:
    """Give the workers a directory for their counts, so that whichever is asked can answer for all."""
    with tempfile.TemporaryDirectory(prefix="number_api-metrics-") as directory:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = directory
        yield


def _wait_for_signals(
    stop: Callable[[], None], ignored: set[signal.Signals], draining: c_bool, drain_seconds: int
) -> None:
    """Let a thread take the signals, so that none comes in the middle of another one's handler and waits for its locks.

    That happens: make sends SIGTERM once more to what has got it as a member of the process group.
    """

    awaited = _SIGNALS - ignored
    for number in ignored:
        signal.signal(number, signal.SIG_IGN)

    def wait() -> None:
        if signal.sigwait(awaited) == signal.SIGTERM:
            draining.value = True
            timer = threading.Timer(drain_seconds, stop)
            timer.daemon = True
            timer.start()
            signal.sigwait(awaited - {signal.SIGTERM})
        stop()

    # In every thread, and in the workers, which are started later.
    signal.pthread_sigmask(signal.SIG_BLOCK, awaited)
    threading.Thread(target=wait, daemon=True).start()


def _free_address(host: str, port: int) -> str:
    """Return the address of a host of this machine on which nobody listens at that port.

    Granian knows no names, and would share a port that is taken: each process would serve half of the requests.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        advice = ". Choose another --port" if error.errno == errno.EADDRINUSE else ""
        raise ListenError(f"Cannot listen on {host} port {port}: {error.strerror}{advice}") from error
    except UnicodeError:
        raise ListenError(f"Cannot listen on {host} port {port}: not a valid host name") from None
    return str(address[0])
