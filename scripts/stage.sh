# shellcheck shell=bash
# Sourced by the scripts that run several things and report at the end. Every stage runs even when one before it failed, and
# leaves its exit status (and whatever it counted) in target/test-results, where scripts/tally.mjs adds it all up.

RESULTS=$ROOT/target/test-results
mkdir -p "$RESULTS"

# stage NAME COMMAND...
stage() {
    local name=$1 status=0 began=$SECONDS; shift
    say "$name"
    "$@" || status=$?
    echo "$status" >"$RESULTS/$name.status"
    if [ "$status" = 0 ]; then say "$name: good ($((SECONDS - began)) s)"
    else printf '\033[1;31m==> %s: failed with status %s (%s s)\033[0m\n' "$name" "$status" "$((SECONDS - began))" >&2; fi
}

# The last line on standard output is "N passed, N failed"; the status is 1 when anything failed.
tally() { node "$ROOT/scripts/tally.mjs" "$RESULTS"; }
