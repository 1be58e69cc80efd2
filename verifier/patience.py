# SPDX-License-Identifier: Apache-2.0
"""Many at once and other hosts: who waits lets others compute, and who is silent is not asked for ever.

``service.fetch`` bounds what one verification may ask, and how many ask one host at a time. Five hundred of
them would still wait five seconds each for one dead host; so a host that stays silent for STRIKES of them is
not asked any more, as long as the same ``Silence`` lasts (threats V14). A strike is only what the host itself
has had full time for, and a ``Silence`` is of one batch: nobody silences a host for others.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from credentials.errors import HallmarkError
from service.errors import (
    CertificateError,
    ConnectionFailedError,
    HostBusyError,
    HostNotFoundError,
    NoTimeLeftError,
    TimedOutError,
)
from verifier.desk import Desk
from verifier.ports import Answer, Network

STRIKES: Final = 3  # times that a host may be silent

_SILENT: Final = (CertificateError, ConnectionFailedError, HostNotFoundError, TimedOutError)


class Silence:
    """Which hosts have been silent too often; shared by the threads that examine many."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._strikes: dict[str, list[HallmarkError]] = {}

    def error(self, host: str) -> HallmarkError | None:
        """Return why a host is not asked any more, or None."""
        with self._lock:
            strikes = self._strikes.get(host, [])
            return strikes[-1] if len(strikes) >= STRIKES else None

    def heard(self, host: str, error: HallmarkError | None) -> None:
        """Note that a host was silent, or that it has answered."""
        with self._lock:
            if error is None:
                self._strikes.pop(host, None)
            else:
                self._strikes.setdefault(host, []).append(error)


class Patient:
    """The network of one examination among many; it holds a place to compute except while it waits.

    Attributes:
        was_busy: Whether it was given up because we ask a host too often already: that passes.
        had_no_time: Whether a host was not asked to the end, because others had taken the time.
    """

    def __init__(self, network: Network, places: threading.BoundedSemaphore, silence: Silence) -> None:
        self._network = network
        self._places = places
        self._silence = silence
        self.was_busy = False
        self.had_no_time = False

    def __call__(self, url: str, *, max_bytes: int, accept: str) -> Answer:
        """Ask another host; call it while holding one of the places."""
        host = host_of_url(url)
        given_up = self._silence.error(host)
        if given_up is not None:
            raise type(given_up)(f"{given_up.message} It was not asked again.", got=given_up.got)
        self._places.release()
        try:
            answer = self._network(url, max_bytes=max_bytes, accept=accept)
        except NoTimeLeftError:  # others had used it up: no strike against this host
            self.had_no_time = True
            raise
        except _SILENT as error:
            self._silence.heard(host, error)
            raise
        except HostBusyError:
            self.was_busy = True
            raise
        finally:
            self._places.acquire()
        self._silence.heard(host, None)
        return answer


def patient(desk: Desk, places: threading.BoundedSemaphore, silence: Silence) -> tuple[Desk, Patient | None]:
    """Return ``desk`` for one examination among many, and its network; None where no other host is asked."""
    if desk.network is None:
        return desk, None
    network = Patient(desk.network(), places, silence)
    return replace(desk, network=lambda: network), network


def host_of_url(url: str | None) -> str:
    """Return the host of an address, "" if there is none."""
    try:
        return (urlsplit(url or "").hostname or "").lower()
    except ValueError:
        return ""
