"""The served log, read with aics-tlog and tlog-scales: programs of other people that know nothing of this one.

Called by scripts/conformance.sh: log.py URL VKEY-FILE NOTE...   (Python 3.12 or newer, aics-tlog, tlog-scales)
Every NOTE is a file with a checkpoint that the log released at some size. Prints one line per check; status 1 when one failed.
"""

import random
import sys
from pathlib import Path

from aics_tlog.checkpoint import checkpoint_from_note, verify_checkpoint
from aics_tlog.note import parse_vkey
from aics_tlog.remote import HttpTileReader
from aics_tlog.verified import VerifiedTileReader, audit_tiles
from tlog_scales import backend, tiles
from tlog_scales.reader import TilesReader

INDICES = 200


def main(url: str, vkey_file: str, notes: list[str]) -> int:
    key = parse_vkey(Path(vkey_file).read_text().strip())
    failed = 0

    def check(what, run):
        nonlocal failed
        try:
            print(f"ok      {what}: {run()}")
        except Exception as error:  # whatever a tool says about a log that is not right
            failed += 1
            print(f"FAILED  {what}: {type(error).__name__}: {error}")

    reader = HttpTileReader(url, proxies={})
    published, note = checkpoint_from_note(reader.read_checkpoint())

    def signed(note, checkpoint):
        result = verify_checkpoint(note, key, expected_origin=key.name)
        if not result.log_ok:
            raise ValueError(result.error)
        return f"size {checkpoint.size}"

    check("aics-tlog: the published checkpoint", lambda: signed(note, published))
    for path in notes:
        checkpoint, older = checkpoint_from_note(Path(path).read_bytes())
        check("aics-tlog: a released checkpoint", lambda: signed(older, checkpoint))

        def included():
            proven = VerifiedTileReader(reader, checkpoint.size, checkpoint.root, tile_size=published.size)
            drawn = [random.randrange(checkpoint.size) for _ in range(INDICES)]
            for index in drawn:
                proven.entry(index)
            return f"{INDICES} random entries of {checkpoint.size}"

        check("aics-tlog: inclusion", included)
    check("aics-tlog: full audit", lambda: audit_tiles(HttpTileReader(url, proxies={}), published.size, published.root))

    def scaled():
        log = TilesReader(backend.make_backend(url))
        checkpoint = log.get_checkpoint()
        if log.calculate_root_hash() != checkpoint.root_hash:
            raise ValueError("the tiles do not lead to the root")
        for _ in range(INDICES):
            index = random.randrange(checkpoint.size)
            proof = log.get_inclusion_proof(index, checkpoint.size)
            proof.check(tiles.leaf_hash(log.get_entry(index)), checkpoint.root_hash)
        return f"{INDICES} random entries of {checkpoint.size}"

    check("tlog-scales: inclusion", scaled)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
