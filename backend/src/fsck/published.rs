//! The published ledger from its entries upwards, and the outbox beside it, 256 entries at a time.
//!
//! The tree is rebuilt from the entry bundles and every stored tile compared with the rebuilt one. Where a bundle, its
//! leaf hashes and the outbox disagree, two against one decide which is named, and the rebuilding goes on with what the
//! leaf hashes say, so that one changed byte is one finding and not a landslide.

use std::collections::VecDeque;

use bytes::Bytes;
use ledger::{
    Hash, Tile, Tree, bundle,
    checkpoint::Checkpoint,
    entry::MAX_ENTRY_BYTES,
    merkle::leaf_hash,
    tile::{FULL_WIDTH, Rank},
};

use super::{Check, Run};
use crate::{
    args,
    cx::Cx,
    error::{Error, Result},
    sql::statements,
};

/// Checkpoints that are read at a time.
const PAGE: i64 = 1_000;

#[derive(sqlx::FromRow)]
struct OutboxRow {
    seq: i64,
    leaf_index: i64,
    entry: Vec<u8>,
    leaf_hash: Vec<u8>,
    anchored_at: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct CheckpointRow {
    size: i64,
    root: Vec<u8>,
    note: String,
}

/// Checks [`Check::Entries`], [`Check::Tiles`], [`Check::Checkpoints`] and the sequenced part of [`Check::Outbox`].
pub(super) async fn check(cx: &Cx, run: &mut Run<'_>, head: &Checkpoint) -> Result<()> {
    let mut rebuilt = Rebuilt { tree: Tree::empty(), sure: true };
    let mut released = Released::new();
    released.check_up_to(cx, run, head, &rebuilt, 0).await?;
    for index in 0..head.size.div_ceil(u64::from(FULL_WIDTH)) {
        let rows = outbox(cx, run, index, head.size).await?;
        let entries = entries(cx, run, index, head.size, &rows, &mut rebuilt.sure).await?;
        let mut rest = entries.as_slice();
        while !rest.is_empty() {
            // A root is only known while the tree has just that size: stop at every released one.
            let until = released.next(cx, rebuilt.tree.size()).await?.unwrap_or(u64::MAX);
            let count = usize::try_from(until - rebuilt.tree.size()).unwrap_or(usize::MAX).min(rest.len());
            let (now, later) = rest.split_at(count);
            let growth = rebuilt.tree.append(now).map_err(Error::internal)?;
            rebuilt.tree = growth.tree;
            for (tile, bytes) in growth.tiles {
                let last = Tile::at(tile.rank(), tile.index(), head.size) == Some(tile);
                if last && matches!(tile.rank(), Rank::Level(_)) {
                    compare(cx, run, &tile, &bytes, rebuilt.sure).await?;
                }
            }
            let size = rebuilt.tree.size();
            released.check_up_to(cx, run, head, &rebuilt, size).await?;
            rest = later;
        }
        run.progress(Check::Entries, rebuilt.tree.size(), head.size);
    }
    if rebuilt.sure && rebuilt.tree.root() != head.root {
        run.wrong(Check::Tiles, &"ledger/checkpoint", &"the entries do not lead to the signed root");
    }
    Ok(())
}

/// The tree as the entries give it.
struct Rebuilt {
    tree: Tree,
    /// False once an entry could not be established: roots above it say nothing more.
    sure: bool,
}

/// The outbox rows of one bundle; every index must have one, anchored and unchanged.
async fn outbox(cx: &Cx, run: &mut Run<'_>, index: u64, size: u64) -> Result<Vec<Option<OutboxRow>>> {
    let first = index * u64::from(FULL_WIDTH);
    let end = size.min(first + u64::from(FULL_WIDTH));
    let bound = |at: u64| i64::try_from(at).map_err(Error::internal);
    let rows: Vec<OutboxRow> = cx.db.read().all(OUTBOX, args![bound(first)?, bound(end)?]).await?;
    run.examined(Check::Outbox, end - first);
    let mut rows = VecDeque::from(rows);
    let mut out = Vec::new();
    for at in first..end {
        let row = rows.pop_front_if(|row| u64::try_from(row.leaf_index) == Ok(at));
        match &row {
            None => {
                run.wrong(Check::Outbox, &format!("entry {at}"), &"is on the ledger without an outbox row");
            }
            Some(row) if leaf_hash(&row.entry).0.as_slice() != row.leaf_hash => {
                run.wrong(
                    Check::Outbox,
                    &format!("outbox row {}", row.seq),
                    &"its entry has another hash than it says",
                );
            }
            Some(row) if row.anchored_at.is_none() => {
                run.wrong(
                    Check::Outbox,
                    &format!("outbox row {}", row.seq),
                    &"is released, but not marked as anchored",
                );
            }
            Some(_) => {}
        }
        out.push(row);
    }
    Ok(out)
}

/// The entries of one bundle as the leaf hashes have them.
async fn entries(
    cx: &Cx,
    run: &mut Run<'_>,
    index: u64,
    size: u64,
    rows: &[Option<OutboxRow>],
    sure: &mut bool,
) -> Result<Vec<Vec<u8>>> {
    let place =
        |rank| Tile::at(rank, index, size).ok_or_else(|| Error::internal(anyhow::anyhow!("an empty tile")));
    let (bundle_tile, leaf_tile) = (place(Rank::Entries)?, place(Rank::Level(0))?);
    let stored = read(cx, run, Check::Entries, &bundle_tile).await?;
    let leaves = read(cx, run, Check::Tiles, &leaf_tile).await?;
    let published = match stored.as_deref().map(bundle::entries) {
        Some(Ok(entries)) if entries.len() == rows.len() => entries,
        Some(_) => {
            run.wrong(Check::Entries, &bundle_tile, &format!("is not a bundle of {} entries", rows.len()));
            Vec::new()
        }
        None => Vec::new(),
    };
    let leaves: Vec<[u8; 32]> =
        leaves.as_deref().map(|bytes| bytes.as_chunks::<32>().0.to_vec()).unwrap_or_default();
    let mut out = Vec::with_capacity(rows.len());
    for (at, row) in rows.iter().enumerate() {
        let number = index * u64::from(FULL_WIDTH) + at as u64;
        let entry = published.get(at).copied();
        let kept = row.as_ref().map(|row| row.entry.as_slice());
        let leaf = leaves.get(at).copied().map(Hash);
        let fits = |bytes: Option<&[u8]>| leaf.is_some() && bytes.map(leaf_hash) == leaf;
        run.examined(Check::Entries, 1);
        let taken = if fits(entry) {
            if kept.is_some() && kept != entry {
                let seq = row.as_ref().map_or(0, |row| row.seq);
                run.wrong(
                    Check::Outbox,
                    &format!("outbox row {seq}"),
                    &format!("is not what the ledger has as entry {number}"),
                );
            }
            entry
        } else if fits(kept) {
            if entry.is_some() {
                let what = format!("{bundle_tile} does not have what was hashed; the outbox still does");
                run.wrong(Check::Entries, &format!("entry {number}"), &what);
            }
            kept
        } else if entry.is_some() && entry == kept {
            // Bundle and outbox agree: it is the tile, which comparing it with the rebuilt one reports.
            entry
        } else {
            run.wrong(
                Check::Entries,
                &format!("entry {number}"),
                &"bundle, leaf hash and outbox do not fit together",
            );
            *sure = false;
            // No row that was made too long may end the check: it can only be the outbox's, a bundle has no room for it.
            entry.or(kept).filter(|bytes| bytes.len() <= MAX_ENTRY_BYTES)
        };
        out.push(taken.unwrap_or_default().to_vec());
    }
    Ok(out)
}

/// A tile from the store; a missing one is a finding.
async fn read(cx: &Cx, run: &mut Run<'_>, check: Check, tile: &Tile) -> Result<Option<Bytes>> {
    match cx.ledger.stored(tile).await {
        Ok(bytes) => Ok(Some(bytes)),
        Err(Error::NotFound) => {
            run.wrong(check, &tile, &"is missing");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Compares a stored tile with the rebuilt one and names the first hash that differs.
async fn compare(cx: &Cx, run: &mut Run<'_>, tile: &Tile, rebuilt: &[u8], sure: bool) -> Result<()> {
    run.examined(Check::Tiles, 1);
    let stored = match cx.ledger.stored(tile).await {
        Ok(stored) => stored,
        // Level 0 was missed when its bundle was read.
        Err(Error::NotFound) if tile.rank() == Rank::Level(0) => return Ok(()),
        Err(Error::NotFound) => {
            run.wrong(Check::Tiles, &tile, &"is missing");
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    if !sure || stored == rebuilt {
        return Ok(());
    }
    let at = stored.iter().zip(rebuilt).position(|(a, b)| a != b).map(|byte| byte / 32);
    let what = match (at, tile.rank()) {
        (Some(at), Rank::Level(0)) => {
            format!(
                "its hash of entry {} is not that entry's",
                tile.index() * u64::from(FULL_WIDTH) + at as u64
            )
        }
        (Some(at), _) => format!("its hash {at} is not that of the tile below"),
        (None, _) => format!("has {} bytes instead of {}", stored.len(), rebuilt.len()),
    };
    run.wrong(Check::Tiles, &tile, &what);
    Ok(())
}

/// The released checkpoints in order of size, a page at a time.
struct Released {
    ahead: VecDeque<CheckpointRow>,
    read: i64,
    over: bool,
}

impl Released {
    fn new() -> Self {
        Self { ahead: VecDeque::new(), read: -1, over: false }
    }

    /// Size of the next checkpoint above `size`.
    async fn next(&mut self, cx: &Cx, size: u64) -> Result<Option<u64>> {
        if self.ahead.is_empty() && !self.over {
            let page: Vec<CheckpointRow> = cx.db.read().all(CHECKPOINTS, args![self.read, PAGE]).await?;
            self.over = page.is_empty();
            self.read = page.last().map_or(self.read, |row| row.size);
            self.ahead = page.into();
        }
        Ok(self.ahead.front().and_then(|row| u64::try_from(row.size).ok()).map(|next| next.max(size + 1)))
    }

    /// Checks the checkpoints of exactly this size against the rebuilt tree.
    async fn check_up_to(
        &mut self,
        cx: &Cx,
        run: &mut Run<'_>,
        head: &Checkpoint,
        rebuilt: &Rebuilt,
        size: u64,
    ) -> Result<()> {
        self.next(cx, size).await?;
        while let Some(row) =
            self.ahead.pop_front_if(|row| u64::try_from(row.size).is_ok_and(|at| at <= size))
        {
            run.examined(Check::Checkpoints, 1);
            let place = format!("checkpoint of size {}", row.size);
            match cx.ledger.keys().open(&row.note, &[]) {
                Err(error) => run.wrong(Check::Checkpoints, &place, &error),
                Ok(opened) => {
                    let signed = opened.checkpoint;
                    if signed.origin != head.origin || signed.size != size || signed.root.0 != *row.root {
                        run.wrong(Check::Checkpoints, &place, &"the row does not say what was signed");
                    } else if rebuilt.sure && signed.root != rebuilt.tree.root() {
                        run.wrong(
                            Check::Checkpoints,
                            &place,
                            &"its root is not that of the log's first entries",
                        );
                    }
                }
            }
            self.next(cx, size).await?;
        }
        Ok(())
    }
}

statements! {
    OUTBOX = "SELECT seq, leaf_index, entry, leaf_hash, anchored_at FROM outbox
        WHERE leaf_index >= $1 AND leaf_index < $2 ORDER BY leaf_index";
    CHECKPOINTS = "SELECT size, root, note FROM ledger_checkpoint WHERE size > $1 ORDER BY size LIMIT $2";
}
