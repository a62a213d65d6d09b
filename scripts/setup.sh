#!/usr/bin/env bash
# Installs what building and testing need, says what and why, and does nothing where it is there already.
#
#   scripts/setup.sh build   what `make build` and `make demo` need: compiler, C libraries, WebAssembly tools
#   scripts/setup.sh check   the above
#   scripts/setup.sh test    the above, a PostgreSQL server, a browser, CJK fonts, poppler and tesseract, SoftHSM2, the test runners, Python
#
# Only ordinary package registries are asked (Debian or Ubuntu, crates, npm): no step downloads a release file.
# A need that cannot be met ends the script with the command to run; nothing is skipped in silence.
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

# ---- how to install ------------------------------------------------------------------------------------------------

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif have sudo && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then sudo "$@"
    else fail "this needs an administrator, and sudo cannot be used here. Run it yourself, then start again:
    $*"
    fi
}

apt_updated=
# apt_install WHY PACKAGE...
apt_install() {
    local why=$1; shift
    have apt-get || fail "missing: $why. This is not Debian or Ubuntu: install the equivalents of: $*"
    say "installing $* ($why)"
    [ -n "$apt_updated" ] || as_root apt-get update -qq
    apt_updated=yes
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}

# npm_ci DIRECTORY WHY: the locked packages, once per content of the lock file
npm_ci() {
    local directory=$1 why=$2 digest stamp
    digest=$(sha256sum <"$directory/package-lock.json")
    stamp=$directory/node_modules/.lock-digest
    [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$digest" ] && return
    say "npm ci in ${directory#"$ROOT"/} ($why)"
    PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --prefix "$directory" --no-audit --no-fund --loglevel=error >&2
    printf '%s\n' "$digest" >"$stamp"
}

# cargo_install ROOT WHY ARGUMENT...: into our own tools directory, so that nothing on the machine changes version
cargo_install() {
    local into=$1 why=$2; shift 2
    say "cargo install $1 ($why; a few minutes)"
    CARGO_TARGET_DIR=$TOOLS/build cargo install --quiet --root "$into" "$@"
    rm -rf "$TOOLS/build"
}

# ---- building ------------------------------------------------------------------------------------------------------

need_c_toolchain() {
    local missing=()
    have cc || missing+=(build-essential)
    have pkg-config || missing+=(pkg-config)
    { have pkg-config && pkg-config --exists openssl; } || missing+=(libssl-dev)
    [ ${#missing[@]} = 0 ] || apt_install "a C compiler for SQLite, and OpenSSL for checking passkeys" "${missing[@]}"
}

need_rust() {
    local channel
    channel=$(sed -n 's/^channel = "\(.*\)"/\1/p' "$ROOT/rust-toolchain.toml")
    if have rustup; then
        rustup run "$channel" rustc --version >/dev/null 2>&1 || {
            say "installing Rust $channel (rust-toolchain.toml names it)"
            rustup toolchain install "$channel" --profile minimal --no-self-update
        }
        # Named in rust-toolchain.toml, but rustup's automatic installation may be switched off.
        local part
        for part in clippy rustfmt; do
            rustup component list --toolchain "$channel" --installed | grep -q "^$part" \
                || { say "adding $part"; rustup component add --toolchain "$channel" "$part"; }
        done
        rustup target list --toolchain "$channel" --installed | grep -qx wasm32-unknown-unknown \
            || { say "adding the wasm32 target (the browser's half)"; rustup target add --toolchain "$channel" wasm32-unknown-unknown; }
    else
        have cargo || fail "Rust is missing. Install rustup (Debian: apt install rustup; or see rustup.rs), then start again."
        [ -d "$(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown" ] \
            || fail "this Rust has no wasm32-unknown-unknown target and there is no rustup to add it. Install rustup, then start again."
    fi
}

need_node() {
    have node && have npm || fail "Node.js 20 or newer with npm is missing (it compresses the site and drives the browser tests). Debian: apt install nodejs npm"
    [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ] || fail "Node.js 20 or newer is needed; this is $(node --version)"
}

need_wasm_bindgen() {
    local version
    version=$(wasm_bindgen_version)
    [ -x "$(wasm_bindgen)" ] && return
    # Without --locked: the lock file inside some releases names versions that are no longer served.
    cargo_install "$TOOLS/wasm-bindgen-$version" "writes the browser's glue; exactly the version in Cargo.lock" wasm-bindgen-cli --version "$version"
}

need_wasm_opt() { npm_ci "$ROOT/scripts/site" "wasm-opt shrinks what the browser downloads; a YAML reader checks the texts"; }

# ---- testing -------------------------------------------------------------------------------------------------------

need_nextest() {
    cargo nextest --version >/dev/null 2>&1 && return
    say "cargo-nextest is not on PATH; compiling it takes about ten minutes on two cores, once"
    cargo_install "$TOOLS" "the test runner" cargo-nextest --locked
}

need_postgres() {
    [ -n "$(postgres_bin)" ] && return
    # Debian's package would otherwise create and start a cluster of its own; tests bring up a private one and want only the programs.
    apt_install "where Debian keeps PostgreSQL's settings" postgresql-common
    [ -d /etc/postgresql ] && [ -n "$(ls /etc/postgresql)" ] \
        || as_root sed -i 's/^#\?create_main_cluster *=.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf
    apt_install "every backend test also runs on PostgreSQL" postgresql
    [ -n "$(postgres_bin)" ] || fail "PostgreSQL was installed but initdb was not found; set GUXIN_TEST_POSTGRES_BIN to its directory"
}

need_chromium() {
    [ -n "$(chromium)" ] && return
    if [ "$(. /etc/os-release && echo "${ID:-}")" = ubuntu ]; then
        # Ubuntu ships Chromium only as a snap; its deb is an empty shell.
        have snap || fail "Ubuntu ships Chromium as a snap and there is no snapd. Install a Chromium or Chrome and set CHROMIUM_PATH to it."
        say "installing the chromium snap (the browser that the stories run in)"
        as_root snap install chromium
    else
        apt_install "the browser that the stories run in" chromium
    fi
    [ -n "$(chromium)" ] || fail "Chromium was installed but not found; set CHROMIUM_PATH to it"
}

need_cjk_fonts() {
    have fc-list || apt_install "to see which fonts there are" fontconfig
    [ -n "$(fc-list :lang=zh-cn family)" ] && return
    apt_install "Chinese text in screenshots" fonts-noto-cjk
}

need_python() {
    local missing=()
    have python3 || missing+=(python3)
    { have python3 && python3 -c 'import ensurepip, venv' 2>/dev/null; } || missing+=(python3-venv)
    have curl || missing+=(curl)
    [ ${#missing[@]} = 0 ] || apt_install "other people's ledger tools come from PyPI (scripts/conformance.sh)" "${missing[@]}"
}

# Optional for the platform, which says so where they are missing; not for tests, which read scans.
need_document_readers() {
    local missing=()
    { have pdftotext && have pdftoppm; } || missing+=(poppler-utils)
    have tesseract || missing+=(tesseract-ocr)
    { have tesseract && tesseract --list-langs 2>/dev/null | grep -qx chi_sim; } || missing+=(tesseract-ocr-chi-sim)
    [ ${#missing[@]} = 0 ] || apt_install "reading PDF files and recognising scans" "${missing[@]}"
}

# The log's key in a token (PKCS #11), without the token.
need_softhsm() {
    have softhsm2-util || apt_install "tests keep the log's key in a token" softhsm2
}

need_playwright() { npm_ci "$ROOT/end2end" "Playwright and axe"; }

# --------------------------------------------------------------------------------------------------------------------

build() { need_c_toolchain; need_rust; need_node; need_wasm_bindgen; need_wasm_opt; }

case ${1:-} in
    build | check) build ;;
    test) build; need_nextest; need_postgres; need_chromium; need_cjk_fonts; need_document_readers; need_softhsm; need_playwright; need_python ;;
    *) fail "usage: scripts/setup.sh build|check|test" ;;
esac
