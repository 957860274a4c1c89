"""What the engine of regular expressions is given for each pattern that importing the client compiles."""


class _Engine:
    """The engine meanwhile: `kept` is what the last pattern became."""

    def __init__(self, engine):
        self.engine = engine

    def __getattr__(self, name):
        return getattr(self.engine, name)

    def compile(self, pattern, flags, code, groups, named, names):
        self.kept = pattern, int(flags), [int(word) for word in code], groups, dict(named), names
        return self.engine.compile(pattern, flags, code, groups, named, names)


def of_the_client():
    """Import the client; by pattern and flags, the arguments of the engine's compile."""
    from re import _compiler

    seen, compile_pattern, engine = {}, _compiler.compile, _Engine(_compiler._sre)

    def compiled(pattern, flags=0):
        made = compile_pattern(pattern, flags)
        seen[pattern, int(flags)] = engine.kept
        return made

    _compiler.compile, _compiler._sre = compiled, engine
    from awslambdaric import bootstrap  # noqa: F401

    return seen
