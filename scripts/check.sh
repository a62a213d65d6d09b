#!/usr/bin/env bash
# Everything that can be judged without running the product: format, lints on both halves, texts in both languages, licences, types of the browser
# tests, and the house's own rules. Called by `make check` and .ci/run.
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"
source "$ROOT/scripts/stage.sh"
cd "$ROOT"

rm -f "$RESULTS"/check-*

licences() { cargo deny --workspace --offline check bans licenses sources; }

stage check-format cargo fmt --all --check
stage check-clippy cargo clippy --quiet "${NATIVE[@]}" --all-targets -- -D warnings
stage check-clippy-browser cargo clippy --quiet --package frontend --target wasm32-unknown-unknown -- -D warnings
stage check-house scripts/house.sh
stage check-texts node scripts/site/texts.mjs "$ROOT"
# Counted only where it ran: compiling cargo-deny takes longer than everything else here together.
if cargo deny --version >/dev/null 2>&1; then
    stage check-licences licences
else
    say "cargo-deny is not installed, so licences and bans were not checked (cargo install cargo-deny --locked)"
fi
if [ -d end2end/node_modules ]; then
    stage check-types npm --prefix end2end run --silent types
else
    say "end2end's packages are not installed (scripts/setup.sh test), so the types of the browser tests were not checked"
fi
failed=$(cat "$RESULTS"/check-*.status | grep -cv '^0$' || true)
[ "$failed" = 0 ] || fail "$failed of the checks failed"
