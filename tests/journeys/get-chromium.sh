#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs Debian's Chromium without windows for the tests in a real browser, where this user may install packages.
# Where it may not, the tests are skipped, and this says so in a way that nobody overlooks.
[ -n "$CHROMIUM" ] && [ -x "$CHROMIUM" ] && exit 0
command -v chromium-headless-shell >/dev/null 2>&1 && exit 0
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
  echo "Installing Chromium for the tests in a real browser …"
  export DEBIAN_FRONTEND=noninteractive
  get() { apt-get -qq -o Acquire::http::Timeout=20 -o Acquire::Retries=1 "$@"; }  # without a network it ends soon
  for package in chromium-headless-shell chromium; do
    command -v chromium >/dev/null 2>&1 && [ $package = chromium ] && break
    (get update && get install -y --no-install-recommends $package) >/dev/null 2>&1 && exit 0
  done
fi
command -v chromium >/dev/null 2>&1 && exit 0
echo "################################################################################" >&2
echo "No Chromium here, and none could be installed: ALL BROWSER TESTS WILL BE SKIPPED." >&2
echo "Install it (Debian: apt-get install chromium-headless-shell), or set CHROMIUM=/path/to/it." >&2
echo "################################################################################" >&2
exit 0
