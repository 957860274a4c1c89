"""A soak test with deployments: no invocation lost, doubled or of a wrong version, nothing grown.

Usage: python -m tests.support.mixed [INVOCATIONS] [THREADS]
"""

from __future__ import annotations

import json
import random
import socket
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from lambdadeck import engine
from tests.support.lambdas import ROLE, Lambdas, wait_until, zipped
from tests.support.soak import Footprint, footprint

# What it runs, it tells by a datagram too: an answer alone does not show that it ran only once.
SOURCE = """
import os, socket, time
said = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
def handler(event, context):
    said.sendto(str(event["n"]).encode(), ("127.0.0.1", event["port"]))
    if event["do"] == "error": raise ValueError(event["n"])
    if event["do"] == "exit": os._exit(3)
    if event["do"] == "sleep": time.sleep(9)
    return {"n": event["n"], "code": CODE}
"""
FAILURES = {"error": "ValueError", "exit": "Runtime.ExitError", "sleep": "Sandbox.Timedout"}
KINDS = ["answer"] * 930 + ["event"] * 40 + ["error"] * 20 + ["exit"] * 8 + ["sleep"] * 2
STEADY, MORTAL = ("steady-0", "steady-1", "steady-2", "steady-3"), ("mortal-0", "mortal-1")


@dataclass
class Deployed:
    """A function: the newest code that is confirmed, the newest that is begun, and deletions."""

    confirmed: int = 0
    begun: int = 0
    deletions: int = 0
    is_gone: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass
class Found:
    """What a mixed soak found; `wrong` names every problem."""

    invocations: int
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    deployments: Counter[str] = field(default_factory=Counter)
    footprints: list[Footprint] = field(default_factory=list)  # the first before any call


class Listener:
    """Counts what functions say they have run."""

    def __init__(self) -> None:
        self.counts: Counter[int] = Counter()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while word := self._socket.recv(64):
            self.counts[int(word)] += 1


class Mixed:
    """Invokes from many threads while one deploys."""

    def __init__(
        self, lambdas: Lambdas, invocations: int, threads: int, pause_s: float = 1.0
    ) -> None:
        self.lambdas, self.invocations, self.threads = lambdas, invocations, threads
        self.pause_s = pause_s  # between two deployments
        self.client = lambdas.boto("lambda", max_pool_connections=threads + 1)
        self.functions = {name: Deployed() for name in (*STEADY, *MORTAL)}
        self.found, self.heard = Found(invocations), Listener()
        self.done = threading.Event()
        self.events: list[int] = []

    def run(self) -> Found:
        for name in self.functions:
            self._create(name)
        self._measure()
        begun = time.perf_counter()
        deployer = threading.Thread(target=self._deploy)
        deployer.start()
        with ThreadPoolExecutor(self.threads) as pool:
            list(pool.map(self._invoke, range(self.invocations)))
        self.done.set()
        deployer.join()
        self.found.seconds = round(time.perf_counter() - begun, 1)
        with suppress(AssertionError):
            wait_until(lambda: all(self.heard.counts[n] for n in self.events))
        self._check_counts()
        self._measure()
        return self.found

    def _measure(self) -> None:
        self.found.footprints.append(footprint(self.lambdas.engine.pid))

    def _check_counts(self) -> None:
        for n in range(self.invocations):
            if self.heard.counts[n] > 1 or (n in self.events and not self.heard.counts[n]):
                self.found.wrong.append(f"{n} ran {self.heard.counts[n]} times")

    # ---- calls ----

    def _invoke(self, n: int) -> None:
        if n % max(1, self.invocations // 10) == 0:
            self._measure()
        luck = random.Random(n)
        do, name = luck.choice(KINDS), luck.choice(list(self.functions))
        qualifier = luck.choice(("live", "$LATEST"))
        if do == "event":
            name = luck.choice(STEADY)
            self.events.append(n)
        deployed = self.functions[name]
        confirmed, gone = deployed.confirmed, (deployed.deletions, deployed.is_gone)
        event = {"n": n, "port": self.heard.port, "do": "answer" if do == "event" else do}
        try:
            problem = self._answer(name, qualifier, event, do, confirmed, deployed)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            missing = code == "ResourceNotFoundException"
            was_gone = gone[1] or deployed.is_gone or deployed.deletions != gone[0]
            do = "not found"
            problem = "" if missing and was_gone else f"{code} {error}"
        except Exception as error:  # noqa: BLE001  # whatever it is, it is a finding
            problem = repr(error)
        self.found.kinds[do] += 1
        if problem:
            self.found.wrong.append(f"{n} {do} {name}:{qualifier}: {problem}")

    def _answer(
        self,
        name: str,
        qualifier: str,
        event: dict[str, Any],
        do: str,
        confirmed: int,
        deployed: Deployed,
    ) -> str:
        """Call once and return what is wrong with the answer, "" if nothing is."""
        kind = "Event" if do == "event" else "RequestResponse"
        given = {"FunctionName": name, "Qualifier": qualifier, "Payload": json.dumps(event)}
        answer = self.client.invoke(**given, InvocationType=kind)
        body = answer["Payload"].read()
        if do == "event":
            return "" if answer["StatusCode"] == 202 else str(answer["StatusCode"])
        payload = json.loads(body)
        if do in FAILURES:
            told = payload.get("errorType") if isinstance(payload, dict) else None
            return "" if told == FAILURES[do] else f"answered {body[:200]!r}"
        if payload.get("n") != event["n"]:
            return f"answered {body[:200]!r}"
        right = confirmed <= payload["code"] <= deployed.begun
        return "" if right else f"code {payload['code']} of {confirmed} to {deployed.begun}"

    # ---- deployments ----

    def _deploy(self) -> None:
        luck = random.Random(0)
        while not self.done.wait(self.pause_s):
            name = luck.choice(list(self.functions))
            action = "delete" if name in MORTAL and luck.random() < 0.5 else "update"
            if action == "update" and luck.random() < 0.1:
                action = "provision"
            try:
                {"delete": self._replace, "update": self._update, "provision": self._provision}[
                    action
                ](name)
                self.found.deployments[action] += 1
            except ClientError as error:
                self.found.wrong.append(f"{action} of {name}: {error}")

    def _code(self, deployed: Deployed) -> bytes:
        deployed.begun += 1
        return zipped({"app.py": f"CODE = {deployed.begun}\n{SOURCE}"})

    def _create(self, name: str) -> None:
        deployed = self.functions[name]
        self.client.create_function(
            FunctionName=name,
            Runtime="python3.13",
            Handler="app.handler",
            Role=ROLE,
            Timeout=5,
            Code={"ZipFile": self._code(deployed)},
        )
        self.client.get_waiter("function_active_v2").wait(FunctionName=name)
        version = self.client.publish_version(FunctionName=name)["Version"]
        self.client.create_alias(FunctionName=name, Name="live", FunctionVersion=version)
        deployed.confirmed = deployed.begun

    def _update(self, name: str) -> None:
        """Deploy new code, publish it, move the alias, delete the version before."""
        deployed = self.functions[name]
        old = self.client.get_alias(FunctionName=name, Name="live")["FunctionVersion"]
        self.client.update_function_code(FunctionName=name, ZipFile=self._code(deployed))
        wait = {"Delay": 1, "MaxAttempts": 30}
        time.sleep(0.05)
        self.client.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig=wait)
        new = self.client.publish_version(FunctionName=name)["Version"]
        self.client.update_alias(FunctionName=name, Name="live", FunctionVersion=new)
        deployed.confirmed = deployed.begun
        time.sleep(0.05)  # calls that have found the old version have begun
        self.client.delete_function(FunctionName=name, Qualifier=old)

    def _replace(self, name: str) -> None:
        deployed = self.functions[name]
        deployed.is_gone = True
        deployed.deletions += 1
        self.client.delete_function(FunctionName=name)
        self._create(name)
        deployed.is_gone = False

    def _provision(self, name: str) -> None:
        given = {"FunctionName": name, "Qualifier": "live"}
        with suppress(ClientError):  # there is none yet
            self.client.delete_provisioned_concurrency_config(**given)
        self.client.put_provisioned_concurrency_config(**given, ProvisionedConcurrentExecutions=2)


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:]]
    running = engine.start()
    soaked = Mixed(Lambdas(running), *(numbers + [50_000, 8][len(numbers) :])).run()
    print(soaked.invocations, "in", soaked.seconds, "s:", dict(soaked.kinds))
    print("deployments:", dict(soaked.deployments))
    print("wrong:", len(soaked.wrong), *soaked.wrong, sep="\n  ")
    print(*soaked.footprints, sep="\n")
    running.stop()
    sys.exit(bool(soaked.wrong))
