#!/bin/sh
# The browser tests need a Chromium: one on the PATH, Playwright's own, or Debian's package. Without one they fail and say so.
command -v chromium >/dev/null 2>&1 && exit 0
command -v chromium-browser >/dev/null 2>&1 && exit 0
command -v google-chrome >/dev/null 2>&1 && exit 0
ls "$HOME"/.cache/ms-playwright/chromium-*/chrome-linux*/chrome >/dev/null 2>&1 && exit 0
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "No Chromium found: installing Debian's package."
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium; } >/dev/null 2>&1 && exit 0
fi
.venv/bin/python -m playwright install chromium >/dev/null 2>&1 && exit 0
echo "No Chromium could be installed; the browser tests will fail and say so." >&2
exit 0
