# SPDX-License-Identifier: Apache-2.0
"""The desk: where something is brought and examined, with everything that an examination needs bound to it.

Web, terminal and the private wing's port ``examine`` all come through here. A desk holds no secret; each
examination gets its own ``Documents``, and with it its own budget of the network.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from credentials.errors import HallmarkError, UnknownError
from service.errors import AddressRefusedError, SettingsError, URLRefusedError
from service.fetch import Fetcher
from service.settings import Settings
from verifier.asked import NOTHING, Asked
from verifier.documents import Documents, OfflineMap
from verifier.errors import EmptyError, NoSuchIssuerListError, OfflineMapError
from verifier.intake import Presented, read, read_url
from verifier.ports import Network, Newer, Published, Registry, StatusMemory
from verifier.questions import Questions
from verifier.registry import NoList, settled
from verifier.report import Report
from verifier.status_source import NoMemory
from verifier.verify import Examined, examine, examine_for_use, unexamined


class Claimed(Protocol):
    """What was found in something brought: exactly one of the three is set; see ``verifier.unpack``."""

    @property
    def presented(self) -> Presented | None:
        """The credential itself."""

    @property
    def url(self) -> str | None:
        """Where it stands."""

    @property
    def trouble(self) -> HallmarkError | None:
        """Why there is neither."""


def _no_lists(_slug: str) -> Registry | None:
    return None


@dataclass(frozen=True, slots=True)
class Desk:
    """Examines what is brought.

    Attributes:
        network: Begins the network of one examination.
        published: Our own documents.
        own: How names of ours begin; see ``Documents``.
        offline: If given, the whole world.
        registry: Whom the reader recognises.
        memory: Which status lists were seen before.
        lists: Finds the list of recognised issuers with a short name.
        questions: Counts how many recipients are tried.
        newer: Tells of a credential of ours whether a newer issue took its place.
    """

    network: Callable[[], Network] | None = None
    published: Published | None = None
    own: tuple[str, ...] = ()
    offline: OfflineMap | None = None
    registry: Registry = field(default_factory=NoList)
    memory: StatusMemory = field(default_factory=NoMemory)
    lists: Callable[[str], Registry | None] = _no_lists
    questions: Questions = field(default_factory=Questions)
    newer: Newer | None = None

    def against(self, slug: str) -> Desk:
        """Return this desk for a reader who relies on the list with this short name.

        Raises:
            NoSuchIssuerListError: There is none.
        """
        found = self.lists(slug)
        if found is None:
            raise NoSuchIssuerListError(
                f"There is no list of recognised issuers called “{slug[:40]}” here. "
                "Choose another one, or check without a list.",
                got=slug[:40],
            )
        return replace(self, registry=found)

    def documents(self, *, now: datetime) -> Documents:
        """Begin reading documents by name, as one examination does."""
        return self._documents(now)

    def examine(
        self, credential: bytes, *, now: datetime, documents: Mapping[str, bytes] | None = None
    ) -> Report:
        """Examine the bytes of a credential; ``documents`` are laid over published names.

        What is seen through an overlay is not remembered: it is not what the world sees.

        Raises:
            MalformedError: It is no credential.
        """
        sources = self._documents(now, overlay=documents or {})
        memory = self.memory if documents is None else NoMemory()
        return examine(
            read(credential), now=now, fetch=sources, registry=settled(self.registry), memory=memory
        )

    def look(self, presented: Presented, *, now: datetime, asked: Asked = NOTHING) -> Report:
        """Examine what intake has read."""
        return self._look(presented, self._documents(now), asked=asked).report

    def look_at_url(self, url: str, *, now: datetime, asked: Asked = NOTHING) -> Report:
        """Examine the credential at an address; a host that does not answer leaves it undetermined.

        Raises:
            MalformedError: The address is none, nothing is there, or what is there is no credential.
            URLRefusedError, AddressRefusedError: An address that we never open.
        """
        return self._look_at_url(url, now=now, asked=asked).report

    def look_at(self, claim: Claimed, *, now: datetime, asked: Asked = NOTHING) -> Report:
        """Examine what was found in something brought.

        Raises:
            HallmarkError: The claim's own trouble, or as ``look_at_url``.
        """
        return self.verified(claim, now=now, asked=asked).report

    def verified(self, claim: Claimed, *, now: datetime, asked: Asked = NOTHING) -> Examined:
        """Examine as ``look_at``, for a caller that goes on with the credential if it is valid.

        Raises:
            HallmarkError: As ``look_at``.
        """
        if claim.presented is not None:
            return self._look(claim.presented, self._documents(now), asked=asked)
        if claim.url is not None:
            return self._look_at_url(claim.url, now=now, asked=asked)
        raise claim.trouble or EmptyError("There is nothing in it.")

    def _look_at_url(self, url: str, *, now: datetime, asked: Asked) -> Examined:
        sources = self._documents(now)
        try:
            presented = read_url(url, fetch=sources)
        except (URLRefusedError, AddressRefusedError):
            raise
        except UnknownError as error:
            return Examined(unexamined(error, now=now), None)
        return self._look(presented, sources, asked=asked)

    def _look(self, presented: Presented, sources: Documents, *, asked: Asked) -> Examined:
        registry = self.against(asked.issuers).registry if asked.issuers is not None else self.registry
        if asked.recipient is not None and not self.questions.may_compare(
            presented.document.members, asked.recipient, asker=asked.asker, now=sources.now
        ):
            asked = replace(asked, may_compare=False)
        return examine_for_use(
            presented,
            now=sources.now,
            fetch=sources,
            registry=settled(registry),
            memory=self.memory,
            asked=asked,
            newer=self.newer,
        )

    def _documents(self, now: datetime, *, overlay: Mapping[str, bytes] | None = None) -> Documents:
        return Documents(
            now=now,
            overlay=overlay or {},
            offline=self.offline,
            published=self.published,
            own=self.own,
            network=self.network() if self.network is not None else None,
        )


def open_desk(
    settings: Settings,
    *,
    published: Published | None = None,
    registry: Registry | None = None,
    memory: StatusMemory | None = None,
    offline_documents: Path | None = None,
    lists: Callable[[str], Registry | None] = _no_lists,
    newer: Newer | None = None,
) -> Desk:
    """Open the desk of a house; without ``published`` it is one without issuers of its own.

    Raises:
        OfflineMapError: The folder of offline documents has no readable map.
        SettingsError: The same, of the folder that the settings name.
    """
    offline = OfflineMap.load(offline_documents) if offline_documents is not None else _offline(settings)
    own = (f"{settings.public_url}/", f"did:web:{settings.did_host}:", f"https://{settings.did_host}/")
    return Desk(
        network=Fetcher().session,
        published=published,
        own=own if published is not None else (),
        offline=offline,
        registry=registry or NoList(),
        memory=memory or NoMemory(),
        lists=lists,
        newer=newer,
    )


def _offline(settings: Settings) -> OfflineMap | None:
    if settings.offline_documents is None:
        return None
    try:
        return OfflineMap.load(settings.offline_documents)
    except OfflineMapError as error:
        raise SettingsError(error.message, path="offline_documents") from error
