"""Keys: never written, and not needed to build a model in a replay."""

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

PLACEHOLDER = "nbhitl-replays-and-has-no-key-\N{NO ENTRY}\r\n"
"""Stands for a missing key. No HTTP header can carry this text: the last sign is in neither ASCII nor Latin-1, and a
client that writes headers as UTF-8 refuses the end of the line."""

SENDABLE = "nbhitl-replays-and-has-no-key"
"""Stands for a missing key where clients put keys into requests that are replayed. A request that contains this text
and is not replayed fails before being sent (`nbhitl.models.traffic`)."""

_PLACEHOLDERS = (PLACEHOLDER, SENDABLE)

SECRET = re.compile(r"(?:.*[_-])?(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?|AUTH)(?:_ID)?", re.IGNORECASE)
"""Names of environment variables that hold secrets."""

AUTHORIZATION = frozenset({"authorization", "proxy-authorization", "cookie"})
"""Names of headers that hold secrets, beside those that `SECRET` matches."""

SHORTEST = 8
"""Shortest secret; a shorter text would occur in ordinary texts."""

KEY = re.compile(r"\b(?:sk|pk|rk|gsk|xai|key|ghp|hf|AIza)[-_][\w*.-]{12,}|\bAIza[\w-]{20,}|\bBearer\s+[\w.~+/*-]{8,}=*")
"""Keys in the formats of providers, also where only the beginning and the end are shown."""

MASK = "•••"

_secrets: set[str] = set()

_empty: set[str] = set()
"""The variables that were set, and empty, before the placeholder."""


def masked(text: str) -> str:
    """Return a text without keys: keys of models, keys in the environment, and texts in the format of a key."""
    return masker()(text)


@dataclass(frozen=True)
class Masker:
    """Masks texts as `masked` does, for many texts; equal with equal secrets."""

    secrets: Sequence[str]

    def __call__(self, text: str) -> str:
        """Return a text without keys."""
        return KEY.sub(MASK, self.again(text))

    def again(self, text: str) -> str:
        """Return a text that was masked before, maybe with other secrets, without the secrets of now: faster."""
        for secret in self.secrets:
            if secret in text:
                text = text.replace(secret, MASK)
        return text


def masker() -> Masker:
    """Return a function that masks the secrets known by now."""
    return Masker(sorted(_secrets | _in_environment(), key=lambda secret: (-len(secret), secret)))


def _in_environment() -> set[str]:
    return {
        value
        for name, value in os.environ.items()
        if len(value) >= SHORTEST and SECRET.fullmatch(name) and value not in _PLACEHOLDERS
    }


def note_secrets(model: Any) -> set[str]:
    """Note the secrets that a model holds, to be masked; return the environment variables of the model's keys."""
    for value in vars(model).values():
        secret = value.get_secret_value() if hasattr(value, "get_secret_value") else None
        if isinstance(secret, str) and len(secret) >= SHORTEST and secret != PLACEHOLDER:
            _secrets.add(secret)
    named = getattr(model, "lc_secrets", None) or {}
    return {name for name in named.values() if os.environ.get(name)}


def note_sent(headers: Mapping[str, str], query: Iterable[str]) -> set[str]:
    """Note the secrets in a request, to be masked; return the environment variables whose values the request contains.

    Parameters
    ----------
    headers
        The request's headers.
    query
        The values in the query of the request's address.
    """
    secret = [value for name, value in headers.items() if SECRET.fullmatch(name) or name.lower() in AUTHORIZATION]
    _secrets.update(word for value in secret for word in value.split() if len(word) >= SHORTEST and word != SENDABLE)
    sent = [*headers.values(), *query]
    return {
        name
        for name, value in os.environ.items()
        if len(value) >= SHORTEST and SECRET.fullmatch(name) and any(value in each for each in sent)
    }


def put_sendable(variables: Iterable[str]) -> None:
    """Set the variables that are missing or empty, for clients whose requests are replayed."""
    for name in variables:
        if (os.environ.get(name) or PLACEHOLDER) == PLACEHOLDER and SECRET.fullmatch(name):
            _put(name, SENDABLE)


def put_placeholders(variables: Iterable[str]) -> list[str]:
    """Set the missing or empty variables without which models cannot be built; return the names of these variables."""
    missing = [name for name in variables if not os.environ.get(name) and SECRET.fullmatch(name)]
    for name in missing:
        _put(name, PLACEHOLDER)
    return missing


def _put(name: str, placeholder: str) -> None:
    if os.environ.get(name) == "":
        _empty.add(name)
    os.environ[name] = placeholder


def take_placeholders_out() -> None:
    """Give the variables with placeholders the values from before: from now on models are called."""
    for name in [name for name, value in os.environ.items() if value in _PLACEHOLDERS]:
        if name in _empty:
            os.environ[name] = ""
        else:
            del os.environ[name]
    _empty.clear()
