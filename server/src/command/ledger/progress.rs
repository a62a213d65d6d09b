//! How far long work is, on standard error: one line that counts up for a person at a terminal, a line per tenth in a file.

use std::io::{self, IsTerminal as _, Write};

/// Says what changed, and no more often than that.
pub(super) struct Progress<W: Write> {
    to: W,
    terminal: bool,
    /// What was said last: of what, and how many steps of it.
    last: Option<(String, u64)>,
}

impl Progress<io::Stderr> {
    pub(super) fn on_stderr() -> Self {
        let to = io::stderr();
        Self { terminal: to.is_terminal(), to, last: None }
    }
}

impl<W: Write> Progress<W> {
    /// `done` of `all` of `what`; a step is a hundredth at a terminal and a tenth elsewhere.
    pub(super) fn tell(&mut self, what: &str, done: u64, all: u64) {
        let steps = if self.terminal { 100 } else { 10 };
        let now = u64::try_from(u128::from(done) * steps / u128::from(all.max(1))).unwrap_or(u64::MAX);
        if self.last.as_ref().is_some_and(|(last, step)| last == what && *step == now) {
            return;
        }
        // A progress line that cannot be written is no reason to stop what it is about.
        let _ = if self.terminal {
            let other = self.last.as_ref().is_some_and(|(last, _)| last != what);
            let end = if other { "\n" } else { "" };
            write!(self.to, "{end}\r  {what}: {done} / {all}        ").and_then(|()| self.to.flush())
        } else {
            writeln!(self.to, "  {what}: {done} / {all}")
        };
        self.last = Some((what.to_owned(), now));
    }

    /// What follows begins on a line of its own.
    pub(super) fn end(&mut self) {
        if self.terminal && self.last.is_some() {
            let _ = writeln!(self.to);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(terminal: bool, told: &[(&str, u64, u64)]) -> String {
        let mut progress = Progress { to: Vec::new(), terminal, last: None };
        for (what, done, all) in told {
            progress.tell(what, *done, *all);
        }
        progress.end();
        String::from_utf8(progress.to).expect("text")
    }

    #[test]
    fn a_file_gets_a_line_per_tenth_and_the_end() {
        let told: Vec<_> = (1..=100_000).map(|done| ("entries", done, 100_000)).collect();
        let said = said(false, &told);
        assert_eq!(said.lines().count(), 11, "{said}");
        assert!(
            said.starts_with("  entries: 1 / 100000\n") && said.ends_with("  entries: 100000 / 100000\n")
        );
    }

    #[test]
    fn a_terminal_gets_one_line_for_each_check() {
        let said = said(true, &[("entries", 1, 2), ("entries", 2, 2), ("outbox", 0, 0), ("outbox", 0, 0)]);
        assert_eq!(said.matches('\r').count(), 3, "{said:?}");
        assert_eq!(said.lines().count(), 2, "{said:?}");
        assert!(said.ends_with('\n'));
    }
}
