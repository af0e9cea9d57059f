"""The model classes of providers, untyped, for tests that call models as notebooks do.

The classes of a package that is not installed are ``None``, and the tests of these classes are left out.
"""

from importlib import import_module
from typing import Any


def _of(module: str, name: str) -> Any:
    try:
        return getattr(import_module(module), name)
    except ModuleNotFoundError:
        return None


create_agent: Any = _of("langchain.agents", "create_agent")
create_model: Any = _of("pydantic", "create_model")
AzureChatOpenAI: Any = _of("langchain_openai", "AzureChatOpenAI")
ChatAnthropic: Any = _of("langchain_anthropic", "ChatAnthropic")
ChatOpenAI: Any = _of("langchain_openai", "ChatOpenAI")
OpenAI: Any = _of("langchain_openai", "OpenAI")
OpenAIEmbeddings: Any = _of("langchain_openai", "OpenAIEmbeddings")
OpenAIClient: Any = _of("openai", "OpenAI")
