#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs Debian's Chromium for the tests in a real browser, where this user may install packages.
# Where it may not, the tests are skipped, and this says so in a way that nobody overlooks.
command -v chromium >/dev/null 2>&1 && exit 0
[ -n "$HALLMARK_CHROMIUM" ] && [ -x "$HALLMARK_CHROMIUM" ] && exit 0
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
  echo "Installing Chromium for the tests in a real browser …"
  (apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium) \
    >/dev/null 2>&1
fi
command -v chromium >/dev/null 2>&1 && exit 0
echo "################################################################################" >&2
echo "No Chromium here, and none could be installed: ALL BROWSER TESTS WILL BE SKIPPED." >&2
echo "Install it (Debian: apt-get install chromium), or set HALLMARK_CHROMIUM=/path/to/it." >&2
echo "################################################################################" >&2
exit 0
