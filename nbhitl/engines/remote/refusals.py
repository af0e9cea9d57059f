"""Words why a server refused a run, or why a run failed there."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nbhitl.engines.failures import without_input
from nbhitl.engines.remote import past
from nbhitl.engines.remote.http import Special
from nbhitl.engines.remote.looking import ServedThread, is_uuid
from nbhitl.engines.remote.run import ServedRun
from nbhitl.errors import AlreadyAnswered, AssistantNotFound, RunFailed, ServerError, ServerRefused
from nbhitl.runs.run import Snapshot

if TYPE_CHECKING:
    from nbhitl.engines.remote.server import Server

OVERTAKEN = frozenset({"UnknownInterruptError"})
"""Types of a run's error that no node raised: another client was faster."""

UNTOLD = "execution failed"
"""End of the message in Aegra's stream, which withholds the exception's own message."""


class Doubt(ServerRefused):
    """A run was refused; perhaps the assistant does not exist."""


class Conflict(ServerRefused):
    """Another run is at work in the thread."""


SPECIAL: Special = {400: Doubt, 404: Doubt, 422: Doubt, 409: Conflict}
"""The statuses of a refused run."""


class Refusals:
    """Explains refusals and failures, with a look at the thread and the server where needed.

    Parameters
    ----------
    server
        The server.
    thread
        The thread of the run.
    """

    def __init__(self, server: "Server", thread: ServedThread) -> None:
        self._server, self._thread = server, thread

    async def refused(self, refusal: ServerError, what: str, answers: Mapping[str, Any] | None) -> Exception:
        """Return why a run was refused."""
        if isinstance(refusal, Doubt):
            return await self._why_refused(what, str(refusal))
        return await self._overtaken(answers) if answers else self._thread.at_work()

    async def failed(self, run: ServedRun, name: str, message: str) -> Exception:
        """Return why a run failed; ``name`` and ``message`` are those of the server's error."""
        if name in OVERTAKEN:
            return await self._overtaken(run.answers, run.id)
        said = f"{name}: {without_input(message)}"
        if message.endswith(UNTOLD):
            said = (await self._raised()) or said
        return RunFailed(
            f"{self._server.access.clean(said)} (raised on the server {self._server.url}, in thread "
            f"{self._thread.id!r}; the server's log has the traceback)"
        )

    async def _raised(self) -> str | None:
        """Return the message of the exception that a node raised, read from the state; ``None`` where reading fails."""
        try:
            snapshot = await self._thread.state()
        except ServerError:
            return None
        formers = (interrupt.former for interrupt in snapshot.interrupts)
        return next((former.error for former in formers if former and former.error), snapshot.failed)

    async def _overtaken(self, answers: Mapping[str, Any], own_id: str | None = None) -> Exception:
        runs = await self._thread.runs()
        others = [run for run in runs if run.id != own_id]
        if (run := past.answer_of(others, answers.keys())) is not None:
            return AlreadyAnswered(f"{past.answered(run.at, run.by)} Nothing was sent twice.")
        if any(run.is_at_work and not run.is_bare for run in others):  # busy with another question, or with none
            return self._thread.at_work()
        return AlreadyAnswered(f"Another client has resumed thread {self._thread.id!r} first; nothing was sent twice.")

    async def _why_refused(self, what: str, detail: str) -> Exception:
        if not is_uuid(self._thread.id):
            return self._thread.bad_id(detail)
        try:
            known = await self._thread.assistants()
        except ServerError:  # the first refusal says more than this second refusal
            known = [self._server.assistant]
        if self._server.assistant in known:
            return ServerRefused(f"Cannot {what}: {self._server.url} refused the request: {detail}")
        names = ", ".join(repr(name) for name in known if not is_uuid(name))
        return AssistantNotFound(
            f"No assistant {self._server.assistant!r} on {self._server.url}. There are: {names or 'none'}. "
            "Use a name of this list, or add the graph to the server's langgraph.json."
        )

    async def refuse_if_overtaken(self, run: ServedRun, snapshot: Snapshot) -> None:
        """Raise where our run was cut off, and another client's run has settled the question since."""
        pending = {interrupt.id for interrupt in snapshot.interrupts}
        runs = [] if run.answers.keys() & pending else await self._thread.runs()
        ours = next((position for position, each in enumerate(runs) if each.id == run.id), None)
        if ours is None or not runs[ours].has_failed:
            return
        if (theirs := past.answer_of(runs[:ours], run.answers.keys())) is not None:
            raise AlreadyAnswered(past.answered(theirs.at, theirs.by))
        if (fork := past.fork_of(runs[:ours], run.answers.keys())) is not None:
            raise AlreadyAnswered(past.asked_again(fork))
