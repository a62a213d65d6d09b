#!/usr/bin/env bash
# Every test there is: Rust tests on SQLite and on a private PostgreSQL, examples in the documentation, the stories in Chromium.
# Ends with the tally; status 1 when anything failed. Called by `make test` and .ci/run.
#
#   scripts/test.sh          everything
#   scripts/test.sh rust     without the browser
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"
source "$ROOT/scripts/stage.sh"
cd "$ROOT"

rm -f "$RESULTS"/{texts,rust,doc,site,server,browser}*

cluster=$(mktemp -d "${TMPDIR:-/tmp}/guxin-postgres.XXXXXX")
trap '"$ROOT/scripts/postgres.sh" stop "$cluster"' EXIT
trap 'exit 130' INT TERM HUP
GUXIN_TEST_DATABASE_URL=$("$ROOT/scripts/postgres.sh" start "$cluster")
GUXIN_TEST_POSTGRES_BIN=$(postgres_bin)
export GUXIN_TEST_DATABASE_URL GUXIN_TEST_POSTGRES_BIN
# Tests wait for the disk and for each other's servers more than for a core.
export NEXTEST_TEST_THREADS=${NEXTEST_TEST_THREADS:-$(($(nproc) * 2))}
# A snapshot that differs is a failure, not a file to accept later.
export INSTA_UPDATE=no

rust_tests() {
    local status=0
    rm -f target/nextest/default/results.xml
    cargo nextest run "${NATIVE[@]}" || status=$?
    [ ! -f target/nextest/default/results.xml ] || cp target/nextest/default/results.xml "$RESULTS/rust.xml"
    return "$status"
}

# nextest does not run the examples in doc comments; asked only of crates that have some, as each crate costs a link.
examples=$(git grep -lE '^\s*//[/!] ```' -- '*/src/*.rs' | grep -v ^frontend/ | cut -d/ -f1 | sort -u | sed 's/^/--package=/' || true)
doc_tests() { cargo test $examples --doc --no-fail-fast 2>&1 | tee "$RESULTS/doc.log" >&2; }

stage texts node scripts/site/texts.mjs "$ROOT"
stage rust rust_tests
[ -z "$examples" ] || stage doc doc_tests
if [ "${1:-}" != rust ]; then
    stage server scripts/build.sh tests
    stage site scripts/site.sh
    scripts/e2e.sh || true # its stages are in the tally
fi
tally
