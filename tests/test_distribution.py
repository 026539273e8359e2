"""The wheel, built once, installed into an empty environment outside the checkout, and every command run from it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CLEAN = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "COVERAGE", "COV_", "ACP_", "VIRTUAL_ENV"))}


def run(*command: object, folder: Path, **extra: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env={**CLEAN, "NO_COLOR": "1", **extra},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    built = run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT, folder=folder)
    assert built.returncode == 0, built.stdout + built.stderr
    (made,) = folder.glob("agentic_commerce-*.whl")
    return made


@pytest.fixture(scope="module")
def environment(wheel, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("elsewhere")
    assert run(sys.executable, "-m", "venv", "env", folder=folder).returncode == 0
    installed = run("env/bin/python", "-m", "pip", "install", "--quiet", wheel, folder=folder)
    assert installed.returncode == 0, installed.stderr
    return folder


@pytest.fixture(scope="module")
def full_environment(environment, wheel) -> Path:
    installed = run("env/bin/python", "-m", "pip", "install", "--quiet", f"{wheel}[all]", folder=environment)
    assert installed.returncode == 0, installed.stderr
    return environment


def test_a_plain_install_is_client_and_schemas(environment):
    used = run("env/bin/acp", "--help", folder=environment)
    assert used.returncode == 0
    assert "discover" in used.stdout
    code = "import acp, schemas; acp.Client; print(schemas.validator('checkout', 'Total').is_valid({}))"
    checked = run("env/bin/python", "-c", code, folder=environment)
    assert (checked.returncode, checked.stdout.strip()) == (0, "False"), checked.stderr


def test_a_command_whose_extra_is_missing_says_which(environment):
    assert run("env/bin/python", "-c", "import starlette", folder=environment).returncode != 0
    refused = run("env/bin/acp-merchant", "serve", folder=environment)
    assert refused.returncode == 2
    assert refused.stderr.strip() == 'acp-merchant needs the "mock" extra: pip install "agentic-commerce[mock]"'
    refused = run("env/bin/acp-conformance", "requirements", folder=environment)
    says = 'acp-conformance needs the "conformance" extra: pip install "agentic-commerce[conformance]"'
    assert (refused.returncode, refused.stderr.strip()) == (2, says)


def test_a_package_that_took_the_import_name_is_named_in_one_line(environment):
    other = environment / "other"
    (other / "acp").mkdir(parents=True, exist_ok=True)
    (other / "acp" / "__init__.py").write_text("")
    refused = run("env/bin/acp", "--help", folder=environment, PYTHONPATH=str(other))
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
    assert "acp" in refused.stderr


def test_every_command_runs_with_everything_installed(full_environment):
    for command in ("acp --help", "acp --version", "acp discover --help", "acp buy --help"):
        assert run(*f"env/bin/{command}".split(), folder=full_environment).returncode == 0, command
    for command in ("acp-merchant --help", "acp-merchant --version", "acp-merchant serve --help"):
        assert run(*f"env/bin/{command}".split(), folder=full_environment).returncode == 0, command
    listed = run("env/bin/acp-merchant", "catalogue", "--json", folder=full_environment)
    assert listed.returncode == 0
    assert len([json.loads(line) for line in listed.stdout.splitlines()]) >= 60
    for command in ("acp-conformance --help", "acp-conformance --version"):
        assert run(*f"env/bin/{command}".split(), folder=full_environment).returncode == 0, command
    for command, records in {"requirements": 1496, "readings": 264}.items():
        asked = run("env/bin/acp-conformance", command, "--json", folder=full_environment)
        assert asked.returncode == 0, asked.stderr
        assert len(json.loads(asked.stdout)) == records


def test_the_whole_purchase_works_from_the_wheel(full_environment):
    told = run("env/bin/python", "-m", "merchant_mock.demo", folder=full_environment)
    assert told.returncode == 0, told.stdout + told.stderr
    assert "order_create" in told.stdout


def test_the_plugin_of_pytest_is_registered_and_what_it_imports_is_there(environment):
    code = "from importlib.metadata import entry_points; print(*entry_points(group='pytest11', name='acp_merchant'))"
    told = run("env/bin/python", "-c", code, folder=environment)
    assert "value='merchant_mock.pytest_plugin'" in told.stdout, told.stderr
    found = "from importlib.util import find_spec; print(find_spec('merchant_mock.pytest_plugin') is not None)"
    assert run("env/bin/python", "-c", found, folder=environment).stdout.strip() == "True"


def test_the_package_carries_its_types_schemas_and_data(full_environment):
    (site,) = (full_environment / "env/lib").glob("python*/site-packages")
    for file in ("acp/py.typed", "schemas/py.typed", "schemas/differences.json", "acp/server/store/schema.sql"):
        assert (site / file).exists(), file
    for file in (ROOT / "schemas").glob("*-*-*/*.json"):
        assert (site / "schemas" / file.parent.name / file.name).exists(), file
    for file in (
        "py.typed",
        "requirements/session.yaml",
        "readings/checkout.yaml",
        "formats/run.json",
        "reports/page/page.html.j2",
    ):
        assert (site / "conformance" / file).exists(), file
    assert not (site / "tests").exists()
