"""Java and C# are compiled when a function is packed; everything else is packed as it stands."""

import io
import os
import shutil
import zipfile

import pytest

from lambdadeck import functions
from lambdadeck.engine.languages import cache, clients, compilers, toolchains
from lambdadeck.engine.languages.build import assembly, compiled
from tests.support.speaking import needs

JAVA = "package a; public class App { public int b() { return 1; } }"
CSHARP = "namespace A { public class App { public int B() { return 1; } } }"


def files(tmp_path, **contents):
    for name, text in contents.items():
        path = tmp_path / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def names(folder):
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )


def packed(folder):
    return zipfile.ZipFile(io.BytesIO(functions.pack(folder))).namelist()


def test_what_needs_no_compiler_stays_as_it_is(tmp_path):
    files(tmp_path, app_py="", index_js="", node__modules__app_java="not ours")
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "Other.java").write_text("not ours either")
    (tmp_path / "node" / "modules" / "app.java").unlink()
    assert compiled(tmp_path) == tmp_path


def test_java_becomes_classes_and_what_else_is_there_comes_along(tmp_path):
    needs("java")
    folder = compiled(files(tmp_path, src__a__App_java=JAVA, data__words_txt="words"))
    assert names(folder) == ["a/App.class", "data/words.txt"]
    assert (folder / "a" / "App.class").read_bytes()[6:8] == (61).to_bytes(2, "big"), (
        "Java 17's class file version"
    )


def test_csharp_becomes_an_assembly_named_after_its_project(tmp_path):
    needs("csharp")
    folder = compiled(
        files(tmp_path, App_cs=CSHARP, greeter_csproj="<Project/>", obj__Old_cs="not C#")
    )
    assert names(folder) == ["greeter.dll"]
    assert (folder / "greeter.dll").read_bytes()[:2] == b"MZ"


def test_without_a_project_file_the_assembly_is_named_after_the_folder(tmp_path):
    assert assembly(tmp_path) == tmp_path.name


@pytest.mark.parametrize(
    ("language", "name", "good"), [("java", "App_java", JAVA), ("csharp", "App_cs", CSHARP)]
)
def test_the_same_sources_give_the_same_bytes_and_changed_ones_others(
    tmp_path, language, name, good
):
    needs(language)
    folder = files(tmp_path, **{name: good})
    first = functions.pack(folder)
    os.utime(folder / name.replace("_", "."), (1, 1))
    assert functions.pack(folder) == first
    files(tmp_path, **{name: good.replace("1", "2")})
    assert functions.pack(folder) != first


def test_whoever_packs_java_leaves_the_engine_nothing_to_compile(tmp_path, monkeypatch):
    needs("java")
    function = files(tmp_path / "function", App_java=JAVA)
    kept = tmp_path / "kept"
    kept.mkdir()
    monkeypatch.setattr(cache, "folder", lambda: kept)
    functions.pack(function)
    client = clients.java(toolchains.jdk())
    shutil.rmtree(client)
    functions.pack(function)
    assert (client / "lambdadeck" / "Bootstrap.class").exists()


@pytest.mark.parametrize(
    ("language", "name", "bad"),
    [
        ("java", "App_java", "public class App {\n    int b() { return nothing; }\n}\n"),
        ("csharp", "App_cs", "public class App {\n    int B() { return nothing; }\n}\n"),
    ],
)
def test_what_does_not_compile_is_named_with_its_file_and_line(tmp_path, language, name, bad):
    needs(language)
    folder = files(tmp_path, **{name: bad})
    with pytest.raises(
        compilers.CompileError, match=r"App\.(java:2|cs\(2,\d+\)): error.*"
    ) as refused:
        compiled(folder)
    assert "nothing" in str(refused.value) and str(tmp_path) not in str(refused.value)


@pytest.mark.parametrize(
    ("language", "name", "source"),
    [
        (
            "java",
            "App_java",
            "import com.amazonaws.services.lambda.runtime.*;"
            " public class App implements RequestStreamHandler {"
            " public void handleRequest(java.io.InputStream in, java.io.OutputStream out,"
            " Context context) {} }",
        ),
        (
            "csharp",
            "App_cs",
            "using Amazon.Lambda.Core;"
            " public class App { public string Id(ILambdaContext c) { return c.AwsRequestId; } }",
        ),
    ],
)
def test_awss_context_needs_no_library_and_is_not_packed(tmp_path, language, name, source):
    needs(language)
    assert len(packed(files(tmp_path, **{name: source}))) == 1


def test_a_library_in_the_folder_is_compiled_against_and_packed(tmp_path):
    needs("java")
    library = compiled(
        files(
            tmp_path / "library",
            b__Given_java="package b; public class Given { public static int x = 1; }",
        )
    )
    files(tmp_path / "function", App_java="public class App { int y = b.Given.x; }")
    (tmp_path / "function" / "lib").mkdir()
    with zipfile.ZipFile(tmp_path / "function" / "lib" / "given.jar", "w") as jar:
        jar.write(library / "b" / "Given.class", "b/Given.class")
    assert packed(tmp_path / "function") == ["App.class", "lib/given.jar"]


def test_without_a_compiler_the_message_says_how_to_get_one(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(
        toolchains.MissingToolchainError, match="apt-get install default-jdk-headless"
    ):
        functions.pack(files(tmp_path, App_java=JAVA))


@pytest.mark.parametrize("language", ["java", "csharp"])
def test_the_hello_of_each_language_compiles(language):
    needs(language)
    assert packed(functions.FUNCTIONS / "hello" / language) == [
        {"java": "Hello.class", "csharp": "hello.dll"}[language]
    ]
