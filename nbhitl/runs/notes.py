"""Notes on a run for the person at the card; most notes are plain texts."""


class Aside(str):
    """A note that changes nothing for the person who answers: the card shows the note among the details of the run."""

    __slots__ = ()
