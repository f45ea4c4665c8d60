"""The container files against the code they run. They cannot be started on every machine that tests."""

import re
import tomllib
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement

from service.settings import keys, load_settings, variable

DOCKER = Path(__file__).parents[2] / "docker"


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text("utf-8"))
    return loaded


@pytest.fixture(scope="module")
def dockerfile() -> str:
    return (DOCKER / "Dockerfile").read_text("utf-8").replace("\\\n", " ")


def test_every_variable_is_a_setting_and_every_value_is_accepted(
    compose: dict[str, Any], tmp_path: Path
) -> None:
    environ = {}
    for name, value in compose["services"]["kring"]["environment"].items():
        assert name in {variable(key) for key in keys()}
        default = re.fullmatch(r"\$\{\w+:([-?])(.*)\}", str(value))
        needed = {"KRING_SIP_HOST": "192.0.2.20", "KRING_TRUNKS": "192.0.2.10"}
        if default is None:
            environ[name] = str(value)
        else:
            environ[name] = default[2] if default[1] == "-" else needed[name]
    password = tmp_path / "password"
    password.write_text("made-up\n")
    environ["KRING_DATABASE_PASSWORD_FILE"] = str(password)
    settings = load_settings({**environ, "KRING_HOME": str(tmp_path)})
    assert settings.database == "postgresql+psycopg://kring:made-up@127.0.0.1:5432/kring"


def test_the_image_sets_known_settings_and_runs_as_an_ordinary_user(dockerfile: str) -> None:
    set_there = set(re.findall(r"\b(KRING_\w+)=", dockerfile))
    assert set_there == {"KRING_HOME", "KRING_LOG_FORMAT"}
    assert set_there <= {variable(key) for key in keys()}
    last_stage = dockerfile.rpartition("\nFROM ")[2]
    assert re.search(r"^USER 10001$", last_stage, re.MULTILINE)
    assert '["kring", "serve", "--keep"]' in last_stage


def test_the_stop_leaves_time_for_calls_to_end(compose: dict[str, Any]) -> None:
    service = compose["services"]["kring"]
    grace = int(service["stop_grace_period"].removesuffix("s"))
    assert grace > int(service["environment"]["KRING_DRAIN"]) + 25  # the keeper's own patience


def test_nothing_but_the_trunk_side_is_reachable_from_outside(compose: dict[str, Any]) -> None:
    published = [port for service in compose["services"].values() for port in service.get("ports", [])]
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)
    service = compose["services"]["kring"]
    assert service["cap_drop"] == ["ALL"]
    assert service["read_only"] is True


def test_passwords_are_in_files_only(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        for name, value in service["environment"].items():
            assert "PASSWORD" not in name or str(value).startswith("/run/secrets/")
            assert not re.search(r"://[^/@]*:[^/@]+@", str(value))


def test_the_image_has_what_the_service_needs_and_no_development_tool(dockerfile: str) -> None:
    assert "--constraint requirements.lock --requirement runtime.txt" in dockerfile
    assert "['project']['dependencies']" in dockerfile
    project = tomllib.loads((DOCKER.parent / "pyproject.toml").read_text("utf-8"))["project"]
    inside = _closure(project["dependencies"])
    locked = {_name(line) for line in (DOCKER.parent / "requirements.lock").read_text("utf-8").split()}
    assert inside <= locked
    assert {"httpx", "uvicorn", "jinja2"} <= inside
    extras = project["optional-dependencies"]
    assert not inside & {_name(one) for extra in ("dev", "phone") for one in extras[extra]}


def test_the_image_builds_the_pages_and_leaves_node_behind(dockerfile: str) -> None:
    at = [
        dockerfile.index(step)
        for step in ("--editable .", "-m web.build", "rm -rf web/ui/node_modules", "uninstall --yes nodejs")
    ]
    assert at == sorted(at)
    ignored = (DOCKER / "Dockerfile.dockerignore").read_text("utf-8").split()
    assert {"web/static", "web/ui/node_modules", "docker/secrets", "var"} <= set(ignored)
    compiled = dockerfile.partition("compileall -q")[2].partition("\n\n")[0].split()
    layers = tomllib.loads((DOCKER.parent / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    assert set(layers["root_packages"]) <= set(compiled)


def test_the_healthcheck_is_a_program_of_ours(dockerfile: str) -> None:
    found = re.search(r'HEALTHCHECK.*CMD \["python3", "-m", "([\w.]+)"\]', dockerfile)
    assert found is not None
    assert find_spec(found[1]) is not None


def test_https_of_the_pages_can_be_set(compose: dict[str, Any]) -> None:
    service = compose["services"]["kring"]
    assert {f"KRING_WEB_{one}" for one in ("HOST", "PORT", "TLS", "CERTIFICATE", "KEY")} <= set(
        service["environment"]
    )
    readme = (DOCKER / "README.md").read_text("utf-8")
    for path in re.findall(r"KRING_WEB_(?:CERTIFICATE|KEY)=(/\S+?)`", readme):
        assert any(path.startswith(f"{volume.split(':')[1]}/") for volume in service["volumes"])


def _closure(wanted: list[str]) -> set[str]:
    """Return every package that these need, with their markers and extras."""
    found: set[str] = set()
    seen: set[str] = set()
    while wanted:
        text = wanted.pop()
        if text in seen:
            continue
        seen.add(text)
        asked = Requirement(text)
        found.add(_name(asked.name))
        for one in metadata.requires(asked.name) or []:
            marker = Requirement(one).marker
            if marker is None or any(marker.evaluate({"extra": extra}) for extra in {"", *asked.extras}):
                wanted.append(one)
    return found


def _name(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[\s<>=!\[;~]", requirement.strip())[0]).lower()
