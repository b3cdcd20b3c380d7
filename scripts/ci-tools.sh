#!/usr/bin/env bash
# What the tests need beside Python: a JDK (17 or newer) and Maven, for the tests on Apache Kafka.
# Installs them on Debian and Ubuntu for root; elsewhere says what is missing (the tests then say so too).
set -euo pipefail

java_is_new_enough() {
  local major
  major=$(java -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p' | head -n 1)
  [ "${major:-0}" -ge 17 ]
}

missing=()
java_is_new_enough || missing+=(default-jdk-headless)
command -v mvn >/dev/null || missing+=(maven)
[ "${#missing[@]}" -gt 0 ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
else
  echo "missing for the tests on Apache Kafka: ${missing[*]} (Debian's names); install Java 17 or newer and Maven" >&2
fi
