#!/usr/bin/env bash
# How long a filing takes (end2end/measure): a scripted person on the real pages of the release build. The last line is one JSON
# object with every figure. Environment: RUNS (30), PACK and TRUTH (a folder of documents and its truth file), CONTROL=0.
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"
export GUXIN_E2E_FROM=$PWD GUXIN_SITE_ROOT=$ROOT/target/site GUXIN_E2E_BINARY=${GUXIN_E2E_BINARY:-$ROOT/target/release/guxin}
CHROMIUM_PATH=$(chromium)
export CHROMIUM_PATH
cd "$ROOT/end2end"
output=$(mktemp)
trap 'rm -f "$output"' EXIT
status=0
npx --no-install playwright test --config measure/playwright.config.ts 2>&1 </dev/null | tee "$output" | grep -v '^RESULT ' >&2 || status=$?
result=$(sed -n 's/^RESULT //p' "$output" | tail -n 1)
[ -n "$result" ] || fail "the measurement did not come to its end (status $status)"
printf '%s\n' "$result"
