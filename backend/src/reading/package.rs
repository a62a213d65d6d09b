//! The ZIP container of Office files, opened for the readers of DOCX and XLSX. Nothing is ever written to disk, so names
//! that climb out of a folder have nowhere to climb; what is unpacked is counted over all parts and stops at a limit.

use std::{
    cell::Cell,
    fs::File,
    io::{self, BufReader, Read},
    rc::Rc,
};

use domain::media::Kind;
use zip::{ZipArchive, result::ZipError};

use super::{
    problem::{Limit, Problem},
    xml::{Node, Xml},
};

/// An opened container.
pub(super) struct Package {
    archive: ZipArchive<BufReader<File>>,
    kind: Kind,
    most: u64,
    left: Rc<Cell<u64>>,
}

/// A part's bytes, as many as the whole package may still unpack.
pub(super) struct Part<'a> {
    inner: Box<dyn Read + 'a>,
    most: u64,
    left: Rc<Cell<u64>>,
}

impl Read for Part<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        let Some(left) = self.left.get().checked_sub(n as u64) else {
            let limit = Limit::Unpacked { bytes: self.most };
            return Err(io::Error::other(Problem::Limit { limit }));
        };
        self.left.set(left);
        Ok(n)
    }
}

/// Where one part points: what is related, and to which part.
pub(super) struct Relation {
    pub(super) id: String,
    /// The last word of the relation's type, e.g. `header`.
    pub(super) role: String,
    /// The part's name in the package.
    pub(super) target: String,
}

impl Package {
    /// Opens a file whose parts may unpack to `most` bytes together.
    pub(super) fn open(file: File, kind: Kind, most: u64) -> Result<Self, Problem> {
        let archive = ZipArchive::new(BufReader::new(file)).map_err(|_| Problem::Damaged { kind })?;
        Ok(Self { archive, kind, most, left: Rc::new(Cell::new(most)) })
    }

    /// Whether there is a part of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.archive.index_for_name(name).is_some()
    }

    /// A part as XML.
    pub(super) fn xml(&mut self, name: &str) -> Result<Xml<BufReader<Part<'_>>>, Problem> {
        let kind = self.kind;
        let inner = self.archive.by_name(name).map_err(|error| match error {
            ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => Problem::Encrypted { kind },
            _ => Problem::Damaged { kind },
        })?;
        let part = Part { inner: Box::new(inner), most: self.most, left: Rc::clone(&self.left) };
        Ok(Xml::new(BufReader::new(part), kind))
    }

    /// What a part is related to; none when it has no relations. `""` is the package itself.
    pub(super) fn relations(&mut self, part: &str) -> Result<Vec<Relation>, Problem> {
        let (folder, name) = part.rsplit_once('/').map_or(("", part), |(folder, name)| (folder, name));
        let path = if folder.is_empty() {
            format!("_rels/{name}.rels")
        } else {
            format!("{folder}/_rels/{name}.rels")
        };
        let mut found = Vec::new();
        if !self.has(&path) {
            return Ok(found);
        }
        let folder = folder.to_owned();
        let mut xml = self.xml(&path)?;
        loop {
            match xml.next()? {
                Node::End => return Ok(found),
                Node::Open(element) if element.name() == b"Relationship" => {
                    let get = |name| element.attribute(name).unwrap_or_default();
                    if get("TargetMode") == "External" {
                        continue;
                    }
                    let role = get("Type").rsplit('/').next().unwrap_or_default().to_owned();
                    found.push(Relation { id: get("Id"), role, target: resolve(&folder, &get("Target")) });
                }
                _ => {}
            }
        }
    }
}

/// A target as it stands in a relation, as a part's name: absolute ones from the package's root, others from the folder
/// of the part that names them.
fn resolve(folder: &str, target: &str) -> String {
    let mut names: Vec<&str> = if target.starts_with('/') {
        Vec::new()
    } else {
        folder.split('/').filter(|name| !name.is_empty()).collect()
    };
    for name in target.split('/') {
        match name {
            "" | "." => {}
            ".." => {
                names.pop();
            }
            name => names.push(name),
        }
    }
    names.join("/")
}

#[cfg(test)]
mod tests {
    use super::resolve;

    #[test]
    fn targets_resolve_inside_the_package() {
        assert_eq!(resolve("word", "header1.xml"), "word/header1.xml");
        assert_eq!(resolve("xl", "/xl/worksheets/sheet1.xml"), "xl/worksheets/sheet1.xml");
        assert_eq!(resolve("xl/worksheets", "../../../../etc/passwd"), "etc/passwd");
    }
}
