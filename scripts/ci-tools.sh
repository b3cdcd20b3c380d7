#!/usr/bin/env bash
# What the tests need beside Python: a JDK (17 or newer) and Maven for the tests on Apache Kafka, Chromium for those
# of the board. Installs them on Debian for root; elsewhere says what is missing (the tests then say so too).
set -euo pipefail

java_is_new_enough() {
  local major
  major=$(java -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p' | head -n 1)
  [ "${major:-0}" -ge 17 ]
}

has_a_browser() { # the names that tests/board/conftest.py looks for
  local name
  for name in chromium chromium-browser google-chrome google-chrome-stable; do
    command -v "$name" >/dev/null && return
  done
  [ -x "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" ]
}

missing=()
java_is_new_enough || missing+=(default-jdk-headless)
command -v mvn >/dev/null || missing+=(maven)
has_a_browser || missing+=(chromium)
[ "${#missing[@]}" -gt 0 ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
else
  echo "missing for the tests: ${missing[*]} (Debian's names); install Java 17 or newer, Maven, and Chromium or Chrome" >&2
fi
