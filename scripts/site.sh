#!/usr/bin/env bash
# Builds the browser's half into target/site: frontend -> WebAssembly -> wasm-bindgen -> wasm-opt, then styles and public files.
# Each step is skipped when what goes into it has not changed. Never builds the server in the same cargo call: the features
# of the two halves would unify and events would silently do nothing.
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"
cd "$ROOT"

stage=$ROOT/target/pkg
# The places of panics are in the module: where this machine keeps its sources is nobody's business, and costs a kilobyte.
sources=${CARGO_HOME:-$HOME/.cargo}/registry/src
cargo build --quiet --package frontend --lib --target wasm32-unknown-unknown --profile wasm-release \
    --config "target.wasm32-unknown-unknown.rustflags = ['--remap-path-prefix=$sources=crates']"
wasm=$CARGO_TARGET_DIR/wasm32-unknown-unknown/wasm-release/frontend.wasm

# The module itself names the WebAssembly features it uses (the profile keeps that section: strip = "debuginfo").
# server_fn brings the JavaScript side of streams, which nothing here uses, and exports keep alive what they reach.
OPTIMISE=('--remove-exports=intounderlying*' '--remove-exports=__wbg_intounderlying*' -Oz --strip-producers --strip-target-features)

inputs=$(sha256sum <"$wasm" && wasm_bindgen_version && sha256sum <scripts/site/package-lock.json && echo "${OPTIMISE[@]}")
if [ ! -f "$stage.inputs" ] || [ "$inputs" != "$(cat "$stage.inputs")" ]; then
    say "wasm-bindgen and wasm-opt"
    rm -rf "$stage" "$stage.inputs"
    mkdir -p "$stage"
    "$(wasm_bindgen)" --target web --no-typescript --remove-name-section --out-name guxin --out-dir "$stage" "$wasm"
    # Pages ask for guxin.wasm, without the _bg that wasm-bindgen appends (LEPTOS_OUTPUT_NAME in .cargo/config.toml).
    scripts/site/node_modules/.bin/wasm-opt "${OPTIMISE[@]}" "$stage/guxin_bg.wasm" -o "$stage/guxin.wasm"
    rm "$stage/guxin_bg.wasm"
    printf '%s' "$inputs" >"$stage.inputs"
fi
mkdir -p target/site
node scripts/site/assemble.mjs "$ROOT" "$stage" "$ROOT/target/site"
