"""Doing what a page says, block by block: its files are written, its servers started, its commands run."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import stepflow_orchestrator

from orphans import without_orphans
from page import Block
from processes import READY, binary

# Commands that go on running, and the port that the page gives each.
SERVERS = {"isoblob serve": "7837", "stepflow-server": "7840", "python worker.py": "8080"}


class Walk:
    """A directory in which the blocks of a page are done, with free ports in place of those that the page names."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.files: dict[str, str] = {}
        self.ports: dict[str, str] = {}
        self.servers: list[subprocess.Popen[str]] = []
        self.printed = ""
        # The orchestrator logs into a pipe of which one line is read, so it may only log what goes wrong.
        self.environment = os.environ | {"STEPFLOW_LOG_LEVEL": "error", "STEPFLOW_OTHER_LOG_LEVEL": "error"}
        commands = [Path(sys.executable).parent, Path(stepflow_orchestrator.__file__).parent / "bin"]
        self.environment["PATH"] = os.pathsep.join([*map(str, commands), self.environment["PATH"]])
        (directory / "bin").mkdir()
        (directory / "bin/isoblob").symlink_to(binary())
        self.environment["PATH"] = f"{directory / 'bin'}{os.pathsep}{self.environment['PATH']}"

    def do(self, block: Block) -> None:
        """Writes a file, starts a server, runs a command, or compares what the last command printed."""
        server = next((server for server in SERVERS if block.text.startswith(server)), None)
        if block.file:
            self.files[block.file] = block.text
        elif block.language == "text":
            assert self.printed.rstrip("\n") == block.text.rstrip("\n")
        elif server:
            self.start(server, block.text)
        else:
            assert block.language == "sh", f"what to do with {block}?"
            self.printed = self.run(block.text)

    def run(self, command: str) -> str:
        """What a command prints. It must succeed."""
        self.write()
        bash = ["bash", "-euo", "pipefail", "-c", self.with_ports(command)]
        done = subprocess.run(
            bash, cwd=self.directory, env=self.environment, stdout=subprocess.PIPE, text=True, timeout=60
        )
        assert done.returncode == 0, command
        if command.startswith("kill "):
            assert self.servers.pop().wait(timeout=60) == 0, "it ends well when told to"
        return done.stdout

    def start(self, name: str, command: str) -> None:
        """Starts a server on a free port, and waits until it says that it serves."""
        self.write()
        self.ports.pop(SERVERS[name], None)
        command = re.sub(rf"(--port |:){SERVERS[name]}\b", r"\g<1>0", self.with_ports(command.strip()))
        process = subprocess.Popen(
            ["bash", "-c", f"exec {command}"],
            cwd=self.directory, env=self.environment, stdout=subprocess.PIPE, text=True,
        )
        self.servers.append(process)
        self.environment["server"] = str(process.pid)
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith(READY):
                self.ports[SERVERS[name]] = line.split()[3].rstrip("/").rpartition(":")[2]
                return
            if line.startswith('{"port"'):
                self.ports[SERVERS[name]] = str(json.loads(line)["port"])
                return
        raise AssertionError(f"{command} did not start")

    def write(self) -> None:
        for name, text in self.files.items():
            (self.directory / name).write_text(self.with_ports(text))

    def with_ports(self, text: str) -> str:
        return re.sub(r"(--port |:)(\d{4})\b", lambda match: match[1] + self.ports.get(match[2], match[2]), text)


@contextmanager
def walk(directory: Path) -> Iterator[Walk]:
    """Begins a walk, and ends the servers that are left with the processes that they started."""
    walk = Walk(directory)
    try:
        yield walk
    finally:
        for server in reversed(walk.servers):
            end(server)


def end(server: subprocess.Popen[str]) -> None:
    """Tells a server to end."""
    with without_orphans(server.pid):
        server.terminate()
        try:
            server.wait(timeout=2)
        except subprocess.TimeoutExpired:
            # The orchestrator of release 0.13 waits for its workers, and they for it.
            server.kill()
            server.wait()
