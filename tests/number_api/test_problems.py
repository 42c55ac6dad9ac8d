import inspect
import json
import logging
import re
from pathlib import Path

import pytest
from litestar import get
from litestar.exceptions import HTTPException
from litestar.params import FromQuery

from number_api import errors
from number_api.observation.json_lines import JsonFormatter
from number_api.problems import answer_of
from tests.number_api.conftest import Client, ClientFactory

SECRET = "hunter2-in-the-connection-string"


@get("/fails", sync_to_thread=False)
def fails(how: FromQuery[str]) -> None:
    if how == "with an HTTP error":
        raise HTTPException(SECRET, status_code=500, headers={"X-Secret": SECRET}, extra={"secret": SECRET})
    if how == "with a teapot":
        raise HTTPException(SECRET, status_code=418)
    try:
        int(SECRET)
    except ValueError as error:
        raise RuntimeError(f"{SECRET} again") from error


@pytest.fixture
def client(start_client: ClientFactory) -> Client:
    client = start_client()
    client.app.register(fails)
    return client


@pytest.mark.parametrize("how", ["with an exception", "with an HTTP error", "with a teapot"])
def test_what_is_not_foreseen_is_an_internal_error_that_tells_no_secret(
    client: Client, how: str, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    answer = client.get("/fails", params={"how": how})
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:number-api:problem:internal-error",
        "title": "Internal error",
        "status": 500,
        "detail": "The request failed because of an error in the service; X-Request-ID identifies it in the logs",
    }
    output = capfd.readouterr()
    logged = "".join(JsonFormatter().format(record) for record in caplog.records)
    for text in (answer.text, str(answer.headers), output.out, output.err, logged):
        assert SECRET not in text


def test_an_unforeseen_failure_is_logged_with_its_kind_its_place_and_the_request(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    answer = client.get("/fails", params={"how": "with an exception"})
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    line = json.loads(JsonFormatter().format(record))
    assert line["request_id"] == answer.headers["x-request-id"]
    assert [exception["type"] for exception in line["exceptions"]] == ["RuntimeError", "ValueError"]
    assert "test_problems.py" in line["exceptions"][0]["raised_at"][-1]


@pytest.mark.parametrize(
    ("method", "path", "status", "name"),
    [
        ("GET", "/nothing/here", 404, "not-found"),
        ("GET", "/docs/nothing", 404, "not-found"),
        ("GET", "/docs/files/nothing", 404, "not-found"),
        ("GET", "/docs/files/../openapi.py", 404, "not-found"),
        ("POST", "/extract/", 404, "not-found"),
        ("POST", "/extract/5/6", 404, "not-found"),
        ("GET", "/extract/42", 405, "method-not-allowed"),
        ("DELETE", "/missing", 405, "method-not-allowed"),
        ("BREW", "/missing", 405, "method-not-allowed"),
        ("GET", "/fails", 400, "malformed-request"),
    ],
)
def test_what_the_framework_refuses_is_a_problem_too(
    client: Client, method: str, path: str, status: int, name: str
) -> None:
    answer = client.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == f"urn:number-api:problem:{name}"
    assert answer.json()["status"] == status
    assert path not in answer.text


def test_a_refused_method_is_told_which_are_allowed(client: Client) -> None:
    assert set(client.delete("/missing").headers["allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def kinds() -> set[type[errors.RequestError]]:
    """Every error that answers a request."""
    classes = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.RequestError)]
    return {kind for kind in classes if not kind.__subclasses__()}


def test_every_error_of_a_request_is_a_problem_type_of_its_own() -> None:
    answers = [answer_of(kind(*kind.example)) for kind in kinds()]
    problems = [json.loads(answer._body) for answer in answers]
    assert len({problem["type"] for problem in problems}) == len(kinds()) > 15
    for problem in problems:
        assert problem["detail"]
        assert problem["title"]


def test_the_documentation_lists_the_problems_that_there_are_with_their_statuses_and_titles() -> None:
    document = Path(__file__).parents[2] / "docs" / "number_api.md"
    listed = re.findall(r"^\| ([a-z-]+) \| ([0-9]{3}) \| (.+) \|$", document.read_text(), re.MULTILINE)
    assert set(listed) == {(kind.name, str(kind.status.value), kind.title) for kind in kinds()}
    assert len(listed) == len(kinds())


def test_the_tree_in_the_documentation_of_the_errors_is_the_tree_of_the_errors() -> None:
    tree: list[str] = []

    def draw(error: type[Exception], depth: int) -> None:
        tree.append(f"{depth} {error.__name__}")
        for subclass in error.__subclasses__():
            draw(subclass, depth + 1)

    draw(errors.NumberApiError, 0)
    documented = [
        f"{(len(line) - len(line.lstrip('│├└─ '))) // 4} {line.lstrip('│├└─ ').split()[0]}"
        for line in (errors.__doc__ or "").splitlines()
        if line.startswith(("NumberApiError", "├", "│", "└", "    "))
    ]
    assert documented == tree
