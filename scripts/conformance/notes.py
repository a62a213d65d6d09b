"""Checkpoints and proofs of the served log, checked with metamorphic-log (Rust, somebody else's, behind a Python module).

Called by scripts/conformance.sh: notes.py URL VKEY-FILE OLDER-NOTE...   (any Python 3 with metamorphic-log 0.1.11)
Prints one line per check; status 1 when one failed.
"""

import base64
import hashlib
import random
import sys
import urllib.request
from pathlib import Path

import metamorphic_log as log

PROOFS = 40


def get(url: str) -> bytes:
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=20) as answer:
        return answer.read()


def root(leaves):
    if len(leaves) == 1:
        return leaves[0]
    middle = 1 << ((len(leaves) - 1).bit_length() - 1)
    return hashlib.sha256(b"\x01" + root(leaves[:middle]) + root(leaves[middle:])).digest()


def consistency(old, leaves, whole=True):
    """PROOF of RFC 6962 section 2.1.2, from the leaf hashes that the log serves."""
    if old == len(leaves):
        return [] if whole else [root(leaves)]
    middle = 1 << ((len(leaves) - 1).bit_length() - 1)
    if old <= middle:
        return consistency(old, leaves[:middle], whole) + [root(leaves[middle:])]
    return consistency(old - middle, leaves[middle:], False) + [root(leaves[:middle])]


def leaf_hashes(url, size):
    """Level 0 of the tiles of a tree below 256,000 leaves."""
    read = b""
    for index in range(0, size, 256):
        width = min(256, size - index)
        read += get(f"{url}/tile/0/{index // 256:03}" + ("" if width == 256 else f".p/{width}"))
    return [read[at:at + 32] for at in range(0, len(read), 32)]


def main(url: str, vkey_file: str, older: list[str]) -> int:
    vkey = Path(vkey_file).read_text().strip()
    failed = 0

    def check(what, run):
        nonlocal failed
        try:
            print(f"ok      metamorphic-log: {what}: {run()}")
        except Exception as error:
            failed += 1
            print(f"FAILED  metamorphic-log: {what}: {type(error).__name__}: {error}")

    text = get(f"{url}/checkpoint").decode()
    size = int(text.split("\n")[1])
    check("the checkpoint's note", lambda: f"{log.verify_signed_note(text, [vkey])} signature")
    check("the checkpoint", lambda: f"size {log.checkpoint_verify(text, [vkey]).size}")

    def included():
        for index in (random.randrange(size) for _ in range(PROOFS)):
            head, note = get(f"{url}/proof/{index}.tlog-proof").decode().split("\n\n", 1)
            lines = head.split("\n")
            entry = base64.b64decode(lines[1].removeprefix("extra "))
            hashes = [base64.b64decode(line) for line in lines[3:]]
            leaf = hashlib.sha256(b"\x00" + entry).digest()
            log.checkpoint_verify_inclusion(note, [vkey], index, leaf, hashes)
        return f"{PROOFS} random proofs"

    check("inclusion", included)
    leaves = leaf_hashes(url, size)
    for path in older:
        before = Path(path).read_text()
        at = int(before.split("\n")[1])
        proof = consistency(at, leaves) if at < size else []
        check("consistency", lambda: log.checkpoint_verify_consistency(before, text, [vkey], proof) or f"{at} to {size}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
