"""What the containers cannot do, and what nobody can read from the outside."""

import re
from typing import Any

import pytest

from tests.compose.deployment import Deployment

pytestmark = pytest.mark.compose

SERVICES = ("database", "migrate", "data-processor", "valkey", "api", "gateway")

# How long the API goes on after SIGTERM, and how long what it has begun may take then.
DRAIN_SECONDS = 5 + 9


@pytest.fixture(scope="module")
def containers(deployment: Deployment) -> dict[str, dict[str, Any]]:
    """What the engine knows of each service's container."""
    return {service: deployment.inspect(deployment.containers(service)[0])[0] for service in SERVICES}


@pytest.mark.parametrize("service", SERVICES)
def test_a_container_has_no_more_than_it_needs(containers: dict[str, dict[str, Any]], service: str) -> None:
    container = containers[service]
    host = container["HostConfig"]

    assert re.match(r"[1-9]", container["Config"]["User"])
    assert host["ReadonlyRootfs"]
    assert host["CapDrop"] == ["ALL"]
    assert not host["CapAdd"]
    assert host["SecurityOpt"] == ["no-new-privileges:true"]
    assert not host["Privileged"]
    assert 0 < host["Memory"] <= 2 << 30
    assert 0 < host["PidsLimit"] <= 200


@pytest.mark.parametrize("service", ["database", "valkey", "api", "gateway"])
def test_processes_have_no_capability_and_a_read_only_root(deployment: Deployment, service: str) -> None:
    status = deployment.compose("exec", "-T", service, "cat", "/proc/self/status")

    assert re.search(r"CapEff:\s0+\n", status)
    assert re.search(r"NoNewPrivs:\s1\n", status)
    assert not re.search(r"Uid:\s0\s", status)
    assert re.search(r"^overlay / overlay ro,", deployment.compose("exec", "-T", service, "cat", "/proc/mounts"), re.M)


def test_only_the_gateway_publishes_a_port_and_only_on_loopback(containers: dict[str, dict[str, Any]]) -> None:
    published = {service: container["HostConfig"]["PortBindings"] for service, container in containers.items()}

    ((_, bindings),) = published.pop("gateway").items()
    assert [binding["HostIp"] for binding in bindings] == ["127.0.0.1"]
    assert not any(published.values())


def test_only_the_gateway_is_on_a_network_that_leads_out(
    deployment: Deployment, containers: dict[str, dict[str, Any]]
) -> None:
    networks = {service: set(container["NetworkSettings"]["Networks"]) for service, container in containers.items()}
    names = sorted(set().union(*networks.values()))
    internal = {name for name, network in zip(names, deployment.inspect(*names), strict=True) if network["Internal"]}

    assert {service for service in networks if networks[service] - internal} == {"gateway"}
    assert networks["database"] == networks["data-processor"] == {f"{deployment.project}_warehouse"}
    assert not networks["gateway"] & networks["database"]


def test_an_orphan_that_fails_is_nothing_to_the_server(deployment: Deployment) -> None:
    """As the first process, PostgreSQL adopts orphans, and takes one that exits with 2 for a child that crashed."""
    (container,) = deployment.inspect(*deployment.containers("database"))
    if not container["HostConfig"]["Init"]:
        pytest.skip("this Docker engine has no docker-init")
    pid = deployment.compose("exec", "-T", "database", "sh", "-c", "(sleep 1; exit 2) & echo $!").strip()

    deployment.compose("exec", "-T", "database", "sh", "-c", f"while kill -0 {pid}; do sleep 0.1; done 2> /dev/null")

    assert deployment.query("select pid from pg_stat_activity where backend_type = 'checkpointer'") != ""
    assert "terminating any other active server processes" not in deployment.compose("logs", "database")


def test_the_api_is_given_longer_to_stop_than_it_drains(containers: dict[str, dict[str, Any]]) -> None:
    assert containers["api"]["Config"]["StopTimeout"] > DRAIN_SECONDS


def test_secrets_are_in_no_image_configuration_or_log(loaded: Deployment) -> None:
    secrets = {path.name: path.read_text().strip() for path in (loaded.directory / "secrets").iterdir()}
    del secrets["ca.crt"], secrets["database.crt"], secrets["valkey.crt"]
    values = {name: re.split(r"[:@\s]", text)[-2] if "url" in name else text for name, text in secrets.items()}
    values["number_api_store_url"] = secrets["number_api_store_url"].split(":")[2].split("@")[0]
    assert min(len(value) for value in values.values()) >= 32

    ids = loaded.containers()
    images = sorted({container["Image"] for container in loaded.inspect(*ids)})
    told = {
        "compose file": loaded.compose("config"),
        "docker inspect": loaded.run("docker", "inspect", *ids, *images),
        "image history": "".join(loaded.run("docker", "history", "--no-trunc", image) for image in images),
        "processes": "".join(loaded.run("docker", "top", one) for one in loaded.containers(running=True)),
        "logs": loaded.compose("logs"),
    }

    assert [(place, name) for place, text in told.items() for name, value in values.items() if value in text] == []


@pytest.mark.parametrize("service", SERVICES)
def test_images_hold_nothing_of_the_checkout_but_what_they_run(
    deployment: Deployment, containers: dict[str, dict[str, Any]], service: str
) -> None:
    names = (
        "*_password",
        "number_api_key*",
        "number_api_store_url",
        "ca.key",
        "database.key",
        "valkey.key",
        ".env*",
        ".git",
    )
    unwanted = " -o ".join(f"-name '{name}'" for name in names)
    found = deployment.run(
        *("docker", "run", "--rm", "--user", "0", "--entrypoint", "sh", containers[service]["Image"]),
        *("-c", f"find / -xdev \\( {unwanted} \\)"),
    )

    assert found.split() == []
