"""Show a class live, from the folder that its learners write to (scripts/class)."""

import argparse
import time
import webbrowser
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ADDRESS = "127.0.0.1"  # nothing leaves the machine


def options(arguments: list[str]) -> argparse.Namespace:
    """Parse the command line; --help and errors exit as argparse does."""
    parser = argparse.ArgumentParser(prog="scripts/class", description=__doc__)
    add = parser.add_argument
    add("folder", type=Path, help="the folder that learners join with lesson.join(FOLDER)")
    add("--port", type=int, default=8899, help="of the page on 127.0.0.1 (default: 8899)")
    add("--csv", type=Path, metavar="FILE", help="write the CSV into this file and end")
    add("--no-browser", action="store_true", help="print the address only")
    given = parser.parse_args(arguments)
    if not given.folder.is_dir():
        parser.error(f"{given.folder} is not a folder: make it, and let learners write to it.")
    return given


def main(arguments: list[str]) -> int:
    """Run scripts/class; return its exit code."""
    from lambdadeck.labs import class_page, classroom

    given = options(arguments)
    if given.csv:
        given.csv.write_text(class_page.table(classroom.learners(given.folder)[0]), "utf-8")
        return 0
    with server(given.folder, given.port) as listening:
        address = f"http://{ADDRESS}:{listening.server_address[1]}/"
        print(
            f"{address} shows the class, {address}class.csv is its table; Ctrl-C ends.", flush=True
        )
        if not given.no_browser:
            webbrowser.open(address)
        try:
            listening.serve_forever()
        except KeyboardInterrupt:
            return 0
    return 0


def server(folder: Path, port: int, clock: Callable[[], float] = time.time) -> ThreadingHTTPServer:
    """Return the page's server, which answers this machine's browsers alone."""
    from lambdadeck.labs import class_page, classroom

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Answer with the page or the CSV, read from the folder at this moment."""
            if self.headers.get("Host", "").rpartition(":")[0] not in (ADDRESS, "localhost"):
                return self.send_error(403)  # a foreign name that leads here
            if self.path not in ("/", "/class.csv"):
                return self.send_error(404)
            room, lost = classroom.learners(folder)
            is_page = self.path == "/"
            text = class_page.page(room, clock(), lost) if is_page else class_page.table(room)
            kind, content = "text/html" if is_page else "text/csv", text.encode()
            self.send_response(200)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header(
                "Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"
            )
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            return None

        def log_message(self, *_: object) -> None:
            """Keep the terminal quiet."""

    return ThreadingHTTPServer((ADDRESS, port), Handler)


if __name__ == "__main__":
    import sys

    sys.exit(main(sys.argv[1:]))
