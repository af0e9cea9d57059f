"""A stream is replayed in the recorded pieces, whatever the pieces hold."""

from hypothesis import example, given
from hypothesis import strategies as st
from langchain_core.messages import AIMessageChunk
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGenerationChunk

from nbhitl.models.said import Again, of_chunks

END = AIMessageChunk(content=[], usage_metadata=UsageMetadata(input_tokens=1, output_tokens=1, total_tokens=2))
"""The last chunk of a stream from Anthropic."""


def text(said, index=0):
    return {"type": "text", "text": said, "index": index}


def thought(said):
    return {"type": "thinking", "thinking": said, "index": 0}


TEXTS = st.lists(st.one_of(st.just([]), st.text(min_size=1, max_size=4).map(lambda said: [text(said, 1)])), max_size=5)
THOUGHTS = st.lists(st.text(min_size=1, max_size=4).map(lambda said: [thought(said)]), max_size=3)


@given(THOUGHTS, TEXTS)
@example([], [[], [text("I pay. ", 1)]])
def test_stream_of_blocks_is_given_again_in_the_same_pieces(thoughts, texts):
    came = [AIMessageChunk(content=content) for content in [[], *thoughts, *texts]] + [END]
    said = of_chunks([ChatGenerationChunk(message=each) for each in came])
    again = [chunk.message for chunk in Again(said, "seed").chat_chunks()]
    assert [each.text for each in again] == [each.text for each in came]
    assert whole(again).content == whole(came).content


@given(st.lists(st.text(max_size=4), max_size=6))
def test_stream_of_texts_is_given_again_in_the_same_pieces(texts):
    came = [AIMessageChunk(content=each) for each in [*texts, ""]]
    said = of_chunks([ChatGenerationChunk(message=each) for each in came])
    assert [chunk.text for chunk in Again(said, "seed").chat_chunks()] == [each.text for each in came]


def whole(chunks):
    made = chunks[0]
    for chunk in chunks[1:]:
        made += chunk
    return made
