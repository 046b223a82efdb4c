#!/usr/bin/env bash
# Put gehoor into .venv: `tools/setup.sh` for users, `tools/setup.sh dev` with what the tests need.
# Does nothing when pyproject.toml has not changed since; what is missing on this machine is named.
set -euo pipefail
cd "$(dirname "$0")/.."
kind=${1:-user}

say() { printf '%s\n' "$*" >&2; }

# 3.11 first: that is what every figure in bench/ was made with.
find_python() {
    local name
    for name in ${PYTHON:-} python3.11 python3.12 python3.13 python3; do
        if command -v "$name" >/dev/null && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    say "gehoor needs Python 3.11 or newer, and there is none on this machine."
    say "On Debian 12 and Ubuntu: sudo apt install python3 python3-venv. Or name one: PYTHON=/path/to/python3.11 make test"
    exit 1
}

# A stamp holds what was installed: entry points and dependencies are read from pyproject.toml at install time only.
fingerprint() { { .venv/bin/python -VV && cat pyproject.toml && pwd; } | sha256sum | cut -d' ' -f1; }

is_ready() {
    [ -x .venv/bin/python ] && .venv/bin/python -c '' 2>/dev/null || return 1
    local now
    now=$(fingerprint)
    [ "$(cat .venv/.ready-dev 2>/dev/null)" = "$now" ] || { [ "$kind" = user ] && [ "$(cat .venv/.ready-user 2>/dev/null)" = "$now" ]; }
}

if is_ready; then exit 0; fi

if ! [ -x .venv/bin/python ] || ! .venv/bin/python -c 'import pip' 2>/dev/null; then
    python=$(find_python)
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
        say "$python cannot make a virtual environment: its venv module is missing."
        say "On Debian 12 and Ubuntu: sudo apt install python$version-venv"
        exit 1
    fi
    say "Making .venv with $python ($version) ..."
    rm -rf .venv
    "$python" -m venv .venv
fi

target=.
[ "$kind" = dev ] && target=".[dev]"
say "Installing gehoor ($kind); the first time takes a minute or two ..."
rm -f .venv/.ready-user .venv/.ready-dev
if ! .venv/bin/python -m pip install --disable-pip-version-check --no-input -e "$target" \
    | sed -un -e 's/^ *Collecting \([^ ]*\).*/  \1/p' -e '/^Installing/s/:.*/ .../p'; then
    say "The installation stopped; pip says why above. Without a network, check the proxy and try again: nothing is half done."
    exit 1
fi
fingerprint >".venv/.ready-$kind"
say "Ready."
