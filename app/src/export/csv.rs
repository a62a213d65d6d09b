//! A table as comma-separated values (RFC 4180) that spreadsheets open as it is meant: UTF-8 with a byte order mark, so
//! that Chinese is read right; no cell is taken for a formula; no long code is rounded to a number.

/// A head and rows of the same width.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// For the file's name.
    pub name: &'static str,
    pub head: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

/// Digits from which on a spreadsheet rounds a number (it keeps fifteen).
const LONG: usize = 12;

impl Table {
    /// The file.
    #[must_use]
    pub fn to_csv(&self) -> Vec<u8> {
        let mut out = String::from("\u{feff}");
        for row in std::iter::once(&self.head).chain(&self.rows) {
            let cells: Vec<String> = row.iter().map(|text| cell(text)).collect();
            out.push_str(&cells.join(","));
            out.push_str("\r\n");
        }
        out.into_bytes()
    }
}

/// One cell: harmless to a spreadsheet, then quoted where RFC 4180 asks for it.
fn cell(text: &str) -> String {
    // What people and companies call themselves must not calculate on somebody's desk.
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number(text);
    let rounded = text.len() >= LONG && text.bytes().all(|byte| byte.is_ascii_digit());
    let text = if formula || rounded { format!("'{text}") } else { text.to_owned() };
    if text.contains(['"', ',', '\r', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

/// `-3` days left is a number, not a formula.
fn is_number(text: &str) -> bool {
    text.strip_prefix('-').is_some_and(|digits| {
        !digits.is_empty() && digits.len() < LONG && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("=1+1", "'=1+1")]
    #[case("+86 25", "'+86 25")]
    #[case("-cmd", "'-cmd")]
    #[case("-3", "-3")]
    #[case("-3+2", "'-3+2")]
    #[case("@SUM(A1)", "'@SUM(A1)")]
    #[case("\tx", "'\tx")]
    #[case("\rx", "\"'\rx\"")]
    #[case("=HYPERLINK(\"a\",\"b\")", "\"'=HYPERLINK(\"\"a\"\",\"\"b\"\")\"")]
    #[case("a,b", "\"a,b\"")]
    #[case("a\nb", "\"a\nb\"")]
    #[case("他说\"好\"", "\"他说\"\"好\"\"\"")]
    #[case("913200007140654321", "'913200007140654321")]
    #[case("91320100MA1XXXXXX0", "91320100MA1XXXXXX0")]
    #[case("2026-11-02 16:00:00", "2026-11-02 16:00:00")]
    fn cells(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(cell(text), expected);
    }

    #[test]
    fn a_file_begins_with_its_mark_and_ends_every_line() {
        let table = Table {
            name: "x",
            head: vec!["甲".into(), "乙".into()],
            rows: vec![vec!["1".into(), String::new()]],
        };
        assert_eq!(String::from_utf8(table.to_csv()).expect("UTF-8"), "\u{feff}甲,乙\r\n1,\r\n");
    }
}
