#!/usr/bin/env bash
# Gives `guxin witness serve` the command line that siglog's suite starts a witness with: --database-url URL --listen ADDRESS
# --private-key PRIVATE+KEY+name+id+base64 --log origin=vkey. GUXIN and CONFORMANCE_WORK are set by scripts/conformance.sh.
set -euo pipefail

while [ $# -gt 0 ]; do
    case $1 in
        --listen) listen=$2 ;;
        --private-key) private=$2 ;;
        --log) log=$2 ;;
        --database-url) ;; # every start has a folder of its own, which is what the suite wants of its databases
        *) echo "unknown option $1" >&2; exit 2 ;;
    esac
    shift 2
done

folder=$(mktemp -d "$CONFORMANCE_WORK/witness.XXXXXX")
rest=${private#PRIVATE+KEY+}
seed=${rest#*+*+}
(umask 077; printf '%s' "$seed" | base64 -d | tail -c 32 | od -An -v -tx1 | tr -d ' \n' >"$folder/witness.key")
cat >"$folder/witness.toml" <<TOML
name = "${rest%%+*}"
listen = "$listen"
data = "$folder"
[[log]]
origin = "${log%%=*}"
vkey = "${log#*=}"
TOML
exec "$GUXIN" witness serve --config "$folder/witness.toml" --log warn
