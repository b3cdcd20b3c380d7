#!/bin/sh
# Makes .venv and installs Caseclock with the extras named: `scripts/setup.sh embedded dev`.
# Every package comes in the version and with the hash of requirements.lock. Running it twice changes nothing.
set -eu
cd "$(dirname "$0")/.."

venv=.venv
python=${PYTHON:-python3}
extras=$(printf '%s' "$*" | tr ' ' ',')

say() { printf 'setup: %s\n' "$*" >&2; }
fail() { say "$*"; exit 3; }
version_of() { "$1" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' 2>/dev/null || echo 'not there'; }
new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

choose_python() {
  new_enough "$python" && return
  if [ "$python" = python3 ]; then
    for each in python3.13 python3.12 python3.11 python3.14; do
      if new_enough "$each"; then python=$each; return; fi
    done
  fi
  fail "Python 3.11 or newer is needed, and $python is $(version_of "$python"). Install one (python.org, your" \
    "system's packages, Homebrew) and say where it is: make PYTHON=/path/to/python3.12"
}

make_venv() {
  choose_python
  "$python" -c 'import venv, ensurepip' 2>/dev/null ||
    fail "$python has no venv or no ensurepip. On Debian and Ubuntu: apt install python3-venv; then run make again"
  say "making $venv with Python $(version_of "$python")"
  rm -rf "$venv"
  "$python" -m venv "$venv"
}

# uv takes a quarter of pip's time and knows extras together with hashes. Where there is none for the machine, or it
# cannot reach the index that pip is configured for, pip installs all of the lock.
install_with_uv() {
  [ -x "$venv/bin/uv" ] ||
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r scripts/uv.lock || return 1
  quiet=--quiet
  [ -t 2 ] && quiet=
  # shellcheck disable=SC2086 # no word at all when it is empty
  "$venv/bin/uv" pip install $quiet --python "$venv/bin/python" \
    --constraints requirements.lock --build-constraints requirements.lock --editable ".[$extras]"
}

install_with_pip() {
  "$venv/bin/python" -m pip install --disable-pip-version-check --require-hashes --no-deps -r requirements.lock &&
    "$venv/bin/python" -m pip install --disable-pip-version-check --no-deps --no-build-isolation --editable .
}

new_enough "$venv/bin/python" || make_venv
say "installing Caseclock with its extras $extras (the first time some 300 MB; a minute or less)"
if ! install_with_uv; then
  say "uv did not do; installing with pip, which takes longer"
  install_with_pip ||
    fail "the packages could not be installed. Above is why; without the internet, tell pip your index (pip config)"
fi
"$venv/bin/caseclock" --version >/dev/null || fail "what was installed does not start; remove $venv and run make again"
say "done"
