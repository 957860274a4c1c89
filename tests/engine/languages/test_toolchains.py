"""Find installed toolchains as the user has them; name missing ones and how to install them."""

import os

import pytest

from lambdadeck import engine, functions
from lambdadeck.engine.languages import cache, commands, toolchains
from tests.support.lambdas import Lambdas


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """Empty the PATH; return a call that adds a program which prints a text."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(cache, "folder", lambda: tmp_path)

    def put(name, prints, status=0):
        program = folder / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(
            f"#!/bin/sh\necho asked >> {tmp_path}/asked\nprintf '%s\\n' '{prints}'\nexit {status}\n"
        )
        program.chmod(0o755)
        return program

    return put


@pytest.mark.parametrize(
    ("find", "words"),
    [
        (
            toolchains.node,
            [
                "Node.js functions need Node.js 18 or newer",
                "this machine has none",
                "apt-get install nodejs",
            ],
        ),
        (
            toolchains.jdk,
            [
                "Java functions need a JDK 17 or newer",
                "this machine has none",
                "apt-get install default-jdk-headless",
            ],
        ),
        (
            toolchains.csharp,
            [
                "C# functions need .NET's SDK, or Mono",
                "this machine has none",
                "apt-get install mono-mcs",
            ],
        ),
    ],
)
def test_a_machine_without_a_language_is_told_what_to_install(programs, find, words, monkeypatch):
    monkeypatch.setattr(toolchains.sys, "platform", "linux")
    with pytest.raises(toolchains.MissingToolchainError) as missing:
        find()
    for word in words:
        assert word in str(missing.value)


def test_on_a_mac_it_is_homebrew_that_is_named(programs, monkeypatch):
    monkeypatch.setattr(toolchains.sys, "platform", "darwin")
    with pytest.raises(toolchains.MissingToolchainError, match=r"brew install node$"):
        toolchains.node()


def test_node_behind_a_version_manager_is_found_where_it_really_is(programs):
    programs("node", "/home/ada/.nvm/versions/node/v24.1.0/bin/node\n24.1.0")
    found = toolchains.node()
    assert (str(found.program), found.version) == (
        "/home/ada/.nvm/versions/node/v24.1.0/bin/node",
        "24.1.0",
    )


def test_a_node_that_is_too_old_is_named(programs):
    programs("node", "/usr/bin/node\n16.20.2")
    with pytest.raises(toolchains.MissingToolchainError, match=r"this machine has only 16.20.2"):
        toolchains.node()


def test_a_java_without_its_compiler_is_not_enough(programs, tmp_path):
    programs("java", f"    java.home = {tmp_path}/jre\n    java.version = 21.0.1")
    with pytest.raises(
        toolchains.MissingToolchainError, match=r"only Java 21.0.1 without its compiler"
    ):
        toolchains.jdk()


def test_a_java_that_is_too_old_is_named(programs, tmp_path):
    programs("javac", "")
    programs("java", f"    java.home = {tmp_path}\n    java.version = 1.8.0_402")
    with pytest.raises(toolchains.MissingToolchainError, match=r"only Java 1.8.0_402[.]"):
        toolchains.jdk()


def test_java_home_comes_before_the_path(programs, tmp_path, monkeypatch):
    programs("java", "    java.home = /elsewhere\n    java.version = 11.0.1")
    programs(str(tmp_path / "jdk/bin/javac"), "")
    programs(
        str(tmp_path / "jdk/bin/java"), f"    java.home = {tmp_path}/jdk\n    java.version = 25"
    )
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "jdk"))
    assert toolchains.jdk() == toolchains.Jdk(tmp_path / "jdk", "25")


def test_a_java_that_only_says_where_to_get_one_counts_as_none(programs):
    programs("java", "Unable to locate a Java Runtime.", status=1)
    with pytest.raises(toolchains.MissingToolchainError, match="has none"):
        toolchains.jdk()


def test_dotnet_comes_before_mono_and_the_newest_sdk_with_a_runtime_is_taken(programs, tmp_path):
    programs("mono", "Mono JIT compiler version 6.12.0.200 (tarball)")
    programs("mcs", "")
    assert toolchains.csharp().name == "mono" and toolchains.csharp().version == "6.12.0.200"
    both = (
        "9.0.100 [/usr/share/dotnet/sdk]\n10.0.100 [/usr/share/dotnet/sdk]\n"
        "11.0.100 [/usr/share/dotnet/sdk]\n"
    )
    programs(
        "dotnet",
        both + "Microsoft.AspNetCore.App 11.0.0 [/x]\nMicrosoft.NETCore.App 9.0.0 [/x]\n"
        "Microsoft.NETCore.App 10.0.9 [/x]\nMicrosoft.NETCore.App 10.0.10 [/x]",
    )
    found = toolchains.csharp()
    assert (found.name, found.sdk, found.version) == ("dotnet", "10.0.100", "10.0.10")
    assert str(found.compiler) == "/usr/share/dotnet/sdk/10.0.100/Roslyn/bincore/csc.dll"


def test_a_program_is_asked_once_and_again_when_it_has_changed(programs, tmp_path):
    program = programs("node", "/usr/bin/node\n20.0.0")
    assert [toolchains.node().version for _ in range(3)] == ["20.0.0"] * 3
    assert (tmp_path / "asked").read_text() == "asked\n"
    program.write_text(program.read_text().replace("20.0.0", "22.0.0"))
    os.utime(program, (1, 1))
    assert toolchains.node().version == "22.0.0"


def test_on_a_machine_without_node_java_and_mono_each_function_says_what_is_missing_and_python_runs(
    monkeypatch, tmp_path
):
    (tmp_path / "app.py").write_text("def handler(event, context):\n    return 'still here'\n")
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    bare = engine.start()
    try:
        lambdas = Lambdas(bare)
        for runtime, word in [
            ("nodejs24.x", "apt-get install nodejs"),
            ("java25", "default-jdk-headless"),
            ("dotnet10", "mono-mcs"),
        ]:
            functions.deploy(
                f"lost-{runtime[:4]}", tmp_path, runtime=runtime, client=lambdas.client
            )
            failed = lambdas.call(f"lost-{runtime[:4]}")
            assert failed.error == "Unhandled" and word in failed.payload["errorMessage"]
        functions.deploy("python", tmp_path, client=lambdas.client)
        assert lambdas.call("python").payload == "still here"
    finally:
        bare.stop()


def test_every_family_of_runtimes_has_its_command():
    assert set(commands.COMMANDS) == {"nodejs", "java", "dotnet", "provided"}
