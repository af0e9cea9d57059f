"""Keys: never written, and in a replay not needed to build a model."""

import os
import re
from collections.abc import Callable, Iterable
from typing import Any

PLACEHOLDER = "nbhitl-replays-and-has-no-key-\N{NO ENTRY}\r\n"
"""Stands for a key that is missing. It can leave the machine in no HTTP header: the sign at its end is neither in ASCII
nor in Latin-1, and a client that writes headers as UTF-8 refuses the end of the line."""

SECRET = re.compile(r"(?:.*[_-])?(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?|AUTH)(?:_ID)?", re.IGNORECASE)
"""Names of environment variables that hold secrets."""

SHORTEST = 8
"""Characters of a secret; what is shorter is found in ordinary texts."""

KEY = re.compile(r"\b(?:sk|pk|rk|gsk|xai|key|ghp|hf|AIza)[-_][\w*.-]{12,}|\bAIza[\w-]{20,}|\bBearer\s+[\w.~+/*-]{8,}=*")
"""Keys as providers make them, also where they tell only the beginning and the end."""

MASK = "•••"

_secrets: set[str] = set()


def masked(text: str) -> str:
    """Return a text without keys: those of models and of the environment, and others that look like keys."""
    return masker()(text)


def masker() -> Callable[[str], str]:
    """Return what masks texts as `masked` does, for many of them."""
    secrets = sorted(_secrets | _in_environment(), key=len, reverse=True)

    def mask(text: str) -> str:
        for secret in secrets:
            if secret in text:
                text = text.replace(secret, MASK)
        return KEY.sub(MASK, text)

    return mask


def _in_environment() -> set[str]:
    return {
        value
        for name, value in os.environ.items()
        if len(value) >= SHORTEST and SECRET.fullmatch(name) and value != PLACEHOLDER
    }


def note_secrets(model: Any) -> set[str]:
    """Note the secrets that a model holds, so that they are masked; return the variables that its keys come from."""
    for value in vars(model).values():
        secret = value.get_secret_value() if hasattr(value, "get_secret_value") else None
        if isinstance(secret, str) and len(secret) >= SHORTEST and secret != PLACEHOLDER:
            _secrets.add(secret)
    named = getattr(model, "lc_secrets", None) or {}
    return {name for name in named.values() if os.environ.get(name)}


def put_placeholders(variables: Iterable[str]) -> list[str]:
    """Set the variables that are missing, for models that cannot be built without; return their names."""
    missing = [name for name in variables if name not in os.environ and SECRET.fullmatch(name)]
    for name in missing:
        os.environ[name] = PLACEHOLDER
    return missing


def take_placeholders_out() -> None:
    """Take the placeholders out of the environment: what follows calls models."""
    for name in [name for name, value in os.environ.items() if value == PLACEHOLDER]:
        del os.environ[name]
