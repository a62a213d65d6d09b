#!/usr/bin/env bash
# Builds the server and leaves it in the project: target/release/guxin or target/debug/guxin.
#
#   scripts/build.sh release|dev|tests     tests: dev, exactly as the tests build it, so that they share every dependency
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"
cd "$ROOT"

case ${1:-} in
    release) folder=release; cargo build "${NATIVE[@]}" --bins --release ;;
    dev) folder=debug; cargo build "${NATIVE[@]}" --bins ;;
    # The test crates' own dependencies switch on features in shared ones; asked for together nothing is compiled twice.
    tests) folder=debug; cargo build "${NATIVE[@]}" --bins --tests ;;
    *) fail "usage: scripts/build.sh release|dev|tests" ;;
esac

built=$CARGO_TARGET_DIR/$folder/guxin
[ -x "$built" ] || fail "cargo built no $built"
if ! [ "$built" -ef "target/$folder/guxin" ] && ! cmp -s "$built" "target/$folder/guxin"; then
    mkdir -p "target/$folder"
    # Beside and renamed: a server that is running keeps the file it started from.
    cp "$built" "target/$folder/guxin.new"
    mv "target/$folder/guxin.new" "target/$folder/guxin"
fi
say "target/$folder/guxin is up to date"
