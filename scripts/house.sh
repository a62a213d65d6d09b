#!/usr/bin/env bash
# The house's rules that a compiler cannot know. Each finding names the file and the rule; status 1 when there is one.
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"
cd "$ROOT"

findings=0
finding() { echo "$*" >&2; findings=$((findings + 1)); }

# Migrations: the same numbers and names for both databases, so that neither falls behind.
while read -r name; do
    finding "migrations: $name exists for one database only"
done < <(comm -3 <(cd migrations/sqlite 2>/dev/null && ls) <(cd migrations/postgres 2>/dev/null && ls) | tr -d '\t')

# A file is named after a noun of the trade, not after being handy.
while read -r file; do
    finding "$file: name it after what it holds"
done < <(git ls-files | grep -E '(^|/)(utils?|helpers?|common|misc|manager)(\.(rs|ts|mjs|css|sh)|/)' || true)

# Lock files name packages and digests, not a registry's address.
while read -r file; do
    finding "$file: holds \"resolved\" addresses; run npm install there again (.npmrc omits them)"
done < <(git ls-files '*package-lock.json' | xargs -r grep -l '"resolved"' || true)

# The browser's half knows no database and no server.
tree=$(cargo tree --quiet --locked --package frontend --target wasm32-unknown-unknown --edges normal --prefix none)
for crate in sqlx axum tokio backend; do
    ! grep -q "^$crate v" <<<"$tree" || finding "frontend: depends on $crate, which belongs to the server"
done

# Every test in the browser is a stop sign for something: none is switched off or run alone by accident.
while read -r line; do
    finding "$line: a test that is switched off or runs alone"
done < <(git grep -nE '\btest(\.describe)?\.(only|skip|fixme)\(' -- end2end/tests || true)

# Nor is a Rust test: one that does not run shows nothing, and its row in the report says it would.
while read -r line; do
    finding "$line: a test that is switched off"
done < <(git grep -nE '#!?\[(cfg_attr\(.*)?\bignore\b' -- '*.rs' || true)

for script in scripts/*.sh .ci/run; do
    bash -n "$script" || finding "$script: does not parse"
done

[ "$findings" = 0 ] || fail "$findings findings"
