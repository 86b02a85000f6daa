"""Serves the pages of the package `miniwob` on loopback: each address carries the seed, and the page itself reports
its reward to this server, so that a flow needs no script to begin or to end an episode."""

from __future__ import annotations

import http.server
import json
import mimetypes
import threading
from pathlib import Path
from urllib.parse import unquote, urlsplit

HOUR_MS = 3_600_000
RANDOMISING = (Path(__file__).parent / "randomising.js").read_text("utf-8")
# Begins the episode of the seed once the page is ready, without the ten seconds of time; tells the reward.
EPISODE = """<script>
(() => {
  const told = new URLSearchParams(location.search);
  const end = core.endEpisode;
  core.endEpisode = (reward, share, reason) => {
    if (core.EP_TIMER !== null) {
      const body = JSON.stringify({ task: TASK, seed: told.get('seed'), reward, reason: reason || '' });
      const post = new XMLHttpRequest();
      post.open('POST', '/reward', false);
      post.send(body);
    }
    return end(reward, share, reason);
  };
  core.EPISODE_MAX_TIME = HOUR;
  addEventListener('load', () => {
    Math.seedrandom(told.get('seed'));
    core.startEpisodeReal();
    core.hideDisplay();
  });
})();
</script>
"""


class Site:
    """The server, and the rewards it was told: {(task, seed): reward}. `port` 0 takes a free one."""

    def __init__(self, html: Path, *, port: int = 0, randomised: bool = False) -> None:
        self.html, self.randomised = html.resolve(), randomised
        self.rewards: dict[tuple[str, str], float] = {}
        site = self

        class Handler(_Handler):
            of = site

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def page(self, path: str) -> bytes | None:
        """The file at a path of the site, as it is served; None when there is none."""
        file = (self.html / path.lstrip("/")).resolve()
        if not file.is_relative_to(self.html) or not file.is_file():
            return None
        data = file.read_bytes()
        if file.suffix == ".html" and file.parent.name == "miniwob":
            script = EPISODE.replace("TASK", json.dumps(file.stem)).replace("HOUR", str(HOUR_MS))
            text = data.decode("utf-8").replace("</body>", script + "</body>")
            if self.randomised:
                text = text.replace("<head>", f"<head><script>{RANDOMISING}</script>", 1)
            data = text.encode()
        return data


class _Handler(http.server.BaseHTTPRequestHandler):
    of: Site
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        data = self.of.page(path)
        self.send_response(404 if data is None else 200)
        self.send_header("Content-Type", mimetypes.guess_type(path)[0] or "application/octet-stream")
        self._send(data or b"")

    def do_POST(self) -> None:
        told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.of.rewards.setdefault((told["task"], str(told["seed"])), float(told["reward"]))
        self.send_response(204)
        self._send(b"")

    def _send(self, data: bytes) -> None:
        self.send_header("Content-Length", str(len(data)))
        try:
            self.end_headers()
            self.wfile.write(data)
        except (BrokenPipeError, ConnectionResetError):
            return  # the page was left before its files had come

    def log_message(self, format: str, *args: object) -> None:
        """Silence."""
