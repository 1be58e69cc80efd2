# SPDX-License-Identifier: Apache-2.0
"""The canonical form of a dataset: RDFC-1.0, bounded.

RDF Dataset Canonicalization (https://www.w3.org/TR/rdf-canon/), section "Canonicalization Algorithm". The
steps below carry its numbers. What differs from the text is only the order of work: lines without blank nodes
are final at once, and where the first-degree hashes of all blank nodes differ (as in everything that we
issue) nothing else is computed.

There are datasets for which the algorithm takes for ever ("Dataset Poisoning"). ``WORK_BUDGET`` ends them
with ``WorkLimitError``, never with a guess.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from credentials.errors import WorkLimitError
from credentials.rdf.nquads import DEFAULT_GRAPH, Quad, write

BLANK_NODES = 1_000  # nodes; the largest credential seen has 35
CANONICAL_BYTES = (
    8_388_608  # bytes of N-Quads; an id is repeated in every quad, so a small document can make many
)
WORK_BUDGET = (
    5_000  # related-node hashes, and as many steps of permutations; tests 044 to 046 need 2,808 and 3,360
)
N_DEGREE_DEPTH = 200  # calls within each other; a chain of equal nodes would exhaust Python's stack

HASHES = {"sha256": hashlib.sha256, "sha384": hashlib.sha384}


@dataclass(frozen=True, slots=True)
class Canonical:
    """A dataset in canonical form.

    Attributes:
        text: The canonical N-Quads, UTF-8, lines in code-point order.
        labels: The identifier (``c14n0``…) issued for each blank node.
    """

    text: bytes
    labels: Mapping[int, str]


def canonical(
    quads: Collection[Quad],
    *,
    lines: Sequence[bytes] = (),
    hash_name: str = "sha256",
    work_budget: int = WORK_BUDGET,
) -> Canonical:
    """Return the canonical form of ``quads`` and ``lines``, each of which stands there once.

    Args:
        quads: The dataset, or what of it is not in ``lines``.
        lines: Canonical N-Quads, UTF-8, of quads without blank nodes, a line each; quickest if in order.
        hash_name: Of the hash function.
        work_budget: See ``WORK_BUDGET``.

    Raises:
        WorkLimitError: More than ``BLANK_NODES``, ``CANONICAL_BYTES`` or ``work_budget``.
    """
    lines = list(lines)
    open_quads: list[Quad] = []
    quads_of: dict[int, list[Quad]] = {}
    # Step 2.
    for quad in quads:
        subject, predicate, object_, graph = quad
        if graph == DEFAULT_GRAPH and subject.__class__ is str and object_.__class__ is str:
            lines.append(f"{subject} {predicate} {object_} .\n".encode())  # what most quads are
            continue
        open_quads.append(quad)
        if isinstance(subject, int):
            quads_of.setdefault(subject, []).append(quad)
        if isinstance(object_, int) and object_ != subject:
            quads_of.setdefault(object_, []).append(quad)
        if isinstance(graph, int) and graph not in (subject, object_):
            quads_of.setdefault(graph, []).append(quad)
    issued = _Labelling(quads_of, hash_name, work_budget).run() if quads_of else {}
    labels = {node: f"_:{label}" for node, label in issued.items()}
    lines.extend([write(quad, labels).encode() for quad in open_quads])
    # Step 7; UTF-8 is in the order of its code points.
    lines.sort()
    text = b"".join(lines)
    _check_size(len(text))
    return Canonical(text, issued)


def _check_size(size: int) -> None:
    if size > CANONICAL_BYTES:
        raise WorkLimitError(
            f"The canonical form is larger than {CANONICAL_BYTES:,} bytes (limit CANONICAL_BYTES).", got=size
        )


class _Seen(dict[int, str]):
    """Labels for a first-degree hash: this node is ``a``, every other ``z``."""

    def __init__(self, node: int) -> None:
        super().__init__({node: "_:a"})

    def __missing__(self, _node: int) -> str:
        return "_:z"


@dataclass(slots=True)
class _Labelling:
    """Issue an identifier for every blank node: steps 3 to 6."""

    quads_of: Mapping[int, list[Quad]]
    hash_name: str
    work_budget: int
    hashes: int = 0
    steps: int = 0
    issued: dict[int, str] = field(default_factory=dict)
    first_degree: dict[int, str] = field(default_factory=dict)

    def run(self) -> dict[int, str]:
        if len(self.quads_of) > BLANK_NODES:
            raise WorkLimitError(
                f"There are more than {BLANK_NODES:,} objects without an id (limit BLANK_NODES).",
                got=len(self.quads_of),
            )
        # Step 3.
        nodes_with: dict[str, list[int]] = {}
        for node in self.quads_of:
            digest = self.first_degree[node] = self._hash_first_degree(node)
            nodes_with.setdefault(digest, []).append(node)
        # Step 4.
        shared: list[list[int]] = []
        for digest in sorted(nodes_with):
            nodes = nodes_with[digest]
            if len(nodes) == 1:
                self._issue(nodes[0])
            else:
                shared.append(nodes)
        # Step 5.
        for nodes in shared:
            results = []
            for node in nodes:
                if node not in self.issued:
                    results.append(self._hash_n_degree(node, {node: "b0"}, depth=0))
            results.sort(key=lambda result: result[0])
            for _, issuer in results:
                for node in issuer:
                    self._issue(node)
        return self.issued

    def _issue(self, node: int) -> None:
        if node not in self.issued:
            self.issued[node] = f"c14n{len(self.issued)}"

    def _hash(self, text: str) -> str:
        return HASHES[self.hash_name](text.encode()).hexdigest()

    def _spend(self, *, hashes: int = 0, steps: int = 0) -> None:
        self.hashes += hashes
        self.steps += steps
        if max(self.hashes, self.steps) > self.work_budget:
            raise WorkLimitError(
                "Objects without an id are too much alike to be put in order within the limit WORK_BUDGET."
            )

    def _hash_first_degree(self, node: int) -> str:
        """Section "Hash First Degree Quads"."""
        lines = []
        for quad in self.quads_of[node]:
            # Most have one blank node, which is this one, and belong to the default graph.
            subject, predicate, object_, graph = quad
            if graph == DEFAULT_GRAPH and subject == node and object_.__class__ is str:
                lines.append(f"_:a {predicate} {object_} .\n")
            elif graph == DEFAULT_GRAPH and object_ == node and subject.__class__ is str:
                lines.append(f"{subject} {predicate} _:a .\n")
            else:
                lines.append(write(quad, _Seen(node)))
        lines.sort()
        return self._hash("".join(lines))

    def _hash_related(self, related: int, predicate: str, issuer: Mapping[int, str], position: str) -> str:
        """Section "Hash Related Blank Node"."""
        self._spend(hashes=1)
        label = self.issued.get(related) or issuer.get(related)
        name = f"_:{label}" if label else self.first_degree[related]
        return self._hash(f"{position}{name}" if position == "g" else f"{position}{predicate}{name}")

    def _hash_n_degree(self, node: int, issuer: dict[int, str], *, depth: int) -> tuple[str, dict[int, str]]:
        """Section "Hash N-Degree Quads". Return the hash and the issuer to go on with."""
        if depth > N_DEGREE_DEPTH:
            raise WorkLimitError(
                "Objects without an id stand in a chain longer than the limit N_DEGREE_DEPTH."
            )
        # Steps 1 to 3.
        related_by: dict[str, list[int]] = {}
        for subject, predicate, object_, graph in self.quads_of[node]:
            for part, position in ((subject, "s"), (object_, "o"), (graph, "g")):
                if isinstance(part, int) and part != node:
                    digest = self._hash_related(part, predicate, issuer, position)
                    related_by.setdefault(digest, []).append(part)
        # Steps 4 and 5.
        data: list[str] = []
        for digest in sorted(related_by):
            data.append(digest)
            chosen_path, issuer = self._choose_path(related_by[digest], issuer, depth)
            data.append(chosen_path)
        # Step 6.
        return self._hash("".join(data)), issuer

    def _choose_path(
        self, related: Sequence[int], issuer: dict[int, str], depth: int
    ) -> tuple[str, dict[int, str]]:
        """Steps 5.2 to 5.4: the least path over all orders of ``related``, and its issuer."""
        chosen_path = ""
        chosen_issuer = issuer
        for order in _orders(related):
            self._spend(steps=len(order))
            found = self._path(order, dict(issuer), chosen_path, depth)
            if found is not None and (not chosen_path or found[0] < chosen_path):
                chosen_path, chosen_issuer = found
        return chosen_path, chosen_issuer

    def _path(
        self, order: Sequence[int], issuer: dict[int, str], chosen_path: str, depth: int
    ) -> tuple[str, dict[int, str]] | None:
        """Steps 5.4.1 to 5.4.5: the path for one order, or None as soon as it cannot be the least."""
        path = ""
        recursion: list[int] = []
        for related in order:
            label = self.issued.get(related)
            if label is None:
                label = issuer.get(related)
                if label is None:
                    recursion.append(related)
                    label = issuer[related] = f"b{len(issuer)}"
            path += f"_:{label}"
            if chosen_path and len(path) >= len(chosen_path) and path > chosen_path:
                return None
        for related in recursion:
            digest, next_issuer = self._hash_n_degree(related, issuer, depth=depth + 1)
            path += f"_:{issuer[related]}<{digest}>"
            issuer = next_issuer
            if chosen_path and len(path) >= len(chosen_path) and path > chosen_path:
                return None
        return path, issuer


def _orders(nodes: Iterable[int]) -> Iterator[Sequence[int]]:
    """Yield all orders of ``nodes`` that differ; a graph's name stands in each quad of its nodes."""
    order = sorted(nodes)
    while True:
        yield order
        # The next order by size: make the last number larger that can be, and put those behind it in order.
        left = len(order) - 2
        while left >= 0 and order[left] >= order[left + 1]:
            left -= 1
        if left < 0:
            return
        right = len(order) - 1
        while order[right] <= order[left]:
            right -= 1
        order[left], order[right] = order[right], order[left]
        order[left + 1 :] = reversed(order[left + 1 :])
