"""Witnesses of two makes: aics-witness cosigns the served log, and `guxin witness` cosigns a log that aics-tlog wrote.

Called by scripts/conformance.sh: cosign.py foreign-witness URL VKEY-FILE WITNESS-VKEY-FILE
                                  cosign.py foreign-log WITNESS-URL WITNESS-VKEY-FILE KEY-SEED-HEX
Python 3.12 or newer, aics-tlog, aics-witness. Prints one line per check; status 1 when one failed.
"""

import sys
import time
from pathlib import Path

from aics_tlog.checkpoint import Checkpoint, checkpoint_from_note, sign_checkpoint, verify_checkpoint
from aics_tlog.note import parse_note, parse_vkey
from aics_tlog.remote import HttpTileReader
from aics_tlog.tree import MerkleTree
from aics_witness.feeder import WitnessClient, merge_cosignatures
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ORIGIN = "conformance.example/log"


def foreign_witness(url, vkey_file, witness_vkey_file):
    key = parse_vkey(Path(vkey_file).read_text().strip())
    witness = parse_vkey(Path(witness_vkey_file).read_text().strip())
    error = "nothing was published"
    for _ in range(60):
        _, note = checkpoint_from_note(HttpTileReader(url, proxies={}).read_checkpoint())
        result = verify_checkpoint(note, key, [witness], quorum=1, expected_origin=key.name)
        if result.ok:
            print(f"ok      aics-witness cosigned the served log, aics-tlog counts its line: {witness.name}")
            return 0
        error = result.error
        time.sleep(0.5)
    print(f"FAILED  aics-witness did not cosign the served log: {error}")
    return 1


def foreign_log(url, witness_vkey_file, seed):
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed))
    vkey = Path(witness_vkey_file).read_text().strip()
    client = WitnessClient(url, vkey)
    failed = 0

    def note_of(name, size):
        tree = MerkleTree([f"{name} {index}".encode() for index in range(size)])
        return tree, sign_checkpoint(Checkpoint(ORIGIN, size, tree.root()), key, ORIGIN).serialise()

    def proof(tree):
        return lambda old, new: tree.consistency_proof(old, new) if old else []

    for size in (1, 2, 7, 256, 700):
        tree, note = note_of("honest", size)
        try:
            line = client.submit(note, proof(tree))
            parse_note(merge_cosignatures(note, line))
            print(f"ok      guxin witness cosigned a log of aics-tlog at size {size}")
        except Exception as error:
            failed += 1
            print(f"FAILED  guxin witness, a log of aics-tlog at size {size}: {type(error).__name__}: {error}")
    for size in (701, 700):
        tree, note = note_of("another history", size)
        try:
            client.submit(note, proof(tree))
            failed += 1
            print(f"FAILED  guxin witness cosigned another history at size {size}")
        except Exception as error:
            print(f"ok      guxin witness refused another history at size {size}: {error}")
    return 1 if failed else 0


if __name__ == "__main__":
    command, *rest = sys.argv[1:]
    sys.exit({"foreign-witness": foreign_witness, "foreign-log": foreign_log}[command](*rest))
