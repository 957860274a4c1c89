"""Record what the regular expression engine gets for each pattern that the client compiles."""

MYPY = False
if MYPY:  # typing would be missing in the cache if this imported it
    from typing import Any


class _Engine:
    """The engine meanwhile; `kept` is its input for the last pattern."""

    def __init__(self, engine: "Any") -> None:
        self.engine = engine

    def __getattr__(self, name: str) -> "Any":
        return getattr(self.engine, name)

    def compile(
        self, pattern: "Any", flags: int, code: "Any", groups: int, named: "Any", names: "Any"
    ) -> "Any":
        self.kept = pattern, int(flags), [int(word) for word in code], groups, dict(named), names
        return self.engine.compile(pattern, flags, code, groups, named, names)


def of_the_client() -> "dict[tuple[Any, int], tuple[Any, ...]]":
    """Import the client; return the arguments of the engine's compile by pattern and flags."""
    compiler: Any = __import__("re")._compiler
    seen: dict[tuple[Any, int], tuple[Any, ...]] = {}
    compile_pattern, engine = compiler.compile, _Engine(compiler._sre)

    def compiled(pattern: "Any", flags: int = 0) -> "Any":
        made = compile_pattern(pattern, flags)
        seen[pattern, int(flags)] = engine.kept
        return made

    compiler.compile, compiler._sre = compiled, engine
    __import__("awslambdaric.bootstrap")
    return seen
