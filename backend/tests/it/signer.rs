//! The log's key and its memory: what it refuses, and what it tells the operator.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use backend::{
    chance::Random,
    signer::{Asked, LogSigner},
};
use ledger::{
    Entry, EntryKind, Hash, Timestamp, Tree, checkpoint::Checkpoint, key::VerifierKey, key_change::KeyChange,
    proof::Proof, tree,
};
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
    // Root may write anywhere. A record that is cut off has the file replaced, and the replacement's place is taken by a folder.
    let memory = folder.path().join("ledger.signer");
    let text = fs::read_to_string(&memory).expect("a memory");
    fs::write(&memory, text.trim_end().to_owned() + "\n").expect("as by hand");
    fs::create_dir(folder.path().join("ledger.signer.new")).expect("in the way");
    let error = signer.sign(&checkpoint(&grown("a", 1).0), &[]).await.expect_err("not remembered");
    assert!(error.to_string().contains("durable"), "{error}");
    assert_eq!(signer.last().await.expect("memory").size, 0);
}

/// Five entries, one that changes the key, two more; signed up to five.
struct Changing {
    folder: TempDir,
    signer: LogSigner,
    old: VerifierKey,
    new: VerifierKey,
    leaves: Vec<Vec<u8>>,
}

impl Changing {
    async fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        let signer = open(folder.path()).expect("a new key");
        let change = signer.prepare(1, &Random::seeded(3)).await.expect("prepared");
        assert_eq!(signer.prepare(1, &Random::seeded(4)).await.expect("again"), change, "one next key");
        let mut leaves: Vec<Vec<u8>> = (0..5).map(|i| format!("a{i}").into_bytes()).collect();
        leaves.push(Self::entry(&change));
        leaves.extend((5..7).map(|i| format!("a{i}").into_bytes()));
        let changing =
            Self { folder, signer, old: change.old().clone(), new: change.new_key().clone(), leaves };
        changing.signer.sign(&changing.checkpoint(5), &[]).await.expect("the first five");
        changing
    }

    fn entry(change: &KeyChange) -> Vec<u8> {
        let time = Timestamp::from_unix_micros(1_763_800_200_123_456).expect("a time");
        let mut entry = Entry::new(EntryKind::KeyChange, time, "org-1", "log:0", change.number());
        entry.refs = Some(change.refs());
        entry.to_bytes().expect("an entry")
    }

    fn grown(&self, size: usize) -> (Tree, Vec<(ledger::Tile, Vec<u8>)>) {
        let growth = Tree::empty().append(&self.leaves[..size]).expect("small entries");
        (growth.tree, growth.tiles)
    }

    fn checkpoint(&self, size: usize) -> Checkpoint {
        checkpoint(&self.grown(size).0)
    }

    fn asked(&self, from: u64, size: usize, change: bool) -> Asked {
        let (tree, tiles) = self.grown(size);
        let checkpoint = checkpoint(&tree);
        let find = |wanted: &ledger::Tile| {
            tiles.iter().find(|(tile, _)| tile == wanted).map(|(_, bytes)| bytes.clone()).ok_or(())
        };
        let proof = change.then(|| Proof {
            extra: Some(self.leaves[5].clone()),
            index: 5,
            hashes: tree::inclusion_proof(5, tree.size(), find).expect("a proof"),
            checkpoint: checkpoint.to_string(),
        });
        Asked { checkpoint, extends: consistency(&tiles, from, tree.size()), change: proof }
    }

    fn signers(&self, note: &str) -> (bool, bool) {
        let by = |key| Checkpoint::open(note, key, &[]).is_ok();
        (by(&self.old), by(&self.new))
    }

    fn has(&self, name: &str) -> bool {
        self.folder.path().join(name).exists()
    }
}

#[tokio::test]
async fn the_key_changes_where_the_tree_says_so_and_never_back() {
    let changing = Changing::new().await;
    let signer = &changing.signer;
    assert_eq!(signer.standing().await.expect("standing").next.as_ref(), Some(&changing.new));

    let border = signer.sign_as(changing.asked(5, 6, true)).await.expect("both");
    assert_eq!(changing.signers(&border), (true, true));
    assert_eq!(signer.sign_as(changing.asked(6, 6, false)).await.expect("again"), border, "the same bytes");
    let restarted = open(changing.folder.path()).expect("the same keys");
    assert_eq!(restarted.sign_as(changing.asked(6, 6, true)).await.expect("again"), border);
    assert_eq!(restarted.verifier_key(), changing.old, "until it is finished");
    let error = restarted.prepare(2, &Random::seeded(5)).await.expect_err("one at a time").to_string();
    assert!(error.contains("not finished"), "{error}");

    // Whatever is larger is the new key's, which takes the old one's place.
    let next = restarted.sign_as(changing.asked(6, 8, false)).await.expect("the next");
    assert_eq!(changing.signers(&next), (false, true));
    assert_eq!(restarted.verifier_key(), changing.new);
    assert!(!changing.has("ledger.key.next") && !changing.has("ledger.change"));
    let after = open(changing.folder.path()).expect("the new key");
    assert_eq!(
        (after.verifier_key(), after.standing().await.expect("standing").next),
        (changing.new.clone(), None)
    );
    assert!(
        after.sign_as(changing.asked(6, 6, true)).await.expect_err("back").to_string().contains("go back")
    );
}

#[tokio::test]
async fn a_process_that_ends_between_two_steps_of_a_change_goes_on() {
    let changing = Changing::new().await;
    let folder = changing.folder.path();
    let file = |name: &str| folder.join(name);
    let before = fs::read(file("ledger.signer")).expect("memory");
    let border = changing.signer.sign_as(changing.asked(5, 6, true)).await.expect("both");
    // The border was written down, the memory not yet: nothing was signed, and more may be in the tree now.
    let written = fs::read(file("ledger.change")).expect("the border");
    let memory = fs::read(file("ledger.signer")).expect("memory");
    fs::write(file("ledger.signer"), &before).expect("as before");
    let again = open(folder).expect("both keys");
    let note = again.sign_as(changing.asked(5, 7, true)).await.expect("a larger tree");
    assert_eq!(changing.signers(&note), (true, true));
    let note = again.sign_as(changing.asked(7, 8, false)).await.expect("the next");
    assert_eq!(changing.signers(&note), (false, true));

    // The next key is in its place, the border still there.
    fs::write(file("ledger.change"), &written).expect("as before");
    fs::write(file("ledger.signer"), &memory).expect("as before");
    let again = open(folder).expect("the new key");
    let note = again.sign_as(changing.asked(6, 6, false)).await.expect("the border's checkpoint");
    assert_eq!(changing.signers(&note), (false, true), "the old secret is gone");
    assert_ne!(note, border);
    let note = again.sign_as(changing.asked(6, 8, false)).await.expect("the next");
    assert_eq!(changing.signers(&note), (false, true));
}

#[tokio::test]
async fn what_is_no_change_changes_nothing() {
    let changing = Changing::new().await;
    let refused = async |asked: Asked| {
        let error = changing.signer.sign_as(asked).await.expect_err("refused").to_string();
        assert!(error.contains("does not change its key") && !changing.has("ledger.change"), "{error}");
        error
    };
    let mut elsewhere = changing.asked(5, 7, true);
    elsewhere.change.as_mut().expect("a proof").index = 4;
    assert!(refused(elsewhere).await.contains("signed by the old key alone"));
    let mut elsewhere = changing.asked(5, 7, true);
    elsewhere.change.as_mut().expect("a proof").index = 6;
    refused(elsewhere).await;
    let mut other = changing.asked(5, 7, true);
    other.change.as_mut().expect("a proof").extra = Some(b"a5".to_vec());
    refused(other).await;

    // A change between keys that nobody prepared here, however well it is signed.
    let elsewhere = TempDir::new().expect("a folder");
    let others = LogSigner::open(elsewhere.path(), ORIGIN, &Random::seeded(8)).expect("a key");
    let change = others.prepare(1, &Random::seeded(9)).await.expect("prepared");
    let mut forged = changing.asked(5, 7, true);
    forged.change.as_mut().expect("a proof").extra = Some(Changing::entry(&change));
    assert!(refused(forged).await.contains("prepared here"));

    // Once the old key alone has signed a tree with the entry in it, it is too late.
    changing.signer.sign_as(changing.asked(5, 7, false)).await.expect("as ever");
    assert!(refused(changing.asked(7, 8, true)).await.contains("alone"));
}

#[test]
fn a_key_that_was_to_take_over_must_be_there() {
    let folder = TempDir::new().expect("a folder");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let changing = runtime.block_on(Changing::new());
    runtime.block_on(changing.signer.sign_as(changing.asked(5, 6, true))).expect("both");
    fs::rename(changing.folder.path().join("ledger.key.next"), folder.path().join("elsewhere"))
        .expect("lost");
    let why = refusal(changing.folder.path());
    assert!(why.contains("ledger.key.next") && why.contains("backup"), "{why}");
}
