"""The places of the contract suite; each server is started once."""

import json
from collections.abc import Iterator

import pytest

from nbhitl.testing import DevServer
from tests import postgres as postgresql
from tests.aegra import server as aegra_server
from tests.engines import contract_graphs
from tests.engines import contract_places as places
from tests.engines.contract_table import CANNOT

SERVED = {name: f"{contract_graphs.__file__}:{name}" for name in contract_graphs.GRAPHS}


@pytest.fixture(scope="session")
def postgres() -> Iterator[postgresql.Postgres]:
    """Return a running PostgreSQL."""
    with postgresql.running() as server:
        yield server


@pytest.fixture(scope="session")
def database(postgres: postgresql.Postgres) -> str:
    """Return the URL of a database that LangGraph's savers have set up."""
    from langgraph.checkpoint.postgres import PostgresSaver

    url = postgres.url("checkpoints")
    with PostgresSaver.from_conn_string(url) as saver:
        saver.setup()
    return url


@pytest.fixture(scope="session")
def contract_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the URL of a real `langgraph dev` that serves the graphs of the contract."""
    config = tmp_path_factory.mktemp("langgraph") / "langgraph.json"
    config.write_text(json.dumps({"dependencies": ["."], "graphs": SERVED}))
    with DevServer(config) as server:
        yield server.url


@pytest.fixture(scope="session")
def dev_results(
    request: pytest.FixtureRequest, contract_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, places.Ahead]]:
    """Play every situation that this run has for `langgraph dev`, ten at a time."""
    tests = {}
    for item in request.session.items:
        parameters = dict(item.callspec.params) if hasattr(item, "callspec") else {}
        if isinstance(item, pytest.Function) and parameters.pop("place", None) == places.DEV:
            if "tmp_path" in item.fixturenames and item.originalname not in CANNOT.get(places.DEV, {}):
                parameters["tmp_path"] = tmp_path_factory.mktemp("dev")
            tests[item.nodeid] = (item.obj, parameters)
    with places.all_at_once(places.Served(contract_server), tests) as results:
        yield results


@pytest.fixture(scope="session")
def contract_aegra(postgres: postgresql.Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the URL of an Aegra that serves the graphs of the contract."""
    with aegra_server.running(SERVED, postgres.url("aegra"), tmp_path_factory.mktemp("aegra")) as url:
        yield url


@pytest.fixture(
    params=[pytest.param(name, marks=pytest.mark.needs(*places.NEEDS.get(name, ()))) for name in places.MAKE]
)
def place(request: pytest.FixtureRequest) -> places.Place | places.Ahead:
    """Return each place in turn; a situation that the place cannot have is skipped with the reason."""
    name, situation = request.param, request.node.originalname
    if why := CANNOT.get(name, {}).get(situation):
        pytest.skip(f"{name}: {why}")
    return places.MAKE[name](request)
