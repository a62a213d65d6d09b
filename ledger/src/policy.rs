//! When a checkpoint is final: C2SP tlog-policy, a text that names logs, witnesses, groups of witnesses and the quorum.
//!
//! The log publishes the policy that it works by; `guxin verify --policy` judges a receipt with the reader's own. A quorum of 2f+1 among
//! 3f+1 witnesses leaves no room for two histories as long as at most f of them lie. It gives neither availability nor protection
//! against a log that does not take an entry at all.

use crate::{
    checkpoint::{Checkpoint, CheckpointError},
    key::{KeyError, KeyType, VerifierKey},
    note::{Note, NoteError},
};
use std::{collections::BTreeMap, fmt, str::FromStr};

/// Longest policy read, in bytes.
pub const MAX_POLICY_BYTES: usize = 256 * 1024;
/// The group that [`Policy::threshold`] makes.
const GROUP: &str = "quorum";

/// A policy. As text the file that [`Policy::from_str`] reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<Party>,
    witnesses: Vec<(String, Party)>,
    groups: Vec<Group>,
    quorum: Option<Member>,
}

/// A key and, for those who talk to its holder, an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// The verifier key.
    pub key: VerifierKey,
    /// For a witness its submission prefix (tlog-witness).
    pub url: Option<String>,
}

/// `group <name> <k> <name>...`: witnesses a checkpoint when at least `least` of its members do.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Group {
    name: String,
    least: usize,
    members: Vec<Member>,
}

/// Place among the witnesses or the groups. A group refers to earlier lines only, so there is no circle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Member {
    Witness(usize),
    Group(usize),
}

/// A line that is not part of a policy, counted from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct PolicyError {
    /// Which line; for something that is missing, the line after the last one.
    pub line: usize,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// A control character other than tab and newline, or more than [`MAX_POLICY_BYTES`].
    #[error("only printable text of at most {MAX_POLICY_BYTES} bytes is allowed")]
    Text,
    /// The first word is none of the four.
    #[error("expected `log`, `witness`, `group` or `quorum`, found `{0}`")]
    Keyword(String),
    /// Too few or too many words for this kind of line.
    #[error("expected `{0}`")]
    Words(&'static str),
    /// Not a vkey.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A log's key must be of type 0x01, a witness's of type 0x04 (tlog-checkpoint, tlog-cosignature).
    #[error("a key of this type does not sign as a {0}")]
    KeyType(&'static str),
    /// The same public key on an earlier line, under whatever name.
    #[error("this public key is listed already")]
    DuplicateKey,
    /// The name is taken, or is the predefined `none`.
    #[error("the name `{0}` is taken")]
    Taken(String),
    /// No earlier line defines the name.
    #[error("`{0}` is not defined on a line before this one")]
    Unknown(String),
    /// A name counts in one group only.
    #[error("`{0}` is a member of a group already")]
    Member(String),
    /// Not `any`, `all` or a number from 1 to the number of members.
    #[error("`{given}` is not `any`, `all` or a number from 1 to {members}")]
    Threshold {
        /// As written.
        given: String,
        /// Members of the group.
        members: usize,
    },
    /// A second quorum line.
    #[error("there is a quorum line already")]
    SecondQuorum,
    /// No quorum line.
    #[error("the quorum line is missing; without witnesses it is `quorum none`")]
    NoQuorum,
}

/// A checkpoint as a policy sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// What was signed.
    pub checkpoint: Checkpoint,
    /// Witnesses of the policy whose cosignature verified, with POSIX seconds, in the policy's order.
    pub present: Vec<(String, u64)>,
    /// Witnesses of the policy that did not cosign, in the policy's order.
    pub missing: Vec<String>,
    /// Whether the quorum holds.
    pub is_final: bool,
}

/// The smallest number of `witnesses` that excludes two histories when fewer than a third of them lie: 3 of 4, 5 of 7.
#[must_use]
pub fn safe_quorum(witnesses: usize) -> usize {
    witnesses - witnesses.saturating_sub(1) / 3
}

impl Policy {
    /// Any `least` of these witnesses for this log; `none` when there are none.
    ///
    /// # Errors
    /// The [`Problem`] that a reader of the policy would find, with the line it would have in the file.
    pub fn threshold(
        log: &VerifierKey,
        witnesses: &[(String, Party)],
        least: usize,
    ) -> Result<Self, PolicyError> {
        let mut text = format!("log {log}\n");
        for (name, party) in witnesses {
            let url = party.url.as_ref().map(|url| format!(" {url}")).unwrap_or_default();
            text.push_str(&format!("witness {name} {}{url}\n", party.key));
        }
        if witnesses.is_empty() && least == 0 {
            text.push_str("quorum none\n");
        } else {
            let names: Vec<_> = witnesses.iter().map(|(name, _)| name.as_str()).collect();
            text.push_str(&format!("group {GROUP} {least} {}\nquorum {GROUP}\n", names.join(" ")));
        }
        text.parse()
    }

    /// The logs that are accepted; none when the policy leaves that to its user.
    #[must_use]
    pub fn logs(&self) -> &[Party] {
        &self.logs
    }

    /// The witnesses by name.
    #[must_use]
    pub fn witnesses(&self) -> &[(String, Party)] {
        &self.witnesses
    }

    /// Reads a signed checkpoint: any one of the policy's logs must have signed it (or `log`, if the policy names none), and the quorum
    /// is counted. A checkpoint that is not final is no error.
    ///
    /// # Errors
    /// Any [`CheckpointError`]; a listed witness's line that does not verify rejects the whole (signed-note).
    pub fn open(&self, note: &str, log: Option<&VerifierKey>) -> Result<Judged, CheckpointError> {
        let logs: Vec<&VerifierKey> = match (self.logs.as_slice(), log) {
            ([], log) => log.into_iter().collect(),
            (logs, Some(log)) => logs.iter().map(|party| &party.key).filter(|key| *key == log).collect(),
            (logs, None) => logs.iter().map(|party| &party.key).collect(),
        };
        let note: Note = note.parse()?;
        let keys: Vec<_> =
            logs.iter().copied().chain(self.witnesses.iter().map(|(_, party)| &party.key)).collect();
        let verified = note.verify(&keys)?;
        let checkpoint: Checkpoint = note.text().parse()?;
        let by_log = |log: &&&VerifierKey| verified.iter().any(|line| line.key == **log);
        let signer = logs.iter().find(by_log).ok_or(NoteError::Unsigned)?;
        if signer.name() != checkpoint.origin {
            return Err(CheckpointError::Origin(checkpoint.origin));
        }
        let time =
            |key: &VerifierKey| verified.iter().find(|line| line.key == key).and_then(|line| line.time);
        Ok(self.count(checkpoint, time))
    }

    /// The same witnesses and quorum for another key of the same log.
    #[must_use]
    pub fn for_log(&self, log: &VerifierKey) -> Self {
        Self { logs: vec![Party { key: log.clone(), url: None }], ..self.clone() }
    }

    /// Judges by the times of cosignatures that the caller has verified.
    fn count(&self, checkpoint: Checkpoint, time: impl Fn(&VerifierKey) -> Option<u64>) -> Judged {
        let times: Vec<_> = self.witnesses.iter().map(|(_, party)| time(&party.key)).collect();
        let mut groups: Vec<bool> = Vec::with_capacity(self.groups.len());
        let holds = |groups: &[bool], member: &Member| match *member {
            Member::Witness(at) => times.get(at).is_some_and(Option::is_some),
            Member::Group(at) => groups.get(at).copied().unwrap_or_default(),
        };
        for group in &self.groups {
            let count = group.members.iter().filter(|member| holds(&groups, member)).count();
            groups.push(count >= group.least);
        }
        let is_final = self.quorum.is_none_or(|quorum| holds(&groups, &quorum));
        let names = self.witnesses.iter().map(|(name, _)| name).zip(&times);
        let present = names.clone().filter_map(|(name, time)| Some((name.clone(), (*time)?))).collect();
        let missing = names.filter(|(_, time)| time.is_none()).map(|(name, _)| name.clone()).collect();
        Judged { checkpoint, present, missing, is_final }
    }

    fn name_of(&self, member: Member) -> &str {
        match member {
            Member::Witness(at) => &self.witnesses[at].0,
            Member::Group(at) => &self.groups[at].name,
        }
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = |party: &Party| party.url.as_ref().map(|url| format!(" {url}")).unwrap_or_default();
        for log in &self.logs {
            writeln!(f, "log {}{}", log.key, url(log))?;
        }
        for (name, witness) in &self.witnesses {
            writeln!(f, "witness {name} {}{}", witness.key, url(witness))?;
        }
        for group in &self.groups {
            write!(f, "group {} {}", group.name, group.least)?;
            group.members.iter().try_for_each(|member| write!(f, " {}", self.name_of(*member)))?;
            writeln!(f)?;
        }
        writeln!(f, "quorum {}", self.quorum.map_or("none", |quorum| self.name_of(quorum)))
    }
}

/// What the lines read so far define.
struct Reading {
    policy: Policy,
    names: BTreeMap<String, Member>,
    /// Names that are members of a group.
    used: Vec<Member>,
    quorum: bool,
}

impl Reading {
    fn line(&mut self, words: &[&str]) -> Result<(), Problem> {
        match words {
            ["log", vkey, url @ ..] => {
                let party = party(vkey, url, KeyType::Ed25519, "log <vkey> [<url>]")?;
                if self.policy.logs.iter().any(|log| log.key.same_key(&party.key)) {
                    return Err(Problem::DuplicateKey);
                }
                self.policy.logs.push(party);
            }
            ["witness", name, vkey, url @ ..] => {
                let party = party(vkey, url, KeyType::Cosignature, "witness <name> <vkey> [<url>]")?;
                if self.policy.witnesses.iter().any(|(_, other)| other.key.same_key(&party.key)) {
                    return Err(Problem::DuplicateKey);
                }
                self.define(name, Member::Witness(self.policy.witnesses.len()))?;
                self.policy.witnesses.push(((*name).to_owned(), party));
            }
            ["group", name, least, members @ ..] if !members.is_empty() => {
                let least = threshold(least, members.len())?;
                let members = members.iter().map(|name| self.member(name)).collect::<Result<_, _>>()?;
                self.define(name, Member::Group(self.policy.groups.len()))?;
                self.policy.groups.push(Group { name: (*name).to_owned(), least, members });
            }
            ["quorum", _] if self.quorum => return Err(Problem::SecondQuorum),
            ["quorum", "none"] => self.quorum = true,
            ["quorum", name] => {
                self.policy.quorum = Some(self.find(name)?);
                self.quorum = true;
            }
            ["log", ..] => return Err(Problem::Words("log <vkey> [<url>]")),
            ["witness", ..] => return Err(Problem::Words("witness <name> <vkey> [<url>]")),
            ["group", ..] => return Err(Problem::Words("group <name> all|any|<k> <name>...")),
            ["quorum", ..] => return Err(Problem::Words("quorum <name>")),
            [other, ..] => return Err(Problem::Keyword((*other).to_owned())),
            [] => {}
        }
        Ok(())
    }

    fn define(&mut self, name: &str, member: Member) -> Result<(), Problem> {
        if name == "none" || self.names.contains_key(name) {
            return Err(Problem::Taken(name.to_owned()));
        }
        self.names.insert(name.to_owned(), member);
        Ok(())
    }

    fn find(&self, name: &str) -> Result<Member, Problem> {
        self.names.get(name).copied().ok_or_else(|| Problem::Unknown(name.to_owned()))
    }

    fn member(&mut self, name: &str) -> Result<Member, Problem> {
        let member = self.find(name)?;
        if self.used.contains(&member) {
            return Err(Problem::Member(name.to_owned()));
        }
        self.used.push(member);
        Ok(member)
    }
}

fn party(vkey: &str, url: &[&str], key_type: KeyType, form: &'static str) -> Result<Party, Problem> {
    let url = match url {
        [] => None,
        [url] => Some((*url).to_owned()),
        _ => return Err(Problem::Words(form)),
    };
    let key: VerifierKey = vkey.parse()?;
    if key.key_type() != key_type {
        return Err(Problem::KeyType(if key_type == KeyType::Ed25519 { "log" } else { "witness" }));
    }
    Ok(Party { key, url })
}

fn threshold(given: &str, members: usize) -> Result<usize, Problem> {
    match given {
        "any" => Ok(1),
        "all" => Ok(members),
        number => crate::checkpoint::parse_decimal(number)
            .and_then(|least| usize::try_from(least).ok())
            .filter(|least| (1..=members).contains(least))
            .ok_or_else(|| Problem::Threshold { given: given.to_owned(), members }),
    }
}

impl FromStr for Policy {
    type Err = PolicyError;

    /// The specification treats the file as octets; this reads UTF-8, which it recommends.
    fn from_str(text: &str) -> Result<Self, PolicyError> {
        let policy = Self { logs: Vec::new(), witnesses: Vec::new(), groups: Vec::new(), quorum: None };
        let mut reading = Reading { policy, names: BTreeMap::new(), used: Vec::new(), quorum: false };
        let mut lines = 0;
        for (line, text) in (1..).zip(text.split_terminator('\n')) {
            let at = |problem| PolicyError { line, problem };
            lines = line;
            if text.len() > MAX_POLICY_BYTES || text.bytes().any(|b| (b < b' ' && b != b'\t') || b == 0x7f) {
                return Err(at(Problem::Text));
            }
            let words: Vec<_> = text.split([' ', '\t']).filter(|word| !word.is_empty()).collect();
            if words.first().is_some_and(|word| word.starts_with('#')) {
                continue;
            }
            reading.line(&words).map_err(at)?;
        }
        let missing = PolicyError { line: lines + 1, problem: Problem::NoQuorum };
        if reading.quorum { Ok(reading.policy) } else { Err(missing) }
    }
}

#[cfg(test)]
mod tests;
