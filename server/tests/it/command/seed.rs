//! `guxin seed --demo`: killed in the middle, begun anew, and not done twice.

use std::{io::Read as _, process::Stdio};

use super::{guxin, run};
use crate::port;

#[test]
fn a_demonstration_is_whole_or_begun_anew() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().to_str().expect("text");
    let mut child = guxin(["seed", "--demo", "--data", data])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let (mut stderr, mut text, mut byte) = (child.stderr.take().expect("an output"), String::new(), [0]);
    while !text.contains("\r  20 / ") {
        assert_eq!(stderr.read(&mut byte).expect("an output"), 1, "it ended: {text}");
        text.push(char::from(byte[0]));
    }
    child.kill().expect("it was running");
    child.wait().expect("it ended");

    let listen = format!("127.0.0.1:{}", port::free());
    let said = run(["serve", "--data", data, "--listen", &listen]);
    assert_eq!(said.status, 2, "a part of a demonstration is served: {said:?}");
    assert!(said.err.contains(&format!("guxin seed --demo --data {data}")), "{said:?}");

    let said = run(["seed", "--demo", "--data", data, "--json"]);
    assert_eq!((said.status, &said.json()["seeded"]), (0, &true.into()), "{said:?}");
    let sound = run(["ledger", "fsck", "--data", data, "--json"]);
    assert_eq!(sound.status, 0, "{sound:?}");

    let again = run(["seed", "--demo", "--data", data]);
    assert_eq!(again.status, 0, "{again:?}");
    assert!(again.out.contains("nothing was changed"), "{again:?}");
    assert_eq!(run(["seed", "--demo", "--data", data, "--json"]).json()["seeded"], false);
    assert_eq!(run(["seed", "--data", data]).status, 2, "without --demo nothing is seeded");
}
