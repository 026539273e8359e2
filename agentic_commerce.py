"""The console entry points. They live outside `acp`, because another distribution may have installed that name too."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.metadata import packages_distributions
from importlib.util import find_spec

DISTRIBUTION = "agentic-commerce"
USAGE = 2


def acp() -> None:
    """Run the `acp` command."""
    _require_own_package("acp")
    import_module("acp.cli").main()


def acp_merchant() -> None:
    """Run the `acp-merchant` command, which needs the libraries of the extra `mock`."""
    _require_own_package("acp-merchant")
    if any(find_spec(library) is None for library in ("starlette", "uvicorn")):
        _refuse(f'acp-merchant needs the "mock" extra: pip install "{DISTRIBUTION}[mock]"')
    import_module("merchant_mock.cli").main()


def acp_conformance() -> None:
    """Run the `acp-conformance` command, which needs the libraries of the extra `conformance`."""
    _require_own_package("acp-conformance")
    if any(find_spec(library) is None for library in ("jinja2", "yaml")):
        _refuse(f'acp-conformance needs the "conformance" extra: pip install "{DISTRIBUTION}[conformance]"')
    import_module("conformance.cli").main()


def _require_own_package(command: str) -> None:
    """End the program when `import acp` finds somebody else's package: two distributions cannot share the name."""
    try:
        found = getattr(import_module("acp"), "__distribution__", None)
    except ImportError:  # theirs may need a library that is not here
        found = None
    if found != DISTRIBUTION:
        _refuse(
            f"{command}: the Python package 'acp' belongs to {_other_owner()} here, not to {DISTRIBUTION}. "
            f"Install {DISTRIBUTION} into an environment of its own."
        )


def _other_owner() -> str:
    owners = {name for name in packages_distributions().get("acp", ()) if name != DISTRIBUTION}
    return " and ".join(sorted(owners)) or "something else"


def _refuse(line: str) -> None:
    print(line, file=sys.stderr)  # noqa: T201
    raise SystemExit(USAGE)
