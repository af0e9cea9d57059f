"""The classes of providers, for tests that call them as notebooks do, without their types."""

from typing import Any

import langchain.agents
import langchain_anthropic
import langchain_openai
import pydantic

create_agent: Any = langchain.agents.create_agent
create_model: Any = pydantic.create_model
AzureChatOpenAI: Any = langchain_openai.AzureChatOpenAI
ChatAnthropic: Any = langchain_anthropic.ChatAnthropic
ChatOpenAI: Any = langchain_openai.ChatOpenAI
OpenAI: Any = langchain_openai.OpenAI
OpenAIEmbeddings: Any = langchain_openai.OpenAIEmbeddings
