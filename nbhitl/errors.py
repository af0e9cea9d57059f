"""The exceptions of nbhitl.

::

    NbhitlError
    ├── UsageError                 the call has a mistake, or is not possible here
    │   ├── NotAnEngine            neither a compiled graph nor a server        (a TypeError)
    │   ├── CannotWaitHere         this place has no way to wait
    │   └── NotebookUnknown        the kernel does not know the running notebook
    ├── WaitEnded                  a wait for a person ended; the question stays open
    │   ├── WaitCancelled          cancelled while awaited, as by ■             (a CancelledError)
    │   ├── WaitBroken             interrupted while blocking, as by ■          (a KeyboardInterrupt)
    │   └── WaitTimeout            took longer than timeout=                    (a TimeoutError)
    ├── ThreadWaits                new input for a thread whose question is still open
    ├── UnsupportedPause           a pause that cannot be answered unambiguously
    ├── KeyMismatch                the key names a run that was started with another input
    ├── RunCancelled               the run ended before it had a result
    │   └── Abandoned              the thread was abandoned or deleted
    ├── CheckpointerError          the checkpointer failed at a look, or before an answer was sent
    │   └── CheckpointerClosed     its database connection is closed
    ├── AnswerRefused              an answer was not accepted; nothing was sent
    │   ├── UnknownInterrupt       no such question is open                     (a LookupError)
    │   ├── AlreadyAnswered        somebody was faster
    │   ├── SomebodyAnswers        somebody else answers in another kernel
    │   ├── RunHasFailed           the run has failed, so that nothing is asked any more
    │   └── InvalidAnswer          the answer does not fit the question         (a ValueError)
    ├── Unanswered                 a question has no answer
    │   ├── PersonAwaited          a person is awaited; the card waits
    │   └── NobodyThere            no person can be asked, and no other source answers
    │       ├── QuestionChanged    the recorded answer is for another payload
    │       └── MayHaveRun         the run was cut off, and an answer may run a step for the second time
    ├── AnswersMismatch            the answers given do not fit the questions asked
    │   ├── LeftoverAnswers        more answers than questions
    │   ├── RuleMismatch           a recorded decision differs from the rules in the source
    │   ├── BadRecord              the notebook's record cannot be read
    │   └── BadAnswersFile         the file of answers cannot be read
    ├── ModelRecordMismatch        the record of model calls does not fit the calls made
    │   ├── NoModelRecord          the notebook's file of model calls is not there
    │   ├── BadModelRecord         the file of model calls cannot be read
    │   ├── PromptChanged          a call of a model differs from the recorded call
    │   ├── UnrecordedCall         more calls than were recorded
    │   └── LeftoverCalls          fewer calls than were recorded
    └── ServerError                a LangGraph server refused, or did not answer
        ├── ServerUnreachable      no connection, or a cut connection
        ├── ServerRefused          the server answered with an error status
        ├── AssistantNotFound      no such assistant or graph on the server     (a LookupError)
        ├── ThreadNotFound         no such thread on server or in checkpointer  (a LookupError)
        └── RunFailed              a node raised on the server

An exception of a node in a local run is not in this tree: the exception reaches the caller unchanged.
"""

import asyncio
from collections.abc import Iterable

from nbhitl.protocol import Flaw
from nbhitl.text.characters import ShownError


class NbhitlError(ShownError):
    """Base of all exceptions of nbhitl.

    A notebook shows one line, without nbhitl's frames: the message names the thing, the place and the next step.
    """

    def _render_traceback_(self) -> list[str]:
        """Return the lines that IPython shows (``InteractiveShell.showtraceback`` calls this method)."""
        return [f"{type(self).__name__}: {self}"]


class UsageError(NbhitlError):
    """The call has a mistake, or is not possible here; the message names the next step."""


class NotAnEngine(UsageError, TypeError):
    """The argument is neither a compiled graph, nor a server, nor an engine."""


class CannotWaitHere(UsageError):
    """No wait is possible here; the message gives the line to write instead."""


class NotebookUnknown(UsageError):
    """The kernel does not know the running notebook; the message says where to name the notebook."""


class WaitEnded(NbhitlError):
    """A wait for a person or a run ended before there was an answer; the question stays open, the run goes on."""


class WaitCancelled(WaitEnded, asyncio.CancelledError):
    """The await of the review was cancelled: by ■ in a notebook, or by the owner of the task."""


class WaitBroken(WaitEnded, KeyboardInterrupt):
    """A blocking wait was interrupted: by ■ in a notebook, by Ctrl+C in a terminal."""


class WaitTimeout(WaitEnded, TimeoutError):
    """Nobody answered, or the run did not end, within ``timeout=`` seconds."""


class ThreadWaits(NbhitlError):
    """New input, or going on from an earlier checkpoint, would silently drop an open question of the thread."""


class UnsupportedPause(NbhitlError):
    """A pause that cannot be answered unambiguously, such as several questions without ids on an old server."""


class RunCancelled(NbhitlError):
    """The run was cancelled, or the event loop of the run has ended."""


class Abandoned(RunCancelled):
    """The thread was abandoned or deleted with ``card.abandon()`` or ``card.delete()``."""


class KeyMismatch(NbhitlError):
    """``key=`` names a run that was started with another input."""


class CheckpointerError(NbhitlError):
    """The checkpointer failed at a look or before an answer was sent; the question stays open.

    The exception of the database is the cause (``__cause__``).
    """


class CheckpointerClosed(CheckpointerError):
    """The checkpointer's database connection is closed; the question stays open."""


class AnswerRefused(NbhitlError):
    """An answer was not accepted; nothing was sent, and the question is unchanged."""


class UnknownInterrupt(AnswerRefused, LookupError):
    """No question with this id is open in this review."""


class AlreadyAnswered(AnswerRefused):
    """The question has been answered before, here or elsewhere."""


class SomebodyAnswers(AnswerRefused):
    """Somebody else has the question open in another kernel; the same answer, given once more, is sent."""


class RunHasFailed(AnswerRefused):
    """The run has failed, so that no question is open any more; the failure is the cause (``__cause__``)."""


class InvalidAnswer(AnswerRefused, ValueError):
    """The answer does not fit the question.

    Attributes
    ----------
    flaws : tuple of nbhitl.protocol.Flaw
        The places where the answer does not fit, with the reason, where known.
    """

    def __init__(self, message: str, flaws: Iterable[Flaw] = ()) -> None:
        super().__init__(message)
        self.flaws = tuple(flaws)


class Unanswered(NbhitlError):
    """A question has no answer."""


class PersonAwaited(Unanswered):
    """A person is awaited; the card, or ``card.answer(...)``, takes the answer."""


class NobodyThere(Unanswered):
    """No person can be asked here, and neither ``answers=`` nor a record answers in their place."""


class QuestionChanged(NobodyThere):
    """The recorded answer is for another payload; the message shows the difference."""


class MayHaveRun(NobodyThere):
    """The run was cut off while a node worked, and nobody is there to say whether that node may run again."""


class AnswersMismatch(NbhitlError):
    """The answers given do not fit the questions asked."""


class LeftoverAnswers(AnswersMismatch):
    """There were more answers than questions."""


class RuleMismatch(AnswersMismatch):
    """A recorded decision on a tool call is not the decision of the rules in the source; the message shows both."""


class BadRecord(AnswersMismatch):
    """The record in the notebook cannot be read."""


class BadAnswersFile(AnswersMismatch):
    """The file named by ``NBHITL_ANSWERS`` is missing or malformed."""


class ModelRecordMismatch(NbhitlError):
    """The record of a notebook's model calls does not fit the calls that were made."""


class NoModelRecord(ModelRecordMismatch):
    """The file of model calls is not beside the notebook."""


class BadModelRecord(ModelRecordMismatch):
    """The file of model calls cannot be read."""


class PromptChanged(ModelRecordMismatch):
    """A call of a model differs from the recorded call; the message shows the difference."""


class UnrecordedCall(ModelRecordMismatch):
    """A model is called more often than was recorded."""


class LeftoverCalls(ModelRecordMismatch):
    """Some recorded calls were not made."""


class ServerError(NbhitlError):
    """A LangGraph server refused a request, or did not answer."""


class ServerUnreachable(ServerError):
    """The server could not be reached, or the connection was cut."""


class ServerRefused(ServerError):
    """The server answered with an error status, or with a response that is not LangGraph's."""


class AssistantNotFound(ServerError, LookupError):
    """The server knows no such assistant or graph."""


class ThreadNotFound(ServerError, LookupError):
    """No such thread exists on the server or in the checkpointer."""


class RunFailed(ServerError):
    """A node raised while the run worked on the server."""
