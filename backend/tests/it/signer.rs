//! The log's key and its memory: what it refuses, and what it tells the operator.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use backend::{chance::Random, signer::LogSigner};
use ledger::{Hash, Tree, checkpoint::Checkpoint, tree};
use tempfile::TempDir;

const ORIGIN: &str = "log.example/guxin";

fn open(folder: &Path) -> anyhow::Result<LogSigner> {
    LogSigner::open(folder, ORIGIN, &Random::seeded(1))
}

fn refusal(folder: &Path) -> String {
    format!("{:#}", open(folder).expect_err("refused"))
}

/// A tree of entries `PREFIX0`, `PREFIX1` … with all its tiles.
fn grown(prefix: &str, size: u64) -> (Tree, Vec<(ledger::Tile, Vec<u8>)>) {
    let entries: Vec<String> = (0..size).map(|i| format!("{prefix}{i}")).collect();
    let growth = Tree::empty().append(&entries).expect("small entries");
    (growth.tree, growth.tiles)
}

fn checkpoint(tree: &Tree) -> Checkpoint {
    Checkpoint { origin: ORIGIN.into(), size: tree.size(), root: tree.root() }
}

fn consistency(tiles: &[(ledger::Tile, Vec<u8>)], from: u64, to: u64) -> Vec<Hash> {
    tree::consistency_proof(from, to, |wanted| {
        tiles.iter().find(|(tile, _)| tile == wanted).map(|(_, bytes)| bytes.clone()).ok_or(std::fmt::Error)
    })
    .expect("the tiles are there")
}

#[tokio::test]
async fn the_key_is_made_once_and_only_its_owner_can_use_it() {
    let folder = TempDir::new().expect("a folder");
    let first = open(folder.path()).expect("a new key");
    let key = folder.path().join("ledger.key");
    assert_eq!(fs::metadata(&key).expect("the key").permissions().mode() & 0o7777, 0o600);
    let again = LogSigner::open(folder.path(), ORIGIN, &Random::seeded(2)).expect("the same key");
    assert_eq!(first.verifier_key(), again.verifier_key());
    assert_eq!(first.last().await.expect("a memory").size, 0);

    let seed = fs::read_to_string(&key).expect("the seed");
    let printed = format!("{first:?}");
    assert!(!printed.contains(seed.trim()) && printed.contains("redacted"), "{printed}");

    fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).expect("wider");
    let why = refusal(folder.path());
    assert!(why.contains("mode 0640") && why.contains(&format!("chmod 600 {}", key.display())), "{why}");
}

#[tokio::test]
async fn half_a_pair_of_files_is_refused_by_name() {
    let folder = TempDir::new().expect("a folder");
    let signer = open(folder.path()).expect("a new key");
    let (tree, _) = grown("a", 3);
    signer.sign(&checkpoint(&tree), &[]).await.expect("the first");
    let (key, memory) = (folder.path().join("ledger.key"), folder.path().join("ledger.signer"));
    let (seed, remembered) = (fs::read(&key).expect("key"), fs::read(&memory).expect("memory"));

    fs::remove_file(&memory).expect("lost");
    assert!(refusal(folder.path()).contains("ledger.signer is missing"));
    fs::write(&memory, "nonsense").expect("damaged");
    assert!(refusal(folder.path()).contains("ledger.signer is damaged"));
    fs::write(&memory, &remembered).expect("restored");
    fs::remove_file(&key).expect("lost");
    assert!(refusal(folder.path()).contains("it signed 3 entries"));
    fs::write(&key, "123").expect("damaged");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).expect("narrow");
    assert!(refusal(folder.path()).contains("64 hexadecimal digits"));
    fs::write(&key, &seed).expect("restored");
    open(folder.path()).expect("whole again");
    let why = format!(
        "{:#}",
        LogSigner::open(folder.path(), "other.example", &Random::seeded(1)).expect_err("another log")
    );
    assert!(why.contains(ORIGIN) && why.contains("other.example"), "{why}");
}

#[tokio::test]
async fn it_neither_goes_back_nor_forks() {
    let folder = TempDir::new().expect("a folder");
    let signer = open(folder.path()).expect("a new key");
    let ((five, _), (nine, tiles)) = (grown("a", 5), grown("a", 9));
    let (other_five, (other_nine, other_tiles)) = (grown("b", 5).0, grown("b", 9));
    let note = signer.sign(&checkpoint(&five), &[]).await.expect("from the empty tree");
    assert_eq!(
        Checkpoint::open(&note, &signer.verifier_key(), &[]).expect("signed").checkpoint,
        checkpoint(&five)
    );

    let refused = async |next: &Tree, proof: &[Hash]| {
        let before = fs::read(folder.path().join("ledger.signer")).expect("memory");
        let error = signer.sign(&checkpoint(next), proof).await.expect_err("refused").to_string();
        assert_eq!(fs::read(folder.path().join("ledger.signer")).expect("memory"), before);
        error
    };
    assert!(refused(&other_five, &[]).await.contains("fork"));
    assert!(refused(&nine, &[]).await.contains("fork"), "a larger tree needs its proof");
    assert!(refused(&other_nine, &consistency(&other_tiles, 5, 9)).await.contains("fork"));
    assert!(refused(&grown("a", 4).0, &[]).await.contains("does not go back"));

    signer.sign(&checkpoint(&nine), &consistency(&tiles, 5, 9)).await.expect("it extends");
    assert!(refused(&five, &[]).await.contains("does not go back"));
    // A restarted process remembers, and says the same once more in the same bytes.
    let restarted = open(folder.path()).expect("the same key");
    let (first, second) = (
        signer.sign(&checkpoint(&nine), &[]).await.expect("again"),
        restarted.sign(&checkpoint(&nine), &[]).await,
    );
    assert_eq!(first, second.expect("again"));
    assert_eq!(restarted.last().await.expect("memory"), checkpoint(&nine));
}

#[tokio::test]
async fn nothing_is_signed_that_cannot_be_remembered() {
    let folder = TempDir::new().expect("a folder");
    let signer = open(folder.path()).expect("a new key");
    // Root may write anywhere, so the memory's place is taken by a folder instead of being made read-only.
    fs::create_dir(folder.path().join("ledger.signer.new")).expect("in the way");
    let error = signer.sign(&checkpoint(&grown("a", 1).0), &[]).await.expect_err("not remembered");
    assert!(error.to_string().contains("durable"), "{error}");
    assert_eq!(signer.last().await.expect("memory").size, 0);
}
