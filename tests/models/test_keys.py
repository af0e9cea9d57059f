"""In a replay, models are built without keys, and the stand-in of a key can be sent nowhere."""

import http.client
import os
import socket
import threading
from typing import Any, get_args

import httpx
import pytest
from langchain.chat_models import init_chat_model

from nbhitl.models import keys
from tests.models import ways
from tests.models.classes import (
    AzureChatOpenAI,
    ChatAnthropic,
    ChatOpenAI,
    OpenAI,
    OpenAIClient,
    OpenAIEmbeddings,
    create_agent,
)
from tests.models.provider import provider
from tests.models.recording import cell

pytestmark = pytest.mark.needs("langchain_openai")

VARIABLES = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "AZURE_OPENAI_API_KEY")

AZURE = {"azure_endpoint": "http://127.0.0.1:9", "api_version": "2024-06-01", "azure_deployment": "x"}

MAKERS: dict[str, Any] = {
    "ChatOpenAI": lambda: ChatOpenAI(model="gpt-4o"),
    "ChatAnthropic": lambda: ChatAnthropic(model_name="claude-of-the-tests"),
    "AzureChatOpenAI": lambda: AzureChatOpenAI(**AZURE),
    "OpenAI": lambda: OpenAI(model="gpt-3.5-turbo-instruct"),
    "OpenAIEmbeddings": OpenAIEmbeddings,
    "openai.OpenAI": OpenAIClient,
    'init_chat_model("openai:…")': lambda: init_chat_model("openai:gpt-4o"),
    'init_chat_model("anthropic:…")': lambda: init_chat_model("anthropic:claude-of-the-tests"),
    'create_agent("openai:…")': lambda: create_agent("openai:gpt-4o"),
}


@pytest.fixture
def no_keys(monkeypatch):
    for name in VARIABLES:
        monkeypatch.setenv(name, "")  # so that monkeypatch restores the value
        monkeypatch.delenv(name)


@pytest.fixture
def placeholders(no_keys):
    keys.put_placeholders(VARIABLES)
    yield
    keys.take_placeholders_out()


@pytest.mark.parametrize("maker", MAKERS)
def test_model_is_built_with_placeholders(placeholders, maker):
    assert MAKERS[maker]() is not None


def test_placeholder_is_set_only_where_a_key_is_missing_or_empty(no_keys, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "mine")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "")  # as a secret of GitHub in a pull request from a fork
    assert keys.put_placeholders([*VARIABLES, "PATH", "NBHITL_OTHER"]) == ["ANTHROPIC_API_KEY", "AZURE_OPENAI_API_KEY"]
    assert os.environ["OPENAI_API_KEY"] == "mine"
    assert MAKERS["ChatAnthropic"]() is not None
    keys.take_placeholders_out()
    assert "AZURE_OPENAI_API_KEY" not in os.environ
    assert (os.environ["OPENAI_API_KEY"], os.environ["ANTHROPIC_API_KEY"]) == ("mine", "")


def test_empty_key_of_a_replayed_request_gets_a_placeholder_and_is_empty_again(no_keys, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "")
    keys.put_sendable(["OPENAI_API_KEY"])
    assert os.environ["OPENAI_API_KEY"] == keys.SENDABLE
    keys.put_sendable(["OPENAI_API_KEY"])
    keys.take_placeholders_out()
    assert os.environ["OPENAI_API_KEY"] == ""
    monkeypatch.delenv("OPENAI_API_KEY")
    keys.put_sendable(["OPENAI_API_KEY"])
    keys.take_placeholders_out()
    assert "OPENAI_API_KEY" not in os.environ


@pytest.fixture
def listener():
    """Return the address of a server that keeps every received byte."""
    got = bytearray()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen():
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    got.extend(connection.recv(65536))

        thread = threading.Thread(target=listen)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", got
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def by_http_client(url, key):
    connection = http.client.HTTPConnection(url.removeprefix("http://"))
    try:
        connection.request("GET", "/", headers={"Authorization": f"Bearer {key}"})
    finally:
        connection.close()


SENDERS = {
    "openai": lambda url, _: OpenAIClient(base_url=url, max_retries=0).models.list(),
    "ChatOpenAI": lambda url, _: ChatOpenAI(model="gpt-4o", base_url=url, max_retries=0).invoke("hi"),
    "ChatAnthropic": lambda url, _: ChatAnthropic(model_name="x", base_url=url, max_retries=0).invoke("hi"),
    "OpenAIEmbeddings": lambda url, _: OpenAIEmbeddings(
        base_url=url, max_retries=0, check_embedding_ctx_length=False
    ).embed_query("hi"),
    "httpx": lambda url, key: httpx.get(url, headers={"x-api-key": key}),
    "httpx, as bytes": lambda url, key: httpx.get(url, headers={"x-api-key": key.encode()}),
    "http.client": by_http_client,
}


@pytest.mark.parametrize("sender", SENDERS)
def test_placeholder_can_be_sent_nowhere(placeholders, listener, sender):
    url, got = listener
    with pytest.raises(Exception, match=r"(?i)ascii|latin|header|connection|encode"):
        SENDERS[sender](url, keys.PLACEHOLDER)
    assert b"nbhitl" not in got


def test_placeholders_are_set_in_a_replay_only(no_keys, tmp_path, monkeypatch):
    from nbhitl.kernel import Surroundings
    from nbhitl.models import cells
    from nbhitl.models.active import ACTIVE
    from nbhitl.models.recorder import Mode

    notebook = tmp_path / "report.ipynb"
    notebook.write_text('{"metadata": {}, "cells": [], "nbformat": 4, "nbformat_minor": 5}')
    monkeypatch.setenv("OPENAI_API_KEY", ways.KEY)
    with provider() as server, cell(notebook, "all"):
        ways.open_ai(server.url).invoke("hi")
    monkeypatch.delenv("OPENAI_API_KEY")
    place = Surroundings(in_kernel=False, person_there=False, execution="1", source="")
    try:
        for mode in get_args(Mode):
            cells.activate(notebook, mode, (), everywhere=True, place=place)
            assert ("OPENAI_API_KEY" in os.environ) == (mode in ("none", "once")), mode
    finally:
        ACTIVE.clear()
        keys.take_placeholders_out()


def test_secrets_are_masked_at_every_place(monkeypatch):
    monkeypatch.setenv("MY_SERVICE_TOKEN", "canary-in-the-environment")
    text = (
        "canary-in-the-environment, sk-abcdefghijklmnop, sk-abc***********xyz, Bearer abcdef123456, "
        "AIzaSyA1234567890123456789"
    )
    assert keys.masked(text) == "•••, •••, •••, •••, •••"
    assert keys.masked("a task-oriented-and-long-text of tokens") == "a task-oriented-and-long-text of tokens"
