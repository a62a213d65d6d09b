#!/usr/bin/env bash
# Faults at every place of a submission and its sequencing (server/tests/it/kill/faults.rs), each followed by the invariants of
# docs/SECURITY.md. A whole run puts its table into docs/RELIABILITY.md.
#
#   scripts/faults.sh          every kind
#   ONLY=power-sync scripts/faults.sh
#   STEP=5 scripts/faults.sh   every fifth place
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"
cd "$ROOT"

mkdir -p target/faults
rm -f target/faults/faults.json
export GUXIN_FAULTS=${ONLY:-all} GUXIN_FAULTS_STEP=${STEP:-1} GUXIN_FAULTS_RESULTS=$ROOT/target/faults/faults.json
# The test wants no database of its own; the others in its binary are not run.
cargo nextest run "${NATIVE[@]}" --profile faults -E 'test(=kill::faults::a_fault_at_any_place_loses_nothing)'
cat target/faults/faults.json
if [ "$GUXIN_FAULTS" = all ]; then
    node scripts/figures.mjs machine "${TMPDIR:-/tmp}" >target/faults/machine.json
    node scripts/figures.mjs write target/faults docs/RELIABILITY.md machine faults
    say "docs/RELIABILITY.md has the table"
fi
