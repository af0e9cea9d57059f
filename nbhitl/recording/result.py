"""The result of a review, as shown to people."""

from typing import Any

from nbhitl.core.state import Reading
from nbhitl.forms import Forms
from nbhitl.forms.secret_texts import hidden_texts, without
from nbhitl.jsontext import Pairs, all_pairs, plain


def result_to_show(session: Reading, forms: Forms, pairs: Pairs = all_pairs) -> Any:
    """Return the result of a finished review; secrets of the answers are blotted out.

    The card and the transcript are saved in the notebook, and a result may contain answers: `nbhitl.ask` returns the
    answer itself, a batch returns rows with answers, and a node may put an answer into the state.
    """
    secrets: set[str] = set()
    for answered in session.answered:
        secrets |= hidden_texts(answered.value, forms.of(answered.interrupt).without_secrets(answered.value))
    return without(frozenset(secrets), plain(session.result, pairs=pairs)) if secrets else session.result
