"""Listeners of an object that changes: the object only calls the listeners, and knows nothing else of them."""

import logging
import threading
import weakref
from collections.abc import Callable

Listener = Callable[[], None]
Unsubscribe = Callable[[], None]


class Subscribers:
    """The listeners of an object; may be used from any thread.

    A bound method that is added weakly does not keep the object alive: a page that nobody can see is not notified.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()  # for adding and removing; listeners are called without the lock
        self._listeners: tuple[Listener, ...] = ()
        self._weak: tuple[weakref.WeakMethod[Listener], ...] = ()

    def add(self, listener: Listener) -> Unsubscribe:
        """Add a listener; return a function that removes the listener."""
        with self._lock:
            self._listeners = (*self._listeners, listener)
        return lambda: self._remove(listener)

    def add_weakly(self, method: Listener) -> None:
        """Add a bound method, which is called as long as the object lives."""
        with self._lock:
            alive = [each for each in self._weak if each() is not None]
            self._weak = (*alive, weakref.WeakMethod(method))

    def tell(self) -> None:
        """Call all listeners, in the calling thread.

        A listener that raises is logged, and keeps neither the further listeners nor the caller: the change has
        happened, and the caller may be the run, or the reply to an answer.
        """
        for reference in self._weak:
            if (method := reference()) is not None:
                _called(method)
        for listener in self._listeners:
            _called(listener)

    def _remove(self, listener: Listener) -> None:
        with self._lock:
            left = list(self._listeners)
            left.remove(listener)
            self._listeners = tuple(left)


def _called(listener: Listener) -> None:
    try:
        listener()
    except Exception:
        logging.getLogger("nbhitl").exception("A change could not be told to a listener; the review goes on.")
