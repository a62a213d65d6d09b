//! Somebody's published log, read over HTTP as C2SP tlog-tiles serves it: a mirror and a monitor replay it from its
//! entries and take nothing on trust but the signature on the checkpoint.
//!
//! What a log serves may be huge, late, missing or wrong; every answer has a limit in bytes and in time, and every
//! failure says whether the log *could not be read*, *withholds* what it signed for, or *serves something else*.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    fmt::Display,
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use ledger::{
    Tile, Tree, bundle,
    checkpoint::Checkpoint,
    key::VerifierKey,
    log_keys::LogKeys,
    merkle,
    note::MAX_NOTE_BYTES,
    tile::{self, FULL_WIDTH, Rank},
    tree,
};
use reqwest::{Client, StatusCode};

use crate::ledger_store::narrow;

/// How long one answer may take.
const TIMEOUT: Duration = Duration::from_secs(20);
/// Longest entry bundle: 256 entries of 65,535 bytes, each with its length.
const MAX_BUNDLE_BYTES: usize = 256 * (65_535 + 2);

/// The client with which this program asks others: no redirects to elsewhere, bounded in time.
///
/// # Errors
/// When the system's certificates cannot be read.
pub fn client(timeout: Duration) -> anyhow::Result<Client> {
    Ok(Client::builder()
        .user_agent(concat!("guxin/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(timeout.min(Duration::from_secs(5)))
        .timeout(timeout)
        .build()?)
}

/// Reads an answer's body up to `most` bytes; none when it is longer.
pub(crate) async fn body(mut answer: reqwest::Response, most: usize) -> reqwest::Result<Option<Bytes>> {
    let mut read = BytesMut::new();
    while let Some(piece) = answer.chunk().await? {
        if read.len() + piece.len() > most {
            return Ok(None);
        }
        read.extend_from_slice(&piece);
    }
    Ok(Some(read.freeze()))
}

/// Why a log could not be followed.
#[derive(Debug, thiserror::Error)]
pub enum RemoteError {
    /// The network, or an answer that says nothing about the log. Passes, perhaps.
    #[error("{url}: {why}")]
    Unreachable { url: String, why: String },
    /// The log signed for this and does not serve it.
    #[error("{what} is not served, although the log has signed for it")]
    Withheld { what: String },
    /// What is served is not what was signed.
    #[error("{place}: {what}")]
    Wrong { place: String, what: String },
}

impl RemoteError {
    fn wrong(place: &dyn Display, what: &dyn Display) -> Self {
        Self::Wrong { place: place.to_string(), what: what.to_string() }
    }
}

/// A log's address, its prefix without a slash at the end.
#[derive(Clone, Debug)]
pub struct RemoteLog {
    client: Client,
    prefix: String,
}

impl RemoteLog {
    /// The log under this URL prefix.
    ///
    /// # Errors
    /// When it does not begin with `http://` or `https://`.
    pub fn new(prefix: &str) -> anyhow::Result<Self> {
        anyhow::ensure!(
            prefix.starts_with("https://") || prefix.starts_with("http://"),
            "`{prefix}` is not an address: it must begin with https:// or http://"
        );
        Ok(Self { client: client(TIMEOUT)?, prefix: prefix.trim_end_matches('/').to_owned() })
    }

    /// The URL prefix.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The published checkpoint as text, unverified.
    ///
    /// # Errors
    /// [`RemoteError::Unreachable`], or [`RemoteError::Wrong`] when it is no text.
    pub async fn checkpoint_text(&self) -> Result<String, RemoteError> {
        let bytes = self.get("checkpoint", MAX_NOTE_BYTES).await?;
        let bytes = bytes.ok_or_else(|| self.unreachable("checkpoint", &"there is no checkpoint"))?;
        String::from_utf8(bytes.into()).map_err(|_| RemoteError::wrong(&"checkpoint", &"is not UTF-8"))
    }

    /// The verifier key that the log itself serves: enough to see that a log is consistent, not whose it is.
    ///
    /// # Errors
    /// [`RemoteError::Unreachable`] for a log that serves none.
    pub async fn vkey_text(&self) -> Result<String, RemoteError> {
        let bytes = self.get("vkey", 4096).await?;
        let bytes = bytes.ok_or_else(|| self.unreachable("vkey", &"there is no key; give it with --vkey"))?;
        String::from_utf8(bytes.into()).map_err(|_| RemoteError::wrong(&"vkey", &"is not UTF-8"))
    }

    /// The list of all keys that the log had, as it publishes it; none from a log that does not.
    ///
    /// # Errors
    /// [`RemoteError::Unreachable`], or [`RemoteError::Wrong`] when the list does not hold.
    pub async fn keys(&self) -> Result<Option<LogKeys>, RemoteError> {
        let Some(bytes) = self.get("keys", MAX_NOTE_BYTES).await? else { return Ok(None) };
        let text = std::str::from_utf8(&bytes).map_err(|_| RemoteError::wrong(&"keys", &"is not UTF-8"))?;
        text.parse().map(Some).map_err(|error| RemoteError::wrong(&"keys", &error))
    }

    /// The published checkpoint, signed by one of these keys, with its text.
    ///
    /// # Errors
    /// As [`Self::checkpoint_text`]; [`RemoteError::Wrong`] when nobody trusted signed it.
    pub async fn checkpoint(&self, keys: &[VerifierKey]) -> Result<(Checkpoint, String), RemoteError> {
        let text = self.checkpoint_text().await?;
        let opened = keys.iter().find_map(|key| Checkpoint::open(&text, key, &[]).ok());
        match opened {
            Some(opened) => Ok((opened.checkpoint, text)),
            None => Err(RemoteError::wrong(&"checkpoint", &"is not signed with a key that is trusted here")),
        }
    }

    /// A tile that the log signed for, in its exact width.
    ///
    /// # Errors
    /// [`RemoteError::Withheld`] when the log has neither it nor the full one; [`RemoteError::Wrong`] when it is shorter.
    pub async fn tile(&self, wanted: &Tile) -> Result<Bytes, RemoteError> {
        let most = if wanted.rank() == Rank::Entries { MAX_BUNDLE_BYTES } else { 8192 };
        let mut found = self.get(&wanted.path(), most).await?;
        if found.is_none() && !wanted.is_full() {
            // A partial tile may go once the full one is there.
            found = self.get(&wanted.full().path(), most).await?;
        }
        let bytes = found.ok_or_else(|| RemoteError::Withheld { what: wanted.path() })?;
        let length = narrow(wanted, &bytes).ok_or_else(|| RemoteError::wrong(&wanted, &"is too short"))?;
        Ok(bytes.slice(..length))
    }

    /// Whether two signed checkpoints are of one history. The larger tree's tiles give the root that its first entries
    /// have, and a consistency proof shows that they do: with false, both checkpoints together are evidence against the
    /// log, whatever it serves elsewhere.
    ///
    /// # Errors
    /// Any [`RemoteError`]; [`RemoteError::Wrong`] when the tiles served are not those of `new`.
    pub async fn is_consistent(&self, old: &Checkpoint, new: &Checkpoint) -> Result<bool, RemoteError> {
        if old.size == new.size {
            return Ok(old.root == new.root);
        }
        let proven = tree::consistency_tiles(old.size, new.size)
            .map_err(|error| RemoteError::wrong(&"checkpoint", &error))?;
        let tiles = self.gather(tile::edge(old.size).chain(proven), new.size).await?;
        let before = Tree::begin_at(old.size, |tile| tiles.cut(tile))
            .map_err(|error| RemoteError::wrong(&"tiles", &error))?;
        let proof = tree::consistency_proof(old.size, new.size, |tile| tiles.cut(tile))
            .map_err(|error| RemoteError::wrong(&"tiles", &error))?;
        merkle::verify_consistency(old.size, new.size, &proof, before.root(), new.root)
            .map_err(|error| RemoteError::wrong(&"tiles", &error))?;
        Ok(before.root() == old.root)
    }

    /// Begins a replay: of the whole log with `from` 0, else with the edge at `from` as the log serves it.
    ///
    /// # Errors
    /// Any [`RemoteError`].
    pub async fn replay(&self, from: u64, to: &Checkpoint) -> Result<Replay<'_>, RemoteError> {
        let tiles = self.gather(tile::edge(from), to.size).await?;
        let edge = Tree::begin_at(from, |tile| tiles.cut(tile))
            .map_err(|error| RemoteError::wrong(&"tiles", &error))?;
        Ok(self.resume(edge, to))
    }

    /// Continues a replay from an edge that is known already.
    #[must_use]
    pub fn resume(&self, edge: Tree, to: &Checkpoint) -> Replay<'_> {
        Replay { log: self, tree: edge, to: to.clone() }
    }

    /// Fetches tiles as wide as a tree of `size` leaves has them.
    async fn gather(&self, tiles: impl Iterator<Item = Tile>, size: u64) -> Result<Gathered, RemoteError> {
        let mut gathered = BTreeMap::new();
        for tile in tiles {
            let stored = Tile::at(tile.rank(), tile.index(), size)
                .ok_or_else(|| RemoteError::wrong(&tile, &"is beyond the checkpoint's size"))?;
            if let Entry::Vacant(place) = gathered.entry((tile.rank(), tile.index())) {
                place.insert(self.tile(&stored).await?);
            }
        }
        Ok(Gathered(gathered))
    }

    fn unreachable(&self, path: &str, why: &dyn Display) -> RemoteError {
        RemoteError::Unreachable { url: format!("{}/{path}", self.prefix), why: why.to_string() }
    }

    /// The body of a resource, none for one that is not there.
    async fn get(&self, path: &str, most: usize) -> Result<Option<Bytes>, RemoteError> {
        let asked = self.client.get(format!("{}/{path}", self.prefix)).send().await;
        let answer = asked.map_err(|error| self.unreachable(path, &root_cause(&error)))?;
        match answer.status() {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND | StatusCode::GONE => return Ok(None),
            status => return Err(self.unreachable(path, &format!("answered {status}"))),
        }
        match body(answer, most).await {
            Ok(Some(bytes)) => Ok(Some(bytes)),
            Ok(None) => Err(RemoteError::wrong(&path, &"is longer than it can be")),
            Err(error) => Err(self.unreachable(path, &root_cause(&error))),
        }
    }
}

/// The innermost reason, without the URL that stands before it anyway.
pub(crate) fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

/// Tiles by their place, as wide as the tree they are of has them.
struct Gathered(BTreeMap<(Rank, u64), Bytes>);

impl Gathered {
    /// A tile at least as narrow as the gathered one.
    fn cut(&self, tile: &Tile) -> Result<Vec<u8>, NotGathered> {
        let bytes = self.0.get(&(tile.rank(), tile.index())).ok_or(NotGathered)?;
        let length = narrow(tile, bytes).ok_or(NotGathered)?;
        Ok(bytes.slice(..length).to_vec())
    }
}

/// A tile that was not fetched beforehand; cannot happen as long as `ledger` asks for what it announced.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the tile was not fetched")]
struct NotGathered;

/// A log being replayed, one bundle at a time.
#[derive(Debug)]
pub struct Replay<'l> {
    log: &'l RemoteLog,
    tree: Tree,
    to: Checkpoint,
}

/// What one bundle gave.
#[derive(Debug)]
pub struct Step {
    /// Index of the first new entry.
    pub first: u64,
    /// The new entries.
    pub entries: Vec<Vec<u8>>,
    /// The tiles and bundles that they complete, as computed here; of the partial ones those of the checkpoint's tree.
    pub tiles: Vec<(Tile, Vec<u8>)>,
}

impl Replay<'_> {
    /// The tree so far.
    #[must_use]
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// Fetches the next bundle, at most up to `until` entries; none when the checkpoint's size is reached and its root is
    /// the one that was signed.
    ///
    /// # Errors
    /// Any [`RemoteError`].
    pub async fn next(&mut self, until: u64) -> Result<Option<Step>, RemoteError> {
        let first = self.tree.size();
        if first >= self.to.size {
            return if self.tree.root() == self.to.root {
                Ok(None)
            } else {
                Err(RemoteError::wrong(&"checkpoint", &"the entries do not lead to the signed root"))
            };
        }
        let width = u64::from(FULL_WIDTH);
        let place = Tile::at(Rank::Entries, first / width, self.to.size)
            .ok_or_else(|| RemoteError::wrong(&"tiles", &"an empty tile"))?;
        let bytes = self.log.tile(&place).await?;
        let served = bundle::entries(&bytes).map_err(|error| RemoteError::wrong(&place, &error))?;
        let known = usize::try_from(first % width).unwrap_or(usize::MAX);
        let most = usize::try_from(until.saturating_sub(first)).unwrap_or(usize::MAX);
        let entries: Vec<Vec<u8>> =
            served.iter().skip(known).take(most).map(|entry| entry.to_vec()).collect();
        if entries.is_empty() {
            return Err(RemoteError::wrong(&place, &"has fewer entries than the log signed for"));
        }
        let whole = known + entries.len() == served.len();
        let growth = self.tree.append(&entries).map_err(|error| RemoteError::wrong(&place, &error))?;
        let last = |tile: &Tile| Tile::at(tile.rank(), tile.index(), self.to.size) == Some(*tile);
        let tiles: Vec<_> = growth.tiles.into_iter().filter(|(tile, _)| last(tile)).collect();
        // The part of the bundle that was known before must still be what it was.
        let rebuilt = tiles.iter().find(|(tile, _)| *tile == place).map(|(_, bytes)| bytes.as_slice());
        if whole && rebuilt.is_some_and(|rebuilt| rebuilt != bytes) {
            return Err(RemoteError::wrong(&place, &"has other entries than it had before"));
        }
        self.tree = growth.tree;
        Ok(Some(Step { first, entries, tiles }))
    }
}
