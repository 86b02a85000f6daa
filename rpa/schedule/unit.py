"""The file by which systemd or launchd keeps the service running."""

from __future__ import annotations

import sys
from pathlib import Path
from xml.sax.saxutils import escape

SYSTEMD = """# ~/.config/systemd/user/rpa-{name}.service
# systemctl --user daemon-reload && systemctl --user enable --now rpa-{name} && loginctl enable-linger
[Unit]
Description=rpa serve ({name})
After=network-online.target

[Service]
Type=exec
WorkingDirectory={project}
ExecStart="{python}" -m rpa.cli.main --project "{project}" serve
Restart=always
RestartSec=5
KillMode=mixed
TimeoutStopSec=90
LimitNOFILE=65536

[Install]
WantedBy=default.target
"""
LAUNCHD = """<?xml version="1.0" encoding="UTF-8"?>
<!-- ~/Library/LaunchAgents/rpa.{name}.plist ; launchctl load -w that file -->
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>
  <key>Label</key><string>rpa.{name}</string>
  <key>ProgramArguments</key><array>
    <string>{python}</string><string>-m</string><string>rpa.cli.main</string>
    <string>--project</string><string>{project}</string><string>serve</string>
  </array>
  <key>WorkingDirectory</key><string>{project}</string>
  <key>RunAtLoad</key><true/>
  <key>KeepAlive</key><true/>
  <key>ExitTimeOut</key><integer>90</integer>
  <key>StandardErrorPath</key><string>{project}/serve.log</string>
</dict></plist>
"""


def unit(kind: str, project: Path) -> str:
    """`kind`: systemd (a user unit) or launchd (a LaunchAgent)."""
    name = "".join(c if c.isalnum() or c in "-_" else "-" for c in project.name) or "project"
    if kind == "launchd":
        return LAUNCHD.format(name=escape(name), project=escape(str(project)), python=escape(sys.executable))
    return SYSTEMD.format(name=name, project=_quoted(project), python=_quoted(Path(sys.executable)))


def _quoted(path: Path) -> str:
    """systemd reads % as a specifier and backslash and quotes as its own."""
    return str(path).replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
