"""A small web server for the tests, whose faults can be chosen."""

from __future__ import annotations

import contextlib
import http.server
import threading


class Server(http.server.ThreadingHTTPServer):
    """files: {name: content}. cut: close each answer after so many bytes. ranges: understands Range. asked: log."""

    daemon_threads = True

    def __init__(self, files, cut=None, ranges=True, pause=0.0):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files, self.cut, self.ranges, self.pause = files, cut, ranges, pause
        self.asked: list[tuple[str, str | None]] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        server, wanted = self.server, self.headers.get("Range")
        server.asked.append((self.path, wanted))
        content = server.files.get(self.path.lstrip("/"))
        if content is None:
            return self.send_error(404)
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and server.ranges else 0
        self.send_response(206 if wanted and server.ranges else 200)
        if wanted and server.ranges:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        with contextlib.suppress(ConnectionError):
            threading.Event().wait(server.pause)
            self.wfile.write(content[start:][: server.cut])
        self.close_connection = True
        return None

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def serving(files, **how):
    server = Server(files, **how)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
