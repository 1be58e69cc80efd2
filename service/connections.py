# SPDX-License-Identifier: Apache-2.0
"""Waitress, whose connections are watched by the kernel: a request costs the same whoever else is connected.

Left to itself waitress asks every connection what it waits for before each wait, and wakes its one loop at
the end of each request to do so again. Here the kernel is told once (epoll, kqueue), and the loop is woken
only by a thread that leaves something for it to do: bytes that the visitor has not taken yet, a connection to
be closed, or one on which the visitor has already said more. What is read, written and closed, and when, is
decided by waitress alone.
"""

from __future__ import annotations

import selectors
import socket
import threading
from collections import deque
from typing import Any, Final

from flask import Flask
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher

PIPELINED: Final = 16  # requests that one connection may send before it reads an answer; browsers send one

_serving: Final = threading.local()  # .channel: the connection on which this thread works


class Channel(HTTPChannel):
    """One connection.

    Attributes:
        is_paused: What it says is left with the kernel until its request is answered.
        is_left: The thread that answers has left bytes to the loop, since the visitor takes no more now.
    """

    is_paused = False
    is_left = False

    def service(self) -> None:
        """Answer one request, in a thread of its own."""
        _serving.channel = self
        try:
            super().service()
        finally:
            _serving.channel = None

    def received(self, data: bytes) -> bool:
        """Take in what the visitor says; who asks and asks, and reads nothing, is let go.

        In one go 200 requests would fit: their answers could be more than may wait for a slow reader, and
        then the thread would wait for him too (``server.UNREAD_BYTES``).
        """
        taken = super().received(data)
        if len(self.requests) > PIPELINED:
            self.will_close = True
        return taken

    def add_channel(self, map: dict[int, Any] | None = None) -> None:
        """Begin; called when it is made."""
        super().add_channel(map)
        self.server.watch(self, selectors.EVENT_READ)

    def del_channel(self, map: dict[int, Any] | None = None) -> None:
        """End; called before it is closed."""
        self.server.watch(self, 0)
        super().del_channel(map)

    @property
    def wants(self) -> int:
        """What the loop waits for here."""
        if self.is_paused and self.readable():
            self.is_paused = False
        reads = 0 if self.is_paused else selectors.EVENT_READ
        return reads | (selectors.EVENT_WRITE if self._may_send else 0)

    @property
    def _may_send(self) -> bool:
        """Tell whether the loop has something to do here once the visitor takes more, or to close it.

        A thread that answers sends by itself. Waiting until its visitor takes something would end at once,
        again and again, until the thread has had its turn.
        """
        if not self.total_outbufs_len:
            self.is_left = False
        if self.will_close or not self.requests:
            return bool(self.writable())
        return self.is_left

    def may_read(self) -> bool:
        """Tell whether it may say more now; else it is paused.

        A thread that is about to end its request looks at ``is_paused`` after that, so one of the two sees
        the other.
        """
        if self.readable():
            return True
        self.is_paused = True
        return bool(self.readable())


class Server(TcpWSGIServer):
    """Serves an application on a socket that listens; ``turn`` after ``turn``, in one thread."""

    channel_class = Channel

    def __init__(self, app: Flask, listening: socket.socket, **adjustments: Any) -> None:
        """Take visitors from now on.

        Args:
            app: The application.
            listening: It is closed with the server.
            adjustments: As waitress names them.
        """
        self._selector = selectors.DefaultSelector()
        self._watched: dict[int, int] = {}
        self._touched: deque[Channel] = deque()
        adj = Adjustments(sockets=[listening], **adjustments)
        dispatcher = ThreadedTaskDispatcher()
        dispatcher.set_thread_count(adj.threads)
        sockinfo = (listening.family, listening.type, listening.proto, listening.getsockname())
        super().__init__(
            app, {}, True, listening, dispatcher=dispatcher, adj=adj, sockinfo=sockinfo, bind_socket=False
        )
        self.watch(self.trigger, selectors.EVENT_READ)

    def watch(self, dispatcher: Any, wanted: int) -> None:
        """Tell the kernel what is waited for on a connection; 0: nothing more."""
        number = dispatcher._fileno
        before = self._watched.get(number, 0) if number is not None else wanted
        if wanted == before:
            return
        if not wanted:
            self._selector.unregister(number)
            del self._watched[number]
            return
        if before:
            self._selector.modify(number, wanted, dispatcher)
        else:
            self._selector.register(number, wanted, dispatcher)
        self._watched[number] = wanted

    def pull_trigger(self) -> None:
        """Wake the loop; from a thread that answers, only if it has left something to do."""
        channel: Channel | None = getattr(_serving, "channel", None)
        if channel is not None:
            if not (channel.is_paused or channel.writable()):
                return
            self._touched.append(channel)
        super().pull_trigger()

    def turn(self, seconds: float) -> None:
        """Look once at what happens on the connections; wait for so long at the most until something does."""
        looked = self.next_channel_cleanup
        self.watch(self, selectors.EVENT_READ if self.readable() else 0)
        if looked != self.next_channel_cleanup:
            self.look_at_all()  # some have been silent for too long
        for key, events in self._selector.select(seconds):
            found = key.data
            if events & selectors.EVENT_READ and (not isinstance(found, Channel) or found.may_read()):
                wasyncore.read(found)
            if isinstance(found, Channel):
                if events & selectors.EVENT_WRITE and found._fileno is not None and found.writable():
                    wasyncore.write(found)
                self.watch(found, found.wants)
        while self._touched:
            found = self._touched.popleft()
            found.is_left = True
            self.watch(found, found.wants)

    def look_at_all(self) -> None:
        """See anew what is waited for on every connection."""
        for channel in list(self.active_channels.values()):
            self.watch(channel, channel.wants)

    def take_no_more(self) -> None:
        """Take no more visitors; those who are here stay."""
        self.accepting = False
        self.watch(self, 0)
        self.del_channel()
        self.socket.close()

    def close(self) -> None:
        """Let go of everything."""
        self.watch(self.trigger, 0)
        if self._fileno is not None:
            self.watch(self, 0)
        super().close()
        self._selector.close()
