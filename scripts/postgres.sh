#!/usr/bin/env bash
# A private PostgreSQL for tests: its own directory, a free port on loopback, a password of its own, no durability.
#
#   scripts/postgres.sh start DIR   creates the cluster in DIR (new or empty) and prints its URL; the user may create databases
#   scripts/postgres.sh stop DIR    stops it and removes DIR
#
# PostgreSQL refuses to run as root; started by root, the cluster runs as `postgres` or, without such a user, as `nobody`.
# Never for real data: fsync is off.
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

command=${1:-} directory=${2:-}
[ -n "$directory" ] || fail "usage: scripts/postgres.sh start|stop DIR"
mkdir -p "$directory"
directory=$(cd "$directory" && pwd)
bin=$(postgres_bin)
[ -n "$bin" ] || fail "PostgreSQL's server programs were not found: run scripts/setup.sh test, or set GUXIN_TEST_POSTGRES_BIN"

# Runs a program as the user who owns the cluster, in a directory that user can enter.
as_owner() {
    cd "$directory"
    if [ "$(id -u)" = 0 ]; then runuser -u "$(stat -c %U "$directory")" -- "$@"; else "$@"; fi
}

start() {
    [ -z "$(ls -A "$directory")" ] || fail "$directory is not empty"
    # A socket's path has 107 bytes; ".s.PGSQL.12345.lock" is part of it.
    [ ${#directory} -le 80 ] || fail "$directory is too long for a unix socket: choose a shorter one"
    if [ "$(id -u)" = 0 ]; then
        chown "$(id -un postgres 2>/dev/null || echo nobody)" "$directory"
        as_owner test -w "$directory" || fail "the database user cannot enter $directory: choose a directory under /tmp"
    fi
    chmod 700 "$directory"

    local password port attempt
    password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    printf '%s\n' "$password" >"$directory/password"
    chown "$(stat -c %U "$directory")" "$directory/password"
    # C.UTF-8 sorts by code point, as SQLite does: the same list in the same order on both databases.
    as_owner "$bin/initdb" --pgdata=data --username=guxin --pwfile=password \
        --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 --no-sync >"$directory/initdb.log" 2>&1 \
        || { cat "$directory/initdb.log" >&2; fail "initdb failed"; }
    cat >>"$directory/data/postgresql.conf" <<-SETTINGS
		listen_addresses = '127.0.0.1'
		unix_socket_directories = '$directory'
		max_connections = 300
		shared_buffers = 128MB
		fsync = off
		synchronous_commit = off
		full_page_writes = off
		timezone = 'UTC'
	SETTINGS
    for attempt in 1 2 3 4 5 6 7 8; do
        port=$(shuf -i 20000-32000 -n 1)
        if as_owner "$bin/pg_ctl" --pgdata=data --log=server.log --wait --silent --options="-p $port" start >/dev/null 2>&1; then
            echo "postgres://guxin:$password@127.0.0.1:$port/postgres"
            return
        fi
    done
    cat "$directory/server.log" >&2
    fail "PostgreSQL did not start after $attempt attempts"
}

stop() {
    if [ -f "$directory/data/postmaster.pid" ]; then
        as_owner "$bin/pg_ctl" --pgdata=data --wait --silent --mode=immediate stop >/dev/null
    fi
    rm -rf "$directory"
}

case $command in
    start) start ;;
    stop) stop ;;
    *) fail "usage: scripts/postgres.sh start|stop DIR" ;;
esac
