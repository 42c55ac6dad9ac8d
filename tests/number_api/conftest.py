"""A real Valkey, and the application over it or over memory."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from number_api.app import create_app
from number_api.numbers.memory_store import MemoryStore
from number_api.numbers.store import NumberStore
from number_api.numbers.valkey_store import ValkeyStore
from number_api.settings import Settings
from tests.number_api.processes import Service, Valkey, running_services
from tests.waiting import PATIENCE_SECONDS

Client = TestClient[Litestar]
ServiceFactory = Callable[..., Service]


class ClientFactory(Protocol):
    """Starts an application in this process."""

    def __call__(self, settings: Settings = ..., is_draining: Callable[[], bool] = ...) -> Client: ...


class Clock:
    """A clock that goes when it is told."""

    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Valkey that a busy machine keeps waiting is not out of reach."""
    monkeypatch.setattr("number_api.valkey.TIMEOUT_SECONDS", PATIENCE_SECONDS)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def shared_valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    with Valkey(tmp_path_factory.mktemp("valkey")) as valkey:
        yield valkey


@pytest.fixture
def valkey(shared_valkey: Valkey) -> Valkey:
    """An empty Valkey, for all tests that do it no harm."""
    shared_valkey.run("FLUSHALL")
    return shared_valkey


@pytest.fixture
def own_valkey(tmp_path: Path) -> Iterator[Valkey]:
    """A Valkey to do harm to."""
    with Valkey(tmp_path / "valkey") as valkey:
        yield valkey


@pytest.fixture(params=["memory", "valkey"])
def store_url(request: pytest.FixtureRequest) -> str | None:
    """Each kind of store in turn."""
    if request.param == "memory":
        return None
    valkey: Valkey = request.getfixturevalue("valkey")
    return valkey.url


@pytest.fixture
async def store(store_url: str | None) -> AsyncIterator[NumberStore]:
    """Each store in turn, with the whole set."""
    store = ValkeyStore(store_url) if store_url else MemoryStore()
    yield store
    await store.close()


@pytest.fixture
def start_client() -> Iterator[ClientFactory]:
    """Start applications in this process; they end with the test."""
    with ExitStack() as stack:

        def start(settings: Settings | None = None, is_draining: Callable[[], bool] = lambda: False) -> Client:
            app = create_app(settings or Settings(rate_limit=None), is_draining)
            client = TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False)
            return stack.enter_context(client)

        yield start


@pytest.fixture
def client(start_client: ClientFactory, store_url: str | None) -> Client:
    """An application over each store in turn, open and without a limit."""
    return start_client(Settings(store_url=store_url, rate_limit=None))


@pytest.fixture
def start_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceFactory]:
    """Start the service as a process; if it still runs after the test it is killed."""
    with ExitStack() as stack:

        def start(**settings: Any) -> Service:
            log = tmp_path_factory.mktemp("service")
            (service,) = stack.enter_context(running_services(1, log, **settings))
            return service

        yield start
