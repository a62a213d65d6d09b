//! The ledger's head in the sequencer's hands: loaded from the database, grown batch by batch, released. The module
//! above says why the steps come in this order; nobody else calls this.

use std::collections::BTreeMap;

use futures::{StreamExt, TryStreamExt, stream};
use ledger::{Hash, Tile, Tree, checkpoint::Checkpoint, merkle, tile};

use crate::{
    args,
    cx::Cx,
    error::{Error, Result},
    faults::Point,
    key_change,
    sql::statements,
    witness,
};

/// Tiles that are written side by side.
const ABREAST: usize = 8;

/// The head as this sequencer believes it to be; the compare-and-swap finds out if it is not.
pub(super) struct Head {
    epoch: i64,
    tree: Tree,
    /// Tiles that are published, but that the disk may not have yet: the database still has them as well.
    unsettled: Vec<Tile>,
}

#[derive(sqlx::FromRow)]
struct HeadRow {
    epoch: i64,
    size: i64,
    root: Vec<u8>,
    note: String,
    published_size: i64,
}

#[derive(sqlx::FromRow)]
struct WaitingRow {
    seq: i64,
    leaf_index: i64,
    entry: Vec<u8>,
    leaf_hash: Vec<u8>,
}

impl Head {
    /// Begins a term: takes the head under a new epoch, restores the right edge of the tree and finishes what a former
    /// term committed but did not release. Refuses a database that is older than what was published, signed or witnessed.
    pub(super) async fn load(cx: &Cx) -> Result<Self> {
        // What is in the world is read before the head: nothing later than the head can then be among it.
        let (published, damaged) = match cx.ledger.checkpoint().await {
            Ok(published) => (Some(published), None),
            Err(Error::NotFound) => (None, None),
            Err(error) => (None, Some(error)),
        };
        let signed = cx.signer.last().await?;
        let now = cx.now();
        let mut tx = cx.db.begin_alone().await?;
        tx.run(FIRST, args![&merkle::empty_root().0, now]).await?;
        let row: HeadRow = tx.one(TAKE, args![now]).await?;
        let staged: Vec<(String, Vec<u8>)> = tx.all(STAGED, args![]).await?;
        tx.commit().await?;

        let size = u64::try_from(row.size).map_err(Error::internal)?;
        let released = u64::try_from(row.published_size).map_err(Error::internal)?;
        let root = Hash(row.root.try_into().map_err(|_| broken("the head's root does not have 32 bytes"))?);
        let mut tiles: BTreeMap<Tile, Vec<u8>> = BTreeMap::new();
        for (path, bytes) in staged {
            tiles.insert(path.parse().map_err(|_| broken("a staged tile has no tile's path"))?, bytes);
        }
        if let Some(error) = damaged {
            // A power failure may have torn what was not settled. The database's own note tells whether this is its log at all;
            // that it is not older than what was signed, the signer's memory tells below.
            if row.note.is_empty() || !cx.ledger.is_own(&row.note).await {
                return Err(error);
            }
            tracing::warn!(%error, "the published checkpoint cannot be read; the released one is published again");
        }
        for known in published.iter().map(|(checkpoint, _)| checkpoint).chain([&signed]) {
            check_not_behind(known, size, root)?;
        }
        if !row.note.is_empty() {
            witness::asking::check_not_behind(cx, &row.note, released).await?;
        }
        let tree = open(cx, size, root, &tiles).await?;
        cx.faults.at(Point::Loaded).await?;

        let mut head = Self { epoch: row.epoch, tree, unsettled: Vec::new() };
        // A former term's, whether they were published or not: a crash may have taken away what was not settled.
        head.publish(cx, tiles.into_iter().collect()).await?;
        if row.note.is_empty() || released < size {
            head.release(cx, released, &[]).await?;
        } else if published.as_ref().is_none_or(|(_, text)| !text.starts_with(&row.note)) {
            // Lost or put back by somebody: what the database released is what stands. Witnesses' lines after it may be.
            let mut tx = cx.db.begin_alone().await?;
            tx.swap(RELEASE, args![row.note.as_str(), now, row.epoch, row.size, &root.0]).await?;
            cx.ledger.put_checkpoint(&row.note).await?;
            tx.commit().await?;
        }
        if let Some((known, _)) = published {
            head.check_extends(cx, &known).await?;
        }
        head.settle(cx).await?;
        Ok(head)
    }

    /// Entries in the tree.
    pub(super) fn size(&self) -> u64 {
        self.tree.size()
    }

    /// Sequences one batch and releases it; answers how many events it had, 0 when none waited.
    pub(super) async fn grow(&mut self, cx: &Cx, most: u32) -> Result<u64> {
        let (old_size, old_root) = (self.tree.size(), self.tree.root());
        let old = i64::try_from(old_size).map_err(Error::internal)?;
        if cx.db.read().maybe::<(i64,)>(ANY_WAITING, args![]).await?.is_none() {
            return Ok(0);
        }
        let now = cx.now();
        let mut tx = cx.db.begin_alone().await?;
        // Holds the row, so that two sequencers take turns instead of working on the same events.
        tx.swap(HOLD, args![now, self.epoch, old, &old_root.0]).await?;
        let mut rows: Vec<WaitingRow> = tx.all(PLACE, args![old, most]).await?;
        if rows.is_empty() {
            return Ok(0);
        }
        rows.sort_unstable_by_key(|row| row.leaf_index);
        for (expected, row) in (old..).zip(&rows) {
            if row.leaf_index != expected {
                return Err(broken("the places given to a batch have a gap"));
            }
            if merkle::leaf_hash(&row.entry).0.as_slice() != row.leaf_hash {
                return Err(Error::internal(anyhow::anyhow!(
                    "outbox row {} was changed: its entry has another hash",
                    row.seq
                )));
            }
        }
        let entries: Vec<&[u8]> = rows.iter().map(|row| row.entry.as_slice()).collect();
        let growth = self.tree.append(&entries).map_err(Error::internal)?;
        let size = i64::try_from(growth.tree.size()).map_err(Error::internal)?;
        for (tile, bytes) in &growth.tiles {
            tx.run(STAGE, args![tile.path(), bytes.as_slice(), size]).await?;
        }
        tx.swap(REPLACE, args![size, &growth.tree.root().0, now, self.epoch, old, &old_root.0]).await?;
        cx.faults.at(Point::Staged).await?;
        tx.commit().await?;
        cx.faults.at(Point::Committed).await?;

        self.tree = growth.tree;
        self.publish(cx, growth.tiles).await?;
        self.release(cx, old_size, &rows).await?;
        #[expect(clippy::cast_precision_loss, reason = "figures for a dashboard")]
        {
            metrics::histogram!("ledger_batch_entries").record(rows.len() as f64);
            metrics::gauge!("ledger_size").set(size as f64);
        }
        Ok(rows.len() as u64)
    }

    /// Writes staged tiles to the store. Doing it again is harmless.
    async fn publish(&mut self, cx: &Cx, tiles: Vec<(Tile, Vec<u8>)>) -> Result<()> {
        self.unsettled.extend(tiles.iter().map(|(tile, _)| *tile));
        stream::iter(tiles)
            .map(|(tile, bytes)| async move {
                cx.ledger.put_tile_hastily(&tile, bytes).await?;
                cx.faults.at(Point::TilePut).await
            })
            .buffer_unordered(ABREAST)
            .try_collect()
            .await
    }

    /// Tiles that wait for [`Self::settle`].
    pub(super) fn unsettled(&self) -> usize {
        self.unsettled.len()
    }

    /// Makes durable what was published, then lets go of the staged copies: until then a restart publishes those again.
    pub(super) async fn settle(&mut self, cx: &Cx) -> Result<()> {
        if self.unsettled.is_empty() {
            return Ok(());
        }
        // A partial tile that grew since is read by nobody: every address of it is cut from the one that stands there now.
        let now = self.tree.size();
        let standing: Vec<Tile> = self
            .unsettled
            .iter()
            .copied()
            .filter(|tile| Tile::at(tile.rank(), tile.index(), now) == Some(*tile))
            .collect();
        cx.ledger.settle(&standing).await?;
        cx.faults.at(Point::Settled).await?;
        let size = i64::try_from(self.tree.size()).map_err(Error::internal)?;
        let mut tx = cx.db.begin_alone().await?;
        tx.run(UNSTAGE, args![size]).await?;
        tx.commit().await?;
        self.unsettled.clear();
        Ok(())
    }

    /// Reads the published tiles back, signs, and releases the checkpoint. Doing it again is harmless at every step.
    /// `rows` are those whose waiters can be told without asking the database.
    async fn release(&self, cx: &Cx, released: u64, rows: &[WaitingRow]) -> Result<()> {
        let (size, root) = (self.tree.size(), self.tree.root());
        cx.ledger.read_back(released, size, root).await?;
        cx.faults.at(Point::ReadBack).await?;

        let checkpoint = Checkpoint { origin: cx.signer.origin().to_owned(), size, root };
        let note = key_change::sign(cx, checkpoint).await?;
        cx.faults.at(Point::Signed).await?;

        let now = cx.now();
        let stored = i64::try_from(size).map_err(Error::internal)?;
        let mut tx = cx.db.begin_alone().await?;
        tx.swap(RELEASE, args![note.as_str(), now, self.epoch, stored, &root.0]).await?;
        tx.run(CHECKPOINT, args![stored, &root.0, note.as_str(), now]).await?;
        tx.run(ANCHOR, args![now, i64::try_from(released).map_err(Error::internal)?, stored]).await?;
        cx.faults.at(Point::Releasing).await?;
        if released == 0 {
            // Before the first there is none in the database to publish again from.
            cx.ledger.put_checkpoint(&note).await?;
        } else {
            cx.ledger.put_checkpoint_hastily(&note).await?;
        }
        cx.faults.at(Point::CheckpointPut).await?;
        tx.commit().await?;
        cx.faults.at(Point::Released).await?;
        let placed = rows.iter().map(|row| (row.seq, row.leaf_index.try_into().unwrap_or_default()));
        cx.anchored.released(placed);
        // Only tidiness: what stays behind is found by nobody and hurts nobody.
        if let Err(error) = cx.ledger.clear_partial(released, size).await {
            tracing::warn!(error = %error, "partial tiles that filled up could not be removed");
        }
        Ok(())
    }

    /// Makes sure that the tree contains a checkpoint that was published before.
    async fn check_extends(&self, cx: &Cx, known: &Checkpoint) -> Result<()> {
        let (size, root) = (self.tree.size(), self.tree.root());
        let proof = cx.ledger.consistency_within(known.size, size, size).await?;
        merkle::verify_consistency(known.size, size, &proof, known.root, root).map_err(|error| {
            Error::internal(anyhow::Error::new(error).context(format!(
                "the database's ledger does not extend the published checkpoint of size {}",
                known.size
            )))
        })
    }
}

/// Restores the tree's right edge from staged tiles, else from the store.
async fn open(cx: &Cx, size: u64, root: Hash, staged: &BTreeMap<Tile, Vec<u8>>) -> Result<Tree> {
    let mut tiles = BTreeMap::new();
    for tile in tile::edge(size) {
        let bytes = match staged.get(&tile) {
            Some(bytes) => bytes.clone(),
            None => cx.ledger.stored(&tile).await?.into(),
        };
        tiles.insert(tile, bytes);
    }
    Tree::open(size, root, |tile| {
        tiles.get(tile).cloned().ok_or_else(|| broken("a tile of the edge is missing"))
    })
    .map_err(Error::internal)
}

/// A database restored from an older backup, or another one, must not be grown: its next checkpoint could contradict
/// one that is in the world.
fn check_not_behind(known: &Checkpoint, size: u64, root: Hash) -> Result<()> {
    if known.size > size || (known.size == size && known.root != root) {
        return Err(Error::internal(anyhow::anyhow!(
            "the database knows a ledger of {size} entries with root {}, but size {} with root {} was signed: \
             the database is older than the log, or another log's",
            hex::encode(root.0),
            known.size,
            hex::encode(known.root.0)
        )));
    }
    Ok(())
}

fn broken(what: &'static str) -> Error {
    Error::internal(anyhow::anyhow!(what))
}

statements! {
    FIRST = "INSERT INTO ledger_head (id, epoch, size, root, note, published_size, updated_at)
        VALUES (1, 0, 0, $1, '', 0, $2) ON CONFLICT (id) DO NOTHING";
    TAKE = "UPDATE ledger_head SET epoch = epoch + 1, updated_at = $1 WHERE id = 1
        RETURNING epoch, size, root, note, published_size";
    STAGED = "SELECT path, bytes FROM ledger_staged";
    ANY_WAITING = "SELECT seq FROM outbox WHERE leaf_index IS NULL LIMIT 1";
    HOLD = "UPDATE ledger_head SET updated_at = $1 WHERE id = 1 AND epoch = $2 AND size = $3 AND root = $4";
    // One statement, one snapshot: a row that commits meanwhile with a lower number waits for the next batch.
    PLACE = "UPDATE outbox SET leaf_index = $1 + batch.place - 1
        FROM (SELECT seq AS number, ROW_NUMBER() OVER (ORDER BY seq) AS place
            FROM (SELECT seq FROM outbox WHERE leaf_index IS NULL ORDER BY seq LIMIT $2) AS waiting) AS batch
        WHERE seq = batch.number AND leaf_index IS NULL
        RETURNING seq, leaf_index, entry, leaf_hash";
    STAGE = "INSERT INTO ledger_staged (path, bytes, size) VALUES ($1, $2, $3)
        ON CONFLICT (path) DO UPDATE SET bytes = excluded.bytes, size = excluded.size";
    REPLACE = "UPDATE ledger_head SET size = $1, root = $2, updated_at = $3
        WHERE id = 1 AND epoch = $4 AND size = $5 AND root = $6";
    RELEASE = "UPDATE ledger_head SET note = $1, published_size = size, updated_at = $2
        WHERE id = 1 AND epoch = $3 AND size = $4 AND root = $5";
    CHECKPOINT = "INSERT INTO ledger_checkpoint (size, root, note, published_at) VALUES ($1, $2, $3, $4)";
    ANCHOR = "UPDATE outbox SET anchored_at = $1 WHERE leaf_index >= $2 AND leaf_index < $3 AND anchored_at IS NULL";
    UNSTAGE = "DELETE FROM ledger_staged WHERE size <= $1";
}
