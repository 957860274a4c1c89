"""Public addresses: which requests have one, and what the control plane gets instead."""

from lambdadeck.engine.http.message import Request
from lambdadeck.engine.http.public import may_set, reader, scope_of

START = "0123456789abcdef0123456789abcdef"
READ = reader(START)


def read(path="/", host="127.0.0.1:4000"):
    return READ(Request("GET", path, "", {"host": host}, b""))


def scope(path, *headers):
    return {"path": path, "raw_path": path.encode(), "headers": [(b"host", b"x"), *headers]}


def test_an_address_is_a_host_or_a_path_of_this_start():
    url = f"abc123.lambda-url.eu-west-1.{START}.localhost:4000"
    assert read("/_ministack/reset", url)[:3] == ("lambda-url", "abc123", "/_ministack/reset")
    assert read("/a%20b", f"AB.Execute-Api.{START}.localhost")[:3] == ("execute-api", "ab", "/a b")
    assert read(f"/_public/{START}/lambda-url/abc")[:3] == ("lambda-url", "abc", "")
    assert read(f"/_public/{START}/execute-api/abc/x/y")[:3] == ("execute-api", "abc", "/x/y")
    both = read(f"/_public/{START}/execute-api/other/x", url)
    assert both.id == "abc123" and both.path.startswith("/_public/")


def test_nothing_else_is_one():
    other = START[::-1]
    hosts = (
        *(f"abc.lambda-url.eu-west-1.{other}.localhost", "abc.lambda-url.eu-west-1.localhost"),
        *(f"{START}.localhost", f"s3.{START}.localhost", f"a.b.execute-api.{START}.localhost"),
        f"abc.execute-api.{START}.localhost.evil.example",
    )
    paths = (
        *(f"/_public/{other}/lambda-url/abc/x", f"/_public/{START}/_ministack/reset"),
        *("/_aws/lambda-url/abc/x", "/_ministack/reset", f"/_public/{START}/lambda-url/a%2fb"),
        *(f"/_public/{START}/lambda-url/abc%2f..", f"//_public/{START}/lambda-url/abc"),
    )
    found = [host for host in hosts if read(host=host)] + [path for path in paths if read(path)]
    assert found == []


def test_the_control_plane_gets_one_path_and_our_host_whatever_the_caller_wrote():
    host = f"abc.lambda-url.eu-west-1.{START}.localhost"
    for path, stated in (
        ("/_ministack/reset", host),
        (f"/_public/{START}/lambda-url/abc/_ministack/reset", "00000000.execute-api.localhost"),
    ):
        made = scope_of(read(path, stated), scope(path), "127.0.0.1:4000")
        assert made["path"] == "/_aws/lambda-url/abc/_ministack/reset"
        assert made["raw_path"] == made["path"].encode()
        assert made["headers"] == [(b"host", b"127.0.0.1:4000")]
    root = f"/_public/{START}/execute-api/abc"
    assert scope_of(read(root), scope(root), "h")["path"] == "/_aws/execute-api/abc/"


def test_a_function_neither_gets_nor_sets_jupyters_cookies():
    path = f"/_public/{START}/lambda-url/abc"
    sent = b'a=1; _xsrf=2|3; username-127-0-0-1-8888="2|1:0|x"; jupyterhub-session-id=4;b=5;_XSRF=6'
    for header, kept in ((sent, [(b"cookie", b"a=1; b=5")]), (b"_xsrf=2", [])):
        made = scope_of(read(path), scope(path, (b"cookie", header)), "h")
        assert [pair for pair in made["headers"] if pair[0] == b"cookie"] == kept
    assert may_set((b"Set-Cookie", b"a=1")) and may_set((b"x-note", b"_xsrf=1"))
    assert not may_set((b"Set-Cookie", b" _xsrf=1; Path=/"))
    assert not may_set((b"set-cookie", b"username-127-0-0-1-8888=x"))
