#!/usr/bin/env bash
# What the tests need beside Python: a JDK (17 or newer) and Maven for the tests on Apache Kafka, Chromium for those of
# the board, Node (20 or newer) and Go (1.21 or newer) for those of the Grafana dashboards and the stack. Installs them
# on Debian for root; elsewhere says what is missing (the tests then say so too).
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

node_is_new_enough() {
  local major
  major=$(node --version 2>/dev/null | sed -n 's/^v\([0-9]*\).*/\1/p')
  [ "${major:-0}" -ge 20 ]
}

go_is_new_enough() { # it fetches a newer one by itself from 1.21 on
  local minor
  minor=$(go version 2>/dev/null | sed -n 's/.*go1\.\([0-9]*\).*/\1/p')
  [ "${minor:-0}" -ge 21 ]
}

missing=()
java_is_new_enough || missing+=(default-jdk-headless)
command -v mvn >/dev/null || missing+=(maven)
has_a_browser || missing+=(chromium)
node_is_new_enough || missing+=(nodejs)
command -v npm >/dev/null || missing+=(npm)
go_is_new_enough || missing+=(golang-go)
[ "${#missing[@]}" -gt 0 ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
else
  echo "missing for the tests: ${missing[*]} (Debian's names); install Java 17 or newer," \
    "Maven, Chromium or Chrome, Node 20 or newer with npm, Go 1.21 or newer" >&2
fi
