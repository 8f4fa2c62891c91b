"""The deployment files, held against the commands, settings and limits of the program and given to the tools that are there."""

from __future__ import annotations

import os
import re
import runpy
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from gunicorn.config import KNOWN_SETTINGS, Config

from assess.application import CANNOT_START, wsgi
from assess.serving.bodies import LARGE, MAX_BODY
from assess.serving.gunicorn_worker import BufferingWorker
from assess.usecases.readings import MAX_UPLOAD
from tests.house.test_operations import refused, settings, variables_of

ROOT = Path(__file__).parent.parent.parent
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
MIB = 1024 * 1024
HARD = {
    "NoNewPrivileges": "yes",
    "CapabilityBoundingSet": "",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "ProtectKernelTunables": "yes",
    "ProtectControlGroups": "yes",
    "RestrictNamespaces": "yes",
    "RestrictSUIDSGID": "yes",
    "LockPersonality": "yes",
    "MemoryDenyWriteExecute": "yes",
    "SystemCallFilter": "@system-service",
    "SystemCallArchitectures": "native",
    "UMask": "0077",
    "User": "kam-assess",
}


def entries(path: Path) -> dict[str, list[str]]:
    """Name -> values of a unit file, all sections together, in the order of the file."""
    found: dict[str, list[str]] = {}
    for line in path.read_text().splitlines():
        if line and line[0] not in "#[":
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


def text_of(folder: Path) -> str:
    return "\n".join(path.read_text() for path in sorted(folder.rglob("*")) if path.is_file())


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_gains_nothing_and_writes_only_its_data(unit: Path) -> None:
    found = entries(unit)
    assert {name: found.get(name, ["(missing)"])[-1] for name in HARD} == HARD
    assert found["StateDirectory"] == ["kam-assess"]
    assert "MemoryMax" in found
    assert set(found.get("ReadWritePaths", [])) <= {"/var/backups/kam-assess"}


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_starts_a_command_that_exists(unit: Path) -> None:
    program, *words = entries(unit)["ExecStart"][0].split()
    folder, _, name = program.rpartition("/")
    assert folder == "/opt/kam-assess/current/bin"
    if name == "gunicorn":
        extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
        assert any(wanted.startswith("gunicorn") for wanted in extras["scaled"])
        assert words == ["-c", "/etc/kam-assess/gunicorn.conf.py"]
    else:
        assert name == "kam-assess"
        assert refused(words) == ""


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_gets_secrets_as_files_of_which_none_has_to_exist(unit: Path) -> None:
    found = entries(unit)
    loaded = [value.split(":")[0] for value in found["LoadCredential"]]
    assert [value.split(":")[0] for value in found["SetCredential"]] == loaded
    given = re.findall(r"(KAM_\w+)_FILE=%d/(\S+)", " ".join(found["Environment"]))
    assert [file for _, file in given] == loaded
    assert {name for name, _ in given} == {"KAM_DATABASE_URL", "KAM_SECRET_KEY"}


def test_an_administrator_s_commands_see_what_the_services_see(tmp_path: Path) -> None:
    """The settings come line by line, whatever is in them; secrets by file, where there are any."""
    (tmp_path / "environment").write_text("# a comment\nKAM_LANGUAGE=zh-Hant\nKAM_OIDC_NAME=Ada's $HOME `id`\nKAM_PORT=9000")
    (tmp_path / "secret-key").write_text("x" * 40)
    script = (DEPLOY / "systemd" / "kam-assess").read_text().replace("/etc/kam-assess", str(tmp_path))
    assert "/opt/kam-assess/current/bin/kam-assess" in script
    script = re.sub(r"^exec setpriv .*$", "exec env", script, flags=re.MULTILINE)
    done = subprocess.run(
        ["/bin/sh", "-c", script], capture_output=True, text=True, env={"PATH": os.environ["PATH"]}, check=True
    )
    found = dict(line.split("=", 1) for line in done.stdout.splitlines() if line.startswith("KAM_"))
    assert found == {
        "KAM_LANGUAGE": "zh-Hant",
        "KAM_OIDC_NAME": "Ada's $HOME `id`",
        "KAM_PORT": "9000",
        "KAM_DATA_DIR": "/var/lib/kam-assess",
        "KAM_SECRET_KEY_FILE": f"{tmp_path}/secret-key",
    }


def test_all_deployment_files_name_settings_that_exist() -> None:
    assert variables_of(text_of(DEPLOY)) - settings() == set()


def test_the_timer_starts_the_backup_of_its_name_and_makes_up_for_a_night_that_was_missed() -> None:
    found = entries(DEPLOY / "systemd" / "kam-assess-backup.timer")
    assert (DEPLOY / "systemd" / "kam-assess-backup.service").exists()
    assert found["Persistent"] == ["yes"]
    assert found["WantedBy"] == ["timers.target"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not on this machine")
def test_systemd_understands_the_units_and_rates_them_well(tmp_path: Path) -> None:
    for path in (DEPLOY / "systemd").glob("*.[st]*i*"):
        shutil.copy(path, tmp_path / path.name.replace("@.", "@1."))
    files = [str(path) for path in sorted(tmp_path.iterdir()) if path.suffix in {".service", ".timer"}]
    environment = os.environ | {"SYSTEMD_LOG_COLOR": "0"}
    said = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *files],
        env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    not_installed = re.compile(r"Command /opt/\S+ is not executable: No such")
    assert [line for line in said.stderr.splitlines() if not not_installed.search(line)] == []
    (unit,) = (file for file in files if file.endswith("/kam-assess-web.service"))
    rated = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", "--no-pager", unit],
        env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert rated.returncode == 0, rated.stdout[-300:]


def gunicorn_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, **environment: str) -> Config:
    for name in [name for name in os.environ if name.startswith("KAM_")] + ["WEB_CONCURRENCY", "PROMETHEUS_MULTIPROC_DIR"]:
        monkeypatch.delenv(name, raising=False)
    for name, value in ({"KAM_DATA_DIR": str(tmp_path)} | environment).items():
        monkeypatch.setenv(name, value)
    given = runpy.run_path(str(DEPLOY / "gunicorn.conf.py"))
    known = {setting.name for setting in KNOWN_SETTINGS}
    found = Config()
    for name, value in given.items():
        if not name.startswith("_") and name not in {"os", "shutil", "sys", "tempfile", "read_settings", "Invalid"}:
            assert name in known, name
            found.set(name, value)
    return found


def test_gunicorn_takes_its_settings_as_they_were_measured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found = gunicorn_settings(monkeypatch, tmp_path)
    wanted = {
        "worker_class": f"{BufferingWorker.__module__}.{BufferingWorker.__name__}", "workers": 2, "threads": 8, "timeout": 30,
        "graceful_timeout": 20,
        "max_requests": 10_000, "max_requests_jitter": 1_000, "control_socket_disable": True, "worker_tmp_dir": "/dev/shm",
        "bind": ["127.0.0.1:8017"], "wsgi_app": "assess.application:wsgi()", "accesslog": None,
    }  # fmt: skip
    assert {name: found.settings[name].get() for name in wanted} == wanted


def test_gunicorn_listens_where_the_settings_say(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found = gunicorn_settings(monkeypatch, tmp_path, KAM_HOST="::1", KAM_PORT="9000", WEB_CONCURRENCY="4")
    assert (found.bind, found.workers) == (["[::1]:9000"], 4)


def test_gunicorn_s_processes_count_together_where_metrics_are_wanted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    gunicorn_settings(monkeypatch, tmp_path)
    assert "PROMETHEUS_MULTIPROC_DIR" not in os.environ
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "")
    found = gunicorn_settings(monkeypatch, tmp_path, KAM_METRICS_TOKEN="t" * 40)
    shared = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
    assert list(shared.iterdir()) == []
    found.on_exit(None)
    assert not shared.exists()


def test_gunicorn_refuses_wrong_settings_with_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="kam-assess cannot start: KAM_PORT: must be a whole number"):
        gunicorn_settings(monkeypatch, tmp_path, KAM_PORT="many")


def test_the_entry_point_ends_with_the_code_that_stops_gunicorn(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KAM_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("KAM_SECRET_KEY", "short")
    with pytest.raises(SystemExit) as ended:
        wsgi()
    assert ended.value.code == CANNOT_START
    assert "KAM_SECRET_KEY: must have at least 32 characters" in capsys.readouterr().err


def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((DEPLOY / "container" / "compose.yaml").read_text())
    return loaded


def test_compose_runs_two_of_each_with_commands_that_exist() -> None:
    services = compose()["services"]
    assert {"web1", "web2", "worker1", "worker2", "database", "proxy", "upgrade", "backup"} == set(services)
    for name, service in services.items():
        if service["image"] == "kam-assess":
            program, *words = service["command"]
            assert program in {"kam-assess", "gunicorn"}, name
            assert program == "gunicorn" or refused(words) == "", name
    assert services["web1"]["command"] == ["gunicorn", "-c", "/etc/kam-assess/gunicorn.conf.py"]
    named = re.findall(r"server (\w+):8017", (DEPLOY / "container" / "upstream.conf").read_text())
    assert named == ["web1", "web2"]


def test_compose_gives_secrets_as_files_and_opens_only_the_proxy() -> None:
    found = compose()
    declared = set(found["secrets"])
    for name, service in found["services"].items():
        environment: dict[str, str] = service.get("environment", {})
        files = {value.rsplit("/", 1)[-1] for key, value in environment.items() if key.endswith("_FILE")}
        assert files == set(service.get("secrets", [])), name
        assert files <= declared
        assert not any("PASSWORD" in key and not key.endswith("_FILE") for key in environment), name
        assert bool(service.get("ports")) == (name == "proxy")
        assert not service.get("privileged")
        assert "mem_limit" in service or service["restart"] == "no"
    assert found["networks"]["inside"]["internal"] is True


def test_compose_s_own_containers_write_to_their_data_only_and_are_asked_whether_they_are_ready() -> None:
    services = compose()["services"]
    for name in ("web1", "web2", "worker1", "worker2", "upgrade"):
        assert services[name]["read_only"] is True
        assert services[name]["cap_drop"] == ["ALL"]
        assert services[name]["volumes"] == ["data:/data"]
        assert services[name]["depends_on"]["database"] == {"condition": "service_healthy"}
    asked = services["web2"]["healthcheck"]["test"][-1]
    compile(asked, "healthcheck", "exec")
    assert "/ready?worker=no" in asked
    assert '@blueprint.get("/ready")' in (ROOT / "assess" / "web" / "service.py").read_text()
    # The check asks by the address of the container itself, so that name has to be among those that are answered.
    assert services["web2"]["environment"]["KAM_TRUSTED_HOSTS"].endswith(",127.0.0.1")
    assert services["proxy"]["depends_on"]["web2"] == {"condition": "service_healthy"}


def containerfile() -> list[tuple[str, str]]:
    """Instructions in order, continued lines joined."""
    text = re.sub(r"\\\n\s*", " ", (DEPLOY / "container" / "Containerfile").read_text())
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1].strip()) for line in lines]


def test_the_image_installs_nothing_without_hashes_and_runs_as_nobody_special() -> None:
    found = containerfile()
    installs = [part for word, rest in found if word == "RUN" for part in rest.split("&&") if "pip install" in part]
    assert len(installs) == 3
    for part in installs:
        assert "--require-hashes -r" in part or "--no-index --no-deps" in part
    users = [rest for word, rest in found if word == "USER"]
    assert users == ["10001:10001"]
    assert [word for word, _ in found].index("USER") < [word for word, _ in found].index("CMD")
    assert ("ARG", "BASE=python:3.11-slim-bookworm") in found
    assert [rest for word, rest in found if word == "FROM"] == ["${BASE} AS build", "${BASE}"]


def test_the_image_is_made_of_files_that_are_there_and_let_through() -> None:
    let_through = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    for word, rest in containerfile():
        if word == "COPY" and not rest.startswith("--from"):
            for source in rest.split()[:-1]:
                assert (ROOT / source).exists(), source
                assert any(source == name or source.startswith(f"{name}/") for name in let_through), source
    build = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert {*build["packages"], *build["force-include"]} <= let_through


def test_the_image_has_the_system_libraries_that_make_installs() -> None:
    listed = re.search(r'^run="([^"]+)"', (ROOT / "scripts" / "system-packages").read_text(), re.MULTILINE)
    assert listed is not None
    (installed,) = [rest for word, rest in containerfile() if word == "RUN" and "apt-get install" in rest]
    assert {name for name in listed[1].split() if name.startswith("lib")} <= set(installed.split())


def locked(name: str) -> dict[str, str]:
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    assert "--index-url" not in text
    pinned = re.findall(r"^([a-z0-9._-]+)(?:\[[a-z,]+\])?==([^\s;]+).*\\\n +--hash=sha256:", text, re.MULTILINE)
    return dict(pinned)


def test_a_server_is_locked_with_every_extra_and_the_same_versions_as_the_tests_use() -> None:
    server, tested = locked("server"), locked("dev")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]
    assert {name for text in wanted if (name := re.split(r"[<>=!;\[ ]", text)[0].lower()) not in server} == set()
    assert {name: version for name, version in {**server, **locked("build")}.items() if tested.get(name) != version} == {}
    assert "hatchling" in locked("build")


def nginx() -> str:
    return (DEPLOY / "proxy" / "kam-assess.conf").read_text()


def test_the_proxy_overwrites_what_is_said_about_the_person_who_asks() -> None:
    set_headers = dict(re.findall(r"proxy_set_header (\S+)\s+(\S+);", nginx()))
    assert set_headers["X-Forwarded-For"] == "$remote_addr"
    assert set_headers["X-Forwarded-Proto"] == "$scheme"
    assert set_headers["Host"] == set_headers["X-Forwarded-Host"] == "$host"
    assert set_headers["Forwarded"] == '""'
    caddy = (DEPLOY / "proxy" / "Caddyfile").read_text()
    assert "header_up X-Forwarded-For {remote_host}" in caddy
    assert "KAM_PROXY_HOPS=1" in (DEPLOY / "systemd" / "environment").read_text()


def test_the_proxy_buffers_and_has_the_limits_of_the_program() -> None:
    text = nginx()
    assert re.search(r"proxy_request_buffering\s+on;", text)
    assert re.search(r"proxy_buffering\s+on;", text)
    sizes = [int(size) for size in re.findall(r"client_max_body_size\s+(\d+)m;", text)]
    assert sizes == [MAX_BODY // MIB, MAX_UPLOAD // MIB + 1]
    (place,) = re.findall(r"location ~ (\S+) \{", text)
    caddy = (DEPLOY / "proxy" / "Caddyfile").read_text()
    assert re.findall(r"path_regexp (\S+)", caddy) == [place, place]
    assert [int(size) for size in re.findall(r"max_size (\d+)MiB", caddy)] == [MAX_UPLOAD // MIB + 1, MAX_BODY // MIB]
    for address in ("/a/some-link/accounts/upload", "/a/some-link/accounts", "/a/x/y/accounts/upload", "/accounts/upload"):
        assert bool(re.search(place, address)) == bool(LARGE.match(address))


def test_the_proxy_s_log_has_no_private_links() -> None:
    text = nginx()
    (shape,) = re.findall(r"log_format kam_assess '([^']+)'", text)
    told = set(re.findall(r"\$\w+", shape))
    assert told.isdisjoint({"$request", "$request_uri", "$uri", "$args", "$http_referer", "$http_cookie", "$remote_addr"})
    (rule,) = re.findall(r"^ +~(\S+)\s+\"/\$kam_room/\.\.\.\";", text, re.MULTILINE)
    private = re.compile(rule.replace("(?<", "(?P<"))
    for room in ("a", "i", "w", "join", "show", "setup", "api"):
        assert private.match(f"/{room}/token/step"), room
    assert not private.match("/about")


def test_the_proxy_keeps_to_itself_what_only_monitoring_asks() -> None:
    assert re.findall(r"location = (\S+)\s+\{ return 404; \}", nginx()) == ["/metrics", "/ready"]
    assert "@inside path /metrics /ready" in (DEPLOY / "proxy" / "Caddyfile").read_text()


@pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not on this machine")
def test_nginx_understands_the_example(tmp_path: Path) -> None:
    certificate = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=kam.example.org", "-days", "1"]
    files = ["-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "certificate.pem")]
    subprocess.run([*certificate, *files], check=True, capture_output=True, timeout=60)
    site = nginx().replace("/etc/ssl/kam-assess", str(tmp_path)).replace("/var/log/nginx", str(tmp_path))
    upstream = (DEPLOY / "proxy" / "kam-assess-upstream.conf").read_text()
    whole = f"pid {tmp_path}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{\n{upstream}\n{site}\n}}\n"
    (tmp_path / "nginx.conf").write_text(whole)
    command = ["nginx", "-t", "-q", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
