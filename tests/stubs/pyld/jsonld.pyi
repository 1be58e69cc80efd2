from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

class JsonLdError(Exception):
    code: str | None

class ContextResolver:
    def __init__(
        self,
        shared_cache: MutableMapping[str, Any],
        document_loader: Callable[[str, Mapping[str, Any]], Mapping[str, Any]],
    ) -> None: ...

class JsonLdProcessor:
    def __init__(self, on_property_dropped: Callable[[str | None], object] = ...) -> None: ...
    def expand(self, input_: Any, options: Mapping[str, Any]) -> list[dict[str, Any]]: ...
    def _get_initial_context(self, options: Mapping[str, Any]) -> Mapping[str, Any]: ...
    def _process_context(
        self,
        active_ctx: Mapping[str, Any],
        local_ctx: object,
        options: Mapping[str, Any],
        override_protected: bool = ...,
        propagate: bool = ...,
    ) -> Mapping[str, Any]: ...

def expand(input_: Any, options: Mapping[str, Any] | None = ...) -> list[dict[str, Any]]: ...
def to_rdf(input_: Any, options: Mapping[str, Any] | None = ...) -> Any: ...
def normalize(input_: Any, options: Mapping[str, Any] | None = ...) -> str: ...
