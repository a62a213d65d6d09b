# shellcheck shell=bash
# Sourced by every script here: where things are, and how a script speaks. Installs nothing and changes nothing.

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CACHE=${GUXIN_CACHE:-$HOME/.cache/guxin}
TOOLS=$CACHE/tools
# One build directory for every clone on the machine: the dependencies are compiled once.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$CACHE/target}
export PATH=$TOOLS/bin:$PATH

say() { printf '\033[1m==>\033[0m %s\n' "$*" >&2; }
fail() { printf '\033[1;31merror:\033[0m %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# The crates that compile for the server. `frontend` is never among them: it switches on leptos/hydrate, and a build that
# unifies hydrate with ssr drops every event handler without a word.
NATIVE=(--workspace --exclude frontend)

# The wasm-bindgen command must be exactly as old as the library, or the glue it writes does not fit.
wasm_bindgen_version() {
    awk '$0 == "name = \"wasm-bindgen\"" { getline; gsub(/[^0-9.]/, ""); print; exit }' "$ROOT/Cargo.lock"
}
wasm_bindgen() { echo "$TOOLS/wasm-bindgen-$(wasm_bindgen_version)/bin/wasm-bindgen"; }

# Prints the browser that tests drive, or nothing. CHROMIUM_PATH decides where it is set.
chromium() {
    local candidate
    for candidate in "${CHROMIUM_PATH:-}" /usr/bin/chromium chromium-browser google-chrome-stable google-chrome /snap/bin/chromium; do
        [ -n "$candidate" ] && have "$candidate" && { command -v "$candidate"; return; }
    done
    return 0
}

# Prints the directory of initdb and postgres, or nothing. GUXIN_TEST_POSTGRES_BIN decides where it is set; Debian keeps the
# server's programs off PATH, one directory per major version, and the newest is taken.
postgres_bin() {
    local candidate
    for candidate in "${GUXIN_TEST_POSTGRES_BIN:-}" $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV) "$(dirname "$(command -v initdb || echo /nonexistent/initdb)")"; do
        [ -n "$candidate" ] && [ -x "$candidate/initdb" ] && [ -x "$candidate/postgres" ] && { echo "$candidate"; return; }
    done
    return 0
}
