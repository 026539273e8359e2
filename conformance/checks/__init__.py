"""The checks, one module per area, and one file of shapes. Importing this package makes them known to the registry."""

from importlib import import_module
from pkgutil import iter_modules

import conformance.checking.shapes  # noqa: F401  # the rows of `shapes/` are observations like any other

for _module in sorted(found.name for found in iter_modules(__path__)):
    import_module(f"{__name__}.{_module}")
