#!/usr/bin/env bash
# Every benchmark, in release mode, one after the other. What they measure and how to read it: docs/PERFORMANCE.md.
# Results are left in target/bench, one JSON file each and one about the machine.
#
#   scripts/bench.sh [--write] [NAME…]     --write: put the figures into docs/PERFORMANCE.md, too
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"
cd "$ROOT"

write=
[ "${1:-}" != --write ] || { write=yes; shift; }
mapfile -t all < <(git ls-files ':(glob)*/benches/*.rs' | sed 's,.*/,,; s,\.rs$,,' | sort)
[ ${#all[@]} != 0 ] || fail "there is no benchmark in the workspace"
names=("$@")
[ ${#names[@]} != 0 ] || names=("${all[@]}")
selected=()
for name in "${names[@]}"; do
    [[ " ${all[*]} " == *" $name "* ]] || fail "there is no benchmark $name; there are: ${all[*]}"
    selected+=(--bench "$name")
done

# Compiled together, so that nothing compiles while something is measured.
cargo bench "${NATIVE[@]}" "${selected[@]}" --no-run
mkdir -p target/bench
node scripts/figures.mjs machine "$CARGO_TARGET_DIR" >target/bench/machine.json
for name in "${names[@]}"; do
    say "measuring: $name"
    cargo bench --quiet "${NATIVE[@]}" --bench "$name" >"target/bench/$name.json.new"
    mv "target/bench/$name.json.new" "target/bench/$name.json"
    cat "target/bench/$name.json"
done
[ -z "$write" ] || node scripts/figures.mjs write target/bench docs/PERFORMANCE.md machine "${names[@]}"
