#!/usr/bin/env bash
# The stories in Chromium, against target/debug/guxin and target/site (build them first: scripts/build.sh dev|tests, scripts/site.sh).
# Without arguments: all of them on SQLite and, where GUXIN_TEST_DATABASE_URL names a PostgreSQL, those tagged @story there too.
# With arguments: one Playwright run with these arguments, e.g. scripts/e2e.sh tests/login.spec.ts --project mobile
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"
source "$ROOT/scripts/stage.sh"

export GUXIN_E2E_BINARY=${GUXIN_E2E_BINARY:-$ROOT/target/debug/guxin}
export GUXIN_SITE_ROOT=${GUXIN_SITE_ROOT:-$ROOT/target/site}
CHROMIUM_PATH=$(chromium)
export CHROMIUM_PATH
cd "$ROOT/end2end"

playwright() {
    local name=$1; shift
    GUXIN_E2E_RESULTS=$RESULTS/$name.json npx --no-install playwright test "$@" </dev/null
}

if [ $# -gt 0 ]; then
    playwright single "$@"
    exit
fi

rm -f "$RESULTS"/browser-*
stage browser-sqlite playwright browser-sqlite
if [ -n "${GUXIN_TEST_DATABASE_URL:-}" ]; then
    # Playwright's server gets a database in the test cluster, and so does every server that a story starts for itself.
    GUXIN_PSQL=$(postgres_bin)/psql
    export GUXIN_PSQL GUXIN_E2E_POSTGRES=$GUXIN_TEST_DATABASE_URL
    "$GUXIN_PSQL" "$GUXIN_TEST_DATABASE_URL" --quiet --command "CREATE DATABASE browser_$$"
    export GUXIN_E2E_DATABASE_URL=${GUXIN_TEST_DATABASE_URL%/*}/browser_$$
    stage browser-postgres playwright browser-postgres --grep @story --project desktop
fi
! grep -qv '^0$' "$RESULTS"/browser-*.status
