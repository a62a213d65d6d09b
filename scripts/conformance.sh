#!/usr/bin/env bash
# The ledger and the witness against programs that nobody here wrote, over HTTP: aics-tlog, tlog-scales, aics-witness and
# metamorphic-log from PyPI, and the witness suite inside the crate siglog. Each must accept what the product serves and refuse a
# copy in which one byte was changed. Says what ran and, with the reason, what could not; the last line counts.
#
#   scripts/conformance.sh   uses target/debug/guxin, else target/release/guxin (scripts/build.sh dev|release)
#
# Called by `make conformance` and .ci/run.
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"
source "$ROOT/scripts/stage.sh"
cd "$ROOT"

GUXIN=${GUXIN:-$ROOT/target/debug/guxin}
[ -x "$GUXIN" ] || GUXIN=$ROOT/target/release/guxin
[ -x "$GUXIN" ] || fail "there is no target/debug/guxin; build it first: scripts/build.sh dev"
have python3 || fail "python3 is missing: the tools come from PyPI. Debian: apt install python3 python3-venv"
export GUXIN

passed=0 failed=0 missed=()
CONFORMANCE_WORK=$(mktemp -d "${TMPDIR:-/tmp}/guxin-conformance.XXXXXX")
export CONFORMANCE_WORK
started=()
finish() {
    local pid
    for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
    for pid in "${started[@]}"; do wait "$pid" 2>/dev/null || true; done
    rm -rf "$CONFORMANCE_WORK"
}
trap finish EXIT
trap 'exit 130' INT TERM HUP

# ---- running and counting ------------------------------------------------------------------------------------------

# checks COMMAND...: every line "ok …" or "FAILED …" that it prints is one check
checks() {
    local out=$CONFORMANCE_WORK/out status=0
    "$@" >"$out" 2>"$out.err" || status=$?
    sed 's/^/    /' "$out" >&2
    passed=$((passed + $(grep -c '^ok ' "$out" || true)))
    local wrong
    wrong=$(grep -c '^FAILED ' "$out" || true)
    failed=$((failed + wrong))
    if [ "$status" != 0 ] && [ "$wrong" = 0 ]; then
        failed=$((failed + 1))
        printf '    FAILED  %s ended with status %s\n' "$*" "$status" >&2
        tail -5 "$out.err" >&2
    fi
}

# refuses WHAT COMMAND...: it must find something wrong
refuses() {
    local what=$1; shift
    if "$@" >"$CONFORMANCE_WORK/out" 2>&1; then
        failed=$((failed + 1)); printf '    FAILED  %s: nothing was noticed\n' "$what" >&2
    else
        passed=$((passed + 1)); printf '    ok      %s: %s\n' "$what" "$(grep -m1 -E '^(FAILED|WRONG)' "$CONFORMANCE_WORK/out" | cut -c1-150 || true)" >&2
    fi
}

could_not() { missed+=("$1"); say "could not run: $1"; }
# Below the ports of outgoing connections: what asks a server that is not up yet may else connect to itself.
free_port() {
    python3 -c '
import random, socket
while True:
    try:
        with socket.socket() as s:
            s.bind(("127.0.0.1", random.randrange(12000, 32000)))
            print(s.getsockname()[1])
            break
    except OSError:
        pass'
}

# wait_for URL SECONDS
wait_for() {
    local i
    for ((i = 0; i < $2 * 4; i++)); do
        curl --noproxy '*' -sf -o /dev/null "$1" && return
        sleep 0.25
    done
    return 1
}

# ---- tools ---------------------------------------------------------------------------------------------------------

# python_of MAJOR MINOR: some Python at least that new, also where a version manager hides it
python_of() {
    local candidate
    for candidate in python3 $(compgen -c python3. | grep -xE 'python3\.[0-9]+' | sort -ru) "$HOME"/.pyenv/versions/*/bin/python3; do
        candidate=$(command -v "$candidate") || continue
        "$candidate" -c "import sys, venv; sys.exit(sys.version_info < ($1, $2))" >/dev/null 2>&1 && { echo "$candidate"; return; }
    done
    return 1
}

# environment NAME PYTHON PACKAGE...: a virtual environment in the cache with exactly these; prints its python
environment() {
    local folder=$CACHE/conformance/$1 python=$2; shift 2
    if [ "$(cat "$folder/packages" 2>/dev/null)" != "$*" ]; then
        rm -rf "$folder"
        { "$python" -m venv "$folder" && "$folder/bin/pip" install --quiet --disable-pip-version-check "$@"; } >&2 || return 1
        echo "$*" >"$folder/packages"
    fi
    echo "$folder/bin/python"
}

modern='' any=''
if python=$(python_of 3 12); then
    modern=$(environment modern "$python" aics-tlog==0.2.1 tlog-scales==0.0.3 aics-witness==0.1.0) \
        || could_not "aics-tlog, tlog-scales and aics-witness: PyPI did not give them to $python"
else
    could_not "aics-tlog, tlog-scales and aics-witness: they need Python 3.12 or newer, this machine has $(python3 --version)"
fi
any=$(environment any "$(python_of 3 9)" metamorphic-log==0.1.11 pytest==9.2.0 pytest-json-report==1.5.0 requests==2.34.2 cryptography==50.0.2) \
    || could_not "metamorphic-log and siglog's suite: PyPI did not give metamorphic-log, pytest and their like"

# The suite is inside the crate; cargo brings it from the registry, checked against a lock file of its own.
suite=''
mkdir -p "$CONFORMANCE_WORK/crate/src"
printf '[package]\nname = "conformance"\nversion = "0.0.0"\nedition = "2021"\n[dependencies]\nsiglog = "=0.1.0"\n[workspace]\n' >"$CONFORMANCE_WORK/crate/Cargo.toml"
echo 'fn main() {}' >"$CONFORMANCE_WORK/crate/src/main.rs"
if cargo fetch --quiet --manifest-path "$CONFORMANCE_WORK/crate/Cargo.toml" >&2; then
    for folder in "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*/siglog-0.1.0/witness-conformance; do
        [ -d "$folder" ] && suite=$folder
    done
fi
[ -n "$suite" ] || could_not "siglog's suite: the crate siglog 0.1.0 could not be fetched"

# ---- the log -------------------------------------------------------------------------------------------------------

port=$(free_port)
url=http://localhost:$port/ledger
say "serving a log with demonstration data on port $port"
"$GUXIN" serve --demo --data "$CONFORMANCE_WORK/data" --listen "127.0.0.1:$port" --public-url "http://localhost:$port" \
    --log warn >"$CONFORMANCE_WORK/serve.log" 2>&1 &
started+=($!)
wait_for "http://localhost:$port/readyz" 600 || { tail -20 "$CONFORMANCE_WORK/serve.log" >&2; fail "the server did not become ready"; }
curl --noproxy '*' -sf "$url/vkey" >"$CONFORMANCE_WORK/vkey"

# One entry more, by the form that is open to everybody, so that the log has grown while it was served.
size_of() { curl --noproxy '*' -sf "$url/checkpoint" | sed -n 2p; }
seeded=$(size_of)
curl --noproxy '*' -s -o /dev/null -H "Origin: http://localhost:$port" "http://localhost:$port/do/organisation/register" \
    -d kind=enterprise -d name=Conformance -d credit_code=91320106MA1W2X3Y4T -d city=Nanjing -d legal_representative=Somebody \
    -d contact_name=Somebody -d contact_phone=025-86000000 -d person_name=Somebody -d login=conformance@example.com \
    -d 'password=correct horse battery' -d 'again=correct horse battery' -d accept_rules=on
for _ in $(seq 40); do [ "$(size_of)" -gt "$seeded" ] && break; sleep 0.25; done
[ "$(size_of)" -gt "$seeded" ] || fail "the served log did not grow by a registration"

# Three checkpoints that the log released on its way, oldest first.
python3 - "$CONFORMANCE_WORK" <<'PYTHON'
import pathlib, sqlite3, sys
work = pathlib.Path(sys.argv[1])
rows = sqlite3.connect(f"file:{work}/data/guxin.db?mode=ro", uri=True).execute("SELECT size, note FROM ledger_checkpoint WHERE size > 0 ORDER BY size").fetchall()
for place, (size, note) in enumerate(rows[at] for at in sorted({0, len(rows) // 2, len(rows) - 1})):
    (work / f"note.{place}").write_text(note)
PYTHON
notes=("$CONFORMANCE_WORK"/note.*)
say "${#notes[@]} released checkpoints: sizes $(sed -s -n 2p "${notes[@]}" | tr '\n' ' ')"

# Copies in which one byte is not what it was, served as files.
copy() {
    local name=$1 file=$2 offset=$3
    mkdir -p "$CONFORMANCE_WORK/copy/$name"
    cp -r "$CONFORMANCE_WORK/data/objects/ledger" "$CONFORMANCE_WORK/copy/$name/"
    cp "$CONFORMANCE_WORK/vkey" "$CONFORMANCE_WORK/copy/$name/ledger/vkey"
    python3 - "$CONFORMANCE_WORK/copy/$name/ledger" "$file" "$offset" <<'PYTHON'
import pathlib, sys
folder, pattern, offset = pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
for path in [path for path in folder.glob(pattern) if path.is_file()]:
    data = bytearray(path.read_bytes())
    data[offset] ^= 1
    path.write_bytes(data)
PYTHON
}
copy entry 'tile/entries/**/*' 40
copy tile 'tile/0/**/*' 40
copy root 'checkpoint' 30
copies_port=$(free_port)
python3 -m http.server --bind 127.0.0.1 --directory "$CONFORMANCE_WORK/copy" "$copies_port" >/dev/null 2>&1 &
started+=($!)
wait_for "http://localhost:$copies_port/entry/ledger/vkey" 20 || fail "the copies could not be served"

# ---- our own monitor, as the measure of the others -----------------------------------------------------------------

say "guxin ledger audit"
checks bash -c '"$GUXIN" ledger audit "$1" --vkey "$2" 2>/dev/null | sed "s/^/ok      /"' _ "$url" "$CONFORMANCE_WORK/vkey"
for name in entry tile root; do
    refuses "guxin ledger audit, changed $name" "$GUXIN" ledger audit "http://localhost:$copies_port/$name/ledger" --vkey "$CONFORMANCE_WORK/vkey"
done

# ---- readers of the log --------------------------------------------------------------------------------------------

if [ -n "$modern" ]; then
    say "aics-tlog and tlog-scales"
    checks "$modern" scripts/conformance/log.py "$url" "$CONFORMANCE_WORK/vkey" "${notes[@]}"
    for name in entry tile root; do
        refuses "aics-tlog and tlog-scales, changed $name" "$modern" scripts/conformance/log.py "http://localhost:$copies_port/$name/ledger" "$CONFORMANCE_WORK/vkey"
    done
fi
if [ -n "$any" ]; then
    say "metamorphic-log"
    checks "$any" scripts/conformance/notes.py "$url" "$CONFORMANCE_WORK/vkey" "${notes[@]}"
    refuses "metamorphic-log, changed root" "$any" scripts/conformance/notes.py "http://localhost:$copies_port/root/ledger" "$CONFORMANCE_WORK/vkey"
fi

# ---- what docs/VERIFYING.md tells people to type ---------------------------------------------------------------------

if [ -n "$modern" ]; then
    say "the commands of docs/VERIFYING.md that need tools from PyPI"
    typed() {
        local line folder=$CONFORMANCE_WORK/typed
        mkdir -p "$folder"
        while IFS= read -r line; do
            # The tools are here already, in exactly these versions; metamorphic-log in an environment of its own.
            [[ $line == pip\ install\ * ]] && continue
            if (cd "$folder" && NO_PROXY='*' no_proxy='*' PATH="$(dirname "$modern"):$PATH" bash -euo pipefail -c "${line//https:\/\/guxin.example.cn\/ledger/$url}") >"$folder/out" 2>&1; then
                echo "ok      $line"
            else
                echo "FAILED  $line: $(tail -1 "$folder/out")"
            fi
        done < <(sed -n '/^```sh tools$/,/^```$/{/^```/!p}' docs/VERIFYING.md)
    }
    checks typed
else
    could_not "the commands of docs/VERIFYING.md that need aics-tlog and tlog-scales"
fi

# ---- witnesses -----------------------------------------------------------------------------------------------------

if [ -n "$modern" ]; then
    say "aics-witness as a witness of the served log"
    foreign=$CONFORMANCE_WORK/aics-witness
    mkdir -p "$foreign"
    foreign_port=$(free_port)
    aics=$(dirname "$modern")/aics-witness
    (cd "$foreign" && "$aics" init --config witness.json --name witness.example/aics --listen "127.0.0.1:$foreign_port" \
        && "$aics" add-log --config witness.json --origin "$(sed -n 1p "${notes[0]}")" --vkey "$(cat "$CONFORMANCE_WORK/vkey")") >"$foreign/init" 2>&1 \
        || { cat "$foreign/init" >&2; fail "aics-witness could not be set up"; }
    grep -oE 'witness\.example/aics\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+' "$foreign/init" | head -1 >"$foreign/vkey"
    (cd "$foreign" && exec "$aics" serve --config witness.json --log-level WARNING) >"$foreign/log" 2>&1 &
    started+=($!)
    # Straight into the database: the operator's page asks for a second factor, which a script does not have.
    python3 - "$CONFORMANCE_WORK/data/guxin.db" "$(cat "$foreign/vkey")" "http://127.0.0.1:$foreign_port" <<'PYTHON'
import sqlite3, sys, uuid
database, vkey, url = sys.argv[1:]
with sqlite3.connect(database, timeout=30) as db:
    db.execute("INSERT INTO witness (id, name, vkey, url, added_by, added_at) VALUES (?, ?, ?, ?, ?, 0)", (uuid.uuid4().bytes, vkey.split("+")[0], vkey, url, uuid.uuid4().bytes))
    db.execute("UPDATE witness_policy SET threshold = 1, version = version + 1")
PYTHON
    checks "$modern" scripts/conformance/cosign.py foreign-witness "$url" "$CONFORMANCE_WORK/vkey" "$foreign/vkey"
    curl --noproxy '*' -sf "$url/policy" >"$CONFORMANCE_WORK/policy" && curl --noproxy '*' -sf "$url/proof/0.tlog-proof" >"$CONFORMANCE_WORK/0.tlog-proof"
    checks bash -c '"$GUXIN" verify "$1" --policy "$2" >/dev/null && echo "ok      guxin verify --policy counts the line of aics-witness"' _ "$CONFORMANCE_WORK/0.tlog-proof" "$CONFORMANCE_WORK/policy"

    say "guxin witness as a witness of a log that aics-tlog writes"
    ours=$CONFORMANCE_WORK/ours
    mkdir -p "$ours"
    ours_port=$(free_port)
    seed=$(python3 -c 'import secrets; print(secrets.token_hex(32))')
    vkey=$("$modern" -c 'import sys; from aics_tlog.note import format_vkey, vkey_from_ed25519; from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey as K; print(format_vkey(vkey_from_ed25519("conformance.example/log", K.from_private_bytes(bytes.fromhex(sys.argv[1])).public_key())))' "$seed")
    cat >"$ours/witness.toml" <<TOML
name = "witness.example/guxin"
listen = "127.0.0.1:$ours_port"
data = "$ours"
[[log]]
origin = "conformance.example/log"
vkey = "$vkey"
TOML
    "$GUXIN" witness key --config "$ours/witness.toml" >"$ours/vkey"
    "$GUXIN" witness serve --config "$ours/witness.toml" --log warn >"$ours/log" 2>&1 &
    started+=($!)
    wait_for "http://127.0.0.1:$ours_port/healthz" 20 || { cat "$ours/log" >&2; fail "guxin witness did not start"; }
    checks "$modern" scripts/conformance/cosign.py foreign-log "http://127.0.0.1:$ours_port" "$ours/vkey" "$seed"
fi

if [ -n "$any" ] && [ -n "$suite" ]; then
    say "siglog's witness suite against guxin witness"
    cp -r "$suite" "$CONFORMANCE_WORK/suite"
    # One case wants 422 for an equal size with another root, as drafts after v1.0.0 say; v1.0.0 says 409, which is what is sent.
    draft='test/test_witness.py::test_witness_conformance[same_size_different_root_fail]'
    suite_run() { (cd "$CONFORMANCE_WORK/suite" && "$any" -m pytest --rootdir=. --entrypoint="$ROOT/scripts/conformance/entrypoint.sh" --port="$(free_port)" -p no:cacheprovider "$@"); }
    suite_checks() { suite_run --deselect="$draft" test | sed -nE 's/^(test\S+) PASSED.*/ok      siglog: \1/p; s/^(test\S+) (FAILED|ERROR).*/FAILED  siglog: \1/p'; }
    checks suite_checks
    draft_check() {
        suite_run "$draft" >"$CONFORMANCE_WORK/draft" || true # it fails, and has to for this reason
        grep -q 'expected status 422 but got 409' "$CONFORMANCE_WORK/draft" && echo "ok      siglog: the case of a later draft (422) is refused with the 409 of v1.0.0"
    }
    checks draft_check
fi

# --------------------------------------------------------------------------------------------------------------------

for reason in "${missed[@]}"; do say "did not run: $reason"; done
[ "$passed" -gt 0 ] || failed=$((failed + 1))
# In the words of cargo test, which the tally reads.
printf 'test result: conformance. %s passed; %s failed;\n' "$passed" "$failed" | tee "$RESULTS/conformance.log"
[ "$failed" = 0 ]
