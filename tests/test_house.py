# SPDX-License-Identifier: Apache-2.0
"""The house stands: floors, doors, library walls, private stores, no cycles, one clock, two broad excepts.

The source is read, not imported, so imports inside functions and under ``TYPE_CHECKING`` count too. Each
finding is a sentence ("verifier/intake.py imports keys.custody"). The rules are those of
``docs/adr/0002-two-wings-floors-doors-ports.md``.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import credentials
import hallmark

ROOT = Path(__file__).resolve().parent.parent

MAY_IMPORT: dict[str, set[str]] = {
    "credentials": set(),
    "service": {"credentials"},  # credentials.errors and nothing else, see below
    "keys": {"credentials", "service"},
    "verifier": {"credentials", "service"},
    "issuer": {"credentials", "service", "keys"},
    "earning": {"credentials", "service", "issuer"},  # not keys: earning asks issuer, it never signs
    "recognition": {"credentials", "service", "verifier"},
}  # the roof may import all; nobody imports the roof; tests import anything

# The modules of the roof, and who is above whom: the command opens the house, the house is made of its parts.
ROOF: dict[str, set[str]] = {
    "hallmark": {"app", "demo", "roof"},
    "app": {"roof"},
    "demo": set(),
    "roof": {"roof"},
}

PRIVATE = ("store", "web", "api", "cli")  # no room imports these of another room

# Which doors of a room may know which library. ``service`` is exempt from door names, not from walls.
DOOR_LIBRARIES: dict[str, tuple[str, ...]] = {
    "flask": ("web", "api"),
    "werkzeug": ("web", "api"),
    "pydantic": ("api",),
    "sqlalchemy": ("store",),
    "click": ("cli",),
    "rich": ("cli",),
}

# Each library has one owner, so that it can be replaced in one place.
WALLS: dict[str, tuple[str, ...]] = {
    "pyld": ("credentials.jsonld.tables", "credentials.jsonld.general"),
    "jwcrypto": ("credentials.proofs.jose",),
    "jsonschema_rs": ("credentials.schema",),
    "defusedxml": ("credentials.baking.svg",),
    "cryptography": ("credentials.verification_method", "credentials.proofs", "keys"),
    "alembic": ("service.db", "service.migrations"),
    "urllib3": (),
    "http.client": ("service.wire",),
    "ssl": ("service.wire", "service.fetch", "service.post_office"),
    "markdown_it": ("service.markdown",),
    "nh3": ("service.markdown",),
    "flask_limiter": ("service.ratelimit",),
    "waitress": ("service.connections",),
    "qrcode": ("service.qr",),
    "PIL": ("issuer.artwork", "issuer.cards", "service.qr", "earning.scrub", "verifier.unpack"),
    "pypdf": ("earning.scrub", "verifier.unpack"),
    "zxingcpp": ("verifier.unpack",),
    "typst": ("service.typeset",),
    "argon2": ("service.accounts.passwords",),
    "huey": ("service.jobs",),
    "obstore": ("service.files",),
    "smtplib": ("service.post_office",),
    "zoneinfo": ("service.zones",),
    "requests": (),
    "openbadgeslib": (),
    "openvc": (),
    "pyoxigraph": (),
}

# Modules that ask the machine for the time, or may catch anything at all.
CLOCK = "service.clock"
BROAD_EXCEPTS = {"service.problems", "hallmark"}

RULE_MODULES = (
    "credentials.canonicalize",
    "credentials.credential",
    "credentials.proofs.data_integrity",
    "credentials.proofs.vc_jwt",
    "credentials.status_list",
    "credentials.stencil",
    "credentials.proofs.batch",
    "credentials.baking.png",
    "keys.keyring",
    "verifier.verdict",
    "verifier.report",
    "verifier.resolve",
    "issuer.award",
    "issuer.compose",
    "issuer.lint",
    "issuer.status",
)

PUBLIC_MODULES = ("verifier.verify", "verifier.web.check", "verifier.api", "verifier.cli")


@cache
def sources() -> dict[str, Path]:
    """Every module of the product by its dotted name."""
    found = {name: path for name in ROOF if (path := ROOT / f"{name}.py").exists()}
    for room in (*MAY_IMPORT, "roof"):
        for path in sorted((ROOT / room).rglob("*.py")):
            parts = list(path.relative_to(ROOT).with_suffix("").parts)
            if parts[-1] == "__init__":
                parts.pop()
            found[".".join(parts)] = path
    return found


@cache
def tree(name: str) -> ast.Module:
    return ast.parse(sources()[name].read_text(encoding="utf-8"))


@cache
def imports(name: str) -> frozenset[str]:
    """Every dotted name that the module imports, wherever in its text."""
    found: set[str] = set()
    is_package = sources()[name].name == "__init__.py"
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = name.split(".") if is_package else name.split(".")[:-1]
                parts = parts[: len(parts) - node.level + 1]
                base = ".".join([*parts, base] if base else parts)
            found.add(base)
            found.update(f"{base}.{alias.name}" for alias in node.names)
    return frozenset(found)


def internal(name: str) -> Iterator[str]:
    """Modules of ours that ``name`` imports."""
    for target in imports(name):
        if target.split(".")[0] in (*MAY_IMPORT, *ROOF) and target in sources():
            yield target


def file(name: str) -> str:
    return str(sources()[name].relative_to(ROOT))


def is_in(name: str, owners: tuple[str, ...]) -> bool:
    return any(name == owner or name.startswith(owner + ".") for owner in owners)


def findings_none(findings: list[str]) -> None:
    assert not findings, "\n" + "\n".join(sorted(findings))


def test_rooms_stand_on_their_floors() -> None:
    findings = []
    for name in sources():
        room = name.split(".")[0]
        if room in ROOF:
            continue
        for target in internal(name):
            other = target.split(".")[0]
            if other != room and other not in MAY_IMPORT[room]:
                findings.append(f"{file(name)} imports {target}")
    findings_none(findings)


def test_service_knows_only_the_errors_of_credentials() -> None:
    findings_none(
        [
            f"{file(name)} imports {target}"
            for name in sources()
            if name.startswith("service")
            for target in internal(name)
            if target.startswith("credentials.") and not target.startswith("credentials.errors")
        ]
    )


def test_no_room_opens_the_private_doors_of_another() -> None:
    findings = []
    for name in sources():
        room = name.split(".")[0]
        if room in ROOF:
            continue
        for target in internal(name):
            parts = target.split(".")
            if parts[0] != room and len(parts) > 1 and parts[1] in PRIVATE:
                findings.append(f"{file(name)} imports {target}")
    findings_none(findings)


def test_only_doors_know_the_web_the_database_and_the_terminal() -> None:
    findings = []
    for name in sources():
        parts = name.split(".")
        if parts[0] in ("service", *ROOF):
            continue
        for target in imports(name):
            doors = DOOR_LIBRARIES.get(target.split(".")[0])
            if doors is not None and (len(parts) < 2 or parts[1] not in doors):
                findings.append(f"{file(name)} imports {target}")
    findings_none(findings)


def test_each_library_has_one_owner() -> None:
    findings = []
    for name in sources():
        for target in imports(name):
            owners = next((own for lib, own in WALLS.items() if f"{target}.".startswith(f"{lib}.")), None)
            if owners is not None and not is_in(name, owners):
                findings.append(f"{file(name)} imports {target}")
    findings_none(findings)


def test_private_keys_are_touched_in_keys_only() -> None:
    """Cryptography's private key classes and generators are named in ``keys/`` and nowhere else."""
    findings = []
    for name in sources():
        if name.startswith("keys"):
            continue
        for node in ast.walk(tree(name)):
            word = (
                node.attr
                if isinstance(node, ast.Attribute)
                else node.id
                if isinstance(node, ast.Name)
                else ""
            )
            if word.endswith("PrivateKey") or "private_key" in word or "private_bytes" in word:
                findings.append(f"{file(name)}:{getattr(node, 'lineno', 0)} names {word}")
    findings_none(findings)


def test_no_module_imports_in_a_circle() -> None:
    state: dict[str, int] = {}
    circles: list[str] = []

    def visit(name: str, path: tuple[str, ...]) -> None:
        state[name] = 1
        for target in internal(name):
            if target == name:
                continue
            if state.get(target) == 1:
                circles.append(" -> ".join([*path[path.index(target) :], target]))
            elif target not in state:
                visit(target, (*path, target))
        state[name] = 2

    for name in sources():
        if name not in state:
            visit(name, (name,))
    findings_none(circles)


def test_signboards_import_nothing() -> None:
    findings_none(
        [
            f"{file(name)} is a signboard and imports {', '.join(sorted(imports(name)))}"
            for name, path in sources().items()
            if path.name == "__init__.py" and "." not in name and imports(name) - {"__future__"}
        ]
    )


def test_no_room_imports_the_roof_and_its_parts_stand_in_order() -> None:
    findings = []
    for name in sources():
        below = ROOF.get(name.split(".")[0], set())
        for target in internal(name):
            if target.split(".")[0] in set(ROOF) - below:
                findings.append(f"{file(name)} imports {target}")
    findings_none(findings)


def test_the_help_of_the_command_knows_every_command_and_reads_no_room() -> None:
    offered = {
        str(command.name): command
        for rooms in {room for room, _ in hallmark.COMMANDS.values()}
        for command in rooms()
    }
    assert {name: says for name, (_, says) in hallmark.COMMANDS.items()} == {
        name: offered[name].get_short_help_str(limit=1_000) for name in sorted(offered)
    }
    assert list(hallmark.COMMANDS) == sorted(offered)
    assert not _loaded_by("hallmark") & {"sqlalchemy", "flask", "huey", *MAY_IMPORT} - {
        "service",
        "credentials",
    }


def test_the_command_that_checks_loads_no_database_and_no_web() -> None:
    assert not _loaded_by("hallmark", "verifier.cli") & {"sqlalchemy", "alembic", "flask", "huey", "psycopg"}


def test_nothing_is_imported_by_name_at_run_time() -> None:
    findings = []
    for name in sources():
        for node in ast.walk(tree(name)):
            word = (
                node.attr
                if isinstance(node, ast.Attribute)
                else node.id
                if isinstance(node, ast.Name)
                else ""
            )
            if word in ("__import__", "import_module"):
                findings.append(f"{file(name)}:{getattr(node, 'lineno', 0)} calls {word}")
    findings_none(findings)


def test_only_the_outer_doors_catch_everything() -> None:
    findings = []
    for name in sources():
        for node in ast.walk(tree(name)):
            if isinstance(node, ast.ExceptHandler):
                kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
                broad = any(
                    k is None or (isinstance(k, ast.Name) and k.id in ("Exception", "BaseException"))
                    for k in kinds
                )
                if broad and name not in BROAD_EXCEPTS:
                    findings.append(f"{file(name)}:{node.lineno} catches everything")
    findings_none(findings)


def test_one_module_asks_the_machine_for_the_time() -> None:
    findings = []
    for name in sources():
        if name == CLOCK:
            continue
        for node in ast.walk(tree(name)):
            if not isinstance(node, ast.Attribute):
                continue
            owner = node.value.id if isinstance(node.value, ast.Name) else ""
            if (owner in ("datetime", "date") and node.attr in ("now", "utcnow", "today")) or (
                owner == "time" and node.attr in ("time", "time_ns")
            ):
                findings.append(f"{file(name)}:{node.lineno} asks {owner}.{node.attr}()")
    findings_none(findings)


def test_every_file_says_its_licence_and_what_it_is_for() -> None:
    findings = []
    for name, path in sources().items():
        if not path.read_text(encoding="utf-8").startswith("# SPDX-License-Identifier: Apache-2.0\n"):
            findings.append(f"{file(name)} has no licence line")
        if not ast.get_docstring(tree(name)):
            findings.append(f"{file(name)} has no docstring")
    findings_none(findings)


@pytest.mark.parametrize("module", RULE_MODULES)
def test_rules_load_no_web_no_database_and_no_network(module: str) -> None:
    forbidden = {"flask", "sqlalchemy", "huey", "urllib3"}
    assert not (_loaded_by(*RULE_MODULES) & forbidden and _loaded_by(module) & forbidden)


@pytest.mark.parametrize("module", PUBLIC_MODULES)
def test_the_public_wing_never_loads_the_private_one(module: str) -> None:
    forbidden = {"keys", "issuer", "earning"}
    assert not (_loaded_by(*PUBLIC_MODULES) & forbidden and _loaded_by(module) & forbidden)


def test_the_rooms_under_test_are_those_of_this_checkout() -> None:
    assert Path(credentials.__file__).resolve().is_relative_to(ROOT)


@cache
def _loaded_by(*modules: str) -> frozenset[str]:
    """The packages that one or all of ``modules`` load; what all together do not load, none of them does."""
    code = (
        f"import sys, {', '.join(modules)}; print(' '.join({{name.split('.')[0] for name in sys.modules}}))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return frozenset(done.stdout.split())
