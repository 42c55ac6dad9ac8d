"""What the services do, seen through the gateway and the commands of the README."""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.compose.conftest import ROWS, Start
from tests.compose.deployment import INSTANCES, LONG_RUNNING, CommandFailedError, Deployment

pytestmark = pytest.mark.compose

NUMBERS = 100

ONE_CHARGE = b"id,name,company_id,amount,status,created_at,paid_at\n%s,Acme,acme,12.34,paid,2019-02-27,\n"

# Asks for something without a key, so that the log names the address, and claims to be somebody else.
ASK = """
import socket, urllib.error, urllib.request
fields = {"Host": "localhost", "X-Forwarded-For": "203.0.113.9", "Forwarded": "for=203.0.113.9"}
try:
    urllib.request.urlopen(urllib.request.Request("http://gateway:8080/status", headers=fields), timeout=10)
except urllib.error.HTTPError as error:
    print(error.code, error.headers["X-Request-ID"], socket.gethostbyname(socket.gethostname()))
"""


# Finds the instances in the DNS and asks each by its address, as collectors do.
COLLECT = """
import socket, sys, urllib.request
fields = {"Authorization": f"Bearer {sys.argv[1]}"}
for address in sorted({found[4][0] for found in socket.getaddrinfo("api", 8000)}):
    request = urllib.request.Request(f"http://{address}:8000/metrics", headers=fields)
    with urllib.request.urlopen(request, timeout=10) as answer:
        print(answer.status, b"number_api_request_duration_seconds_count" in answer.read())
"""


def test_an_empty_data_folder_is_no_failure(start: Start) -> None:
    assert "nothing is loaded or built" in start.empty
    assert "Error" not in start.empty


def test_up_loads_what_lies_in_data_and_builds_the_marts(loaded: Deployment) -> None:
    states = loaded.compose("ps", "--all", "--format", "{{.Service}} {{.State}} {{.ExitCode}} {{.Health}}").splitlines()
    assert {"migrate exited 0 ", "data-processor exited 0 "} <= {f"{state.strip()} " for state in states}
    assert {f"{service} running 0 healthy" for service in LONG_RUNNING} <= set(states)

    assert loaded.query("select rows_read from raw.loads where source_name = 'sample.csv'") == str(ROWS)
    reconciled = (
        "select sum(rows_read) = (select count(*) from analytics.charges)"
        " + (select count(*) from analytics.superseded_transactions)"
        " + (select count(*) from analytics.rejected_transactions) from raw.loads"
    )
    assert loaded.query(reconciled) == "t"


def test_runs_are_recorded_and_the_reporter_reads_them(loaded: Deployment) -> None:
    run = "select outcome, rows_rejected is not null from raw.runs where load_ids <> '{}' order by started_at limit 1"

    assert loaded.query_as("reporter", run) == "succeeded|t"


def test_the_gateway_serves_the_documentation_that_dbt_generated(loaded: Deployment) -> None:
    page = loaded.request("GET", "/dbt/", key=False)

    assert page.status == 200
    assert "daily_transaction_summary" in page.body
    assert loaded.request("GET", "/dbt", key=False).body == page.body
    assert page.fields["Content-Security-Policy"].startswith("default-src 'self' ")


def test_the_commands_of_the_readme_load_and_build(loaded: Deployment) -> None:
    (loaded.directory / "data" / "more.csv").write_bytes(ONE_CHARGE % b"by-command")

    loaded.process("python", "-m", "ingest", "load", "data/more.csv")
    loaded.process("dbt", "build")

    assert loaded.query("select amount, company_id from analytics.charges where id = 'by-command'") == "12.34|acme"
    assert "already" in loaded.process("python", "-m", "ingest", "load", "data/more.csv").lower()
    loaded.process("python", "-m", "ingest", "validate")


def test_a_bad_file_is_told_and_keeps_no_good_one_away(loaded: Deployment) -> None:
    bad, good = loaded.directory / "data" / "a-bad.csv", loaded.directory / "data" / "b-good.csv"
    bad.write_bytes(b"what,is,this\n1,2,3\n")
    good.write_bytes(ONE_CHARGE % b"beside-bad")
    try:
        with pytest.raises(CommandFailedError, match=r"a-bad\.csv"):
            loaded.process("refresh")
    finally:
        bad.unlink()

    assert loaded.query("select count(*) from analytics.charges where id = 'beside-bad'") == "1"


def test_the_reporter_extracts_what_is_published(loaded: Deployment) -> None:
    said = loaded.compose(
        *("run", "--rm", "--no-TTY", "reporter"),
        *("python", "-m", "ingest", "extract", "--relation", "analytics.charges", "--json", "--quiet"),
    )

    report = json.loads(said[said.index("{") :])
    assert str(report["rows"]) == loaded.query("select count(*) from analytics.charges")


def test_the_reporter_may_write_the_daily_report(loaded: Deployment) -> None:
    said = loaded.compose("run", "--rm", "--no-TTY", "reporter", "python", "-m", "report", "--text")

    assert f"{loaded.query('select sum(rows_read) from raw.loads')}\n" in said


def test_instances_share_one_set_behind_the_gateway(loaded: Deployment) -> None:
    assert loaded.request("POST", "/reset").status == 200
    each_twice = [number for number in range(1, NUMBERS + 1) for _ in range(2)]

    with ThreadPoolExecutor(8) as clients:
        answers = list(clients.map(lambda number: loaded.request("POST", f"/extract/{number}"), each_twice))

    assert sorted(answer.status for answer in answers) == [200] * NUMBERS + [409] * NUMBERS
    won = {answer.body["extracted_number"] for answer in answers if answer.status == 200}
    assert won == set(range(1, NUMBERS + 1))
    assert {loaded.request("GET", "/status").body["remaining_count"] for _ in range(10)} == {0}
    assert len(instances_used(loaded)) == INSTANCES


def test_the_missing_number_survives_a_crash_of_all_of_it(loaded: Deployment) -> None:
    loaded.request("POST", "/reset")
    loaded.request("POST", "/extract/42")

    loaded.compose("kill", "valkey", "api", "gateway")
    loaded.serve()

    assert loaded.request("GET", "/missing").body["missing_number"] == 42


def test_an_instance_that_stops_loses_no_request(loaded: Deployment) -> None:
    one = loaded.containers("api")[0]
    statuses: list[int] = []
    stopped = threading.Event()

    def ask() -> None:
        while not stopped.is_set():
            statuses.append(loaded.request("GET", "/status").status)

    with ThreadPoolExecutor(2) as clients:
        asking = [clients.submit(ask) for _ in range(2)]
        started = time.monotonic()
        loaded.run("docker", "stop", "--time", "20", one)
        drained = time.monotonic() - started
        stopped.set()
        for client in asking:
            client.result()
    ((exit_code,),) = [(state["State"]["ExitCode"],) for state in loaded.inspect(one)]
    loaded.serve()

    assert set(statuses) == {200}
    assert exit_code == 0
    assert drained < 20


def test_clients_are_told_apart_and_cannot_pose_as_others(loaded: Deployment) -> None:
    image = loaded.inspect(loaded.containers("api")[0])[0]["Image"]
    network = f"{loaded.project}_edge"
    ask = ("docker", "run", "--rm", "--network", network, "--entrypoint", "python", image, "-c", ASK)
    # Several at once, so that their addresses differ.
    with ThreadPoolExecutor(2) as clients:
        asked = [line.split() for line in clients.map(lambda _: loaded.run(*ask), range(2))]
    requests = [line for line in json_lines(loaded, "api") if line["message"] == "request"]
    clients_of = {line["request_id"]: line["client"] for line in requests}

    for status, request_id, address in asked:
        assert status == "401"
        assert clients_of[request_id] == f"address:{address}"


def test_the_gateway_keeps_metrics_inside_and_answers_in_problems_when_no_instance_does(loaded: Deployment) -> None:
    assert loaded.request("GET", "/metrics").status == 404

    loaded.compose("stop", "--timeout", "1", "api")
    try:
        answer = loaded.request("GET", "/status")
        assert answer.status == 503
        assert answer.fields["Content-Type"] == "application/problem+json"
        assert answer.body["status"] == 503
        assert loaded.request("GET", "/dbt/", key=False).status == 200
    finally:
        loaded.serve()


def test_a_collector_reads_the_metrics_of_each_instance(loaded: Deployment) -> None:
    loaded.request("GET", "/status")
    image = loaded.inspect(loaded.containers("api")[0])[0]["Image"]
    collector = ("docker", "run", "--rm", "--network", f"{loaded.project}_front", "--entrypoint", "python", image, "-c")

    said = loaded.run(*collector, COLLECT, loaded.secret("number_api_key"))

    assert said.splitlines() == ["200 True"] * INSTANCES


def instances_used(deployment: Deployment) -> set[str]:
    return {line["instance"] for line in json_lines(deployment, "gateway") if line["path"].startswith("/extract/")}


def json_lines(deployment: Deployment, service: str) -> list[dict[str, Any]]:
    logs = deployment.compose("logs", "--no-log-prefix", service).splitlines()
    return [json.loads(line) for line in logs if line.startswith("{")]
