//! Inspects an upload while it streams past: kind, completeness, encryption, macros and active content. Keeps the
//! first and the last part of the file and nothing between, so the size of a document costs no memory.

use super::{
    Found, Kind, Problem,
    archive::{self, Archive},
    jpeg::JpegScan,
    pdf::{self, NameScan},
    sniff,
};

/// Bytes kept from the beginning: enough for every signature and for the trailer of a linearised PDF.
const HEAD: usize = 64 << 10;
/// Bytes kept from the end: the longest ZIP comment (64 KiB) and the directory of some 2,000 parts before it.
const TAIL: usize = 256 << 10;

/// Fed with a file's bytes in order; [`Inspector::finish`] gives the verdict.
#[derive(Debug)]
pub struct Inspector {
    declared: Kind,
    max_bytes: u64,
    size: u64,
    head: Vec<u8>,
    tail: Vec<u8>,
    names: NameScan,
    jpeg: JpegScan,
}

impl Inspector {
    /// For a file whose name claims `declared`, in a slot that takes `max_bytes`.
    #[must_use]
    pub fn new(declared: Kind, max_bytes: u64) -> Self {
        Self {
            declared,
            max_bytes,
            size: 0,
            head: Vec::new(),
            tail: Vec::new(),
            names: NameScan::default(),
            jpeg: JpegScan::default(),
        }
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// [`Problem::TooLarge`] as soon as the limit is passed: the upload can stop there.
    pub fn update(&mut self, chunk: &[u8]) -> Result<(), Problem> {
        self.size += chunk.len() as u64;
        if self.size > self.max_bytes {
            return Err(Problem::TooLarge { max_bytes: self.max_bytes });
        }
        let room = HEAD - self.head.len();
        self.head.extend_from_slice(&chunk[..room.min(chunk.len())]);
        match self.declared {
            Kind::Pdf => self.names.update(chunk),
            Kind::Jpg => self.jpeg.update(chunk),
            Kind::Docx | Kind::Xlsx | Kind::Png => {}
        }
        // Twice the tail before moving bytes: each byte is then moved once on average.
        self.tail.extend_from_slice(&chunk[chunk.len().saturating_sub(TAIL)..]);
        if self.tail.len() >= 2 * TAIL {
            self.tail.drain(..self.tail.len() - TAIL);
        }
        Ok(())
    }

    /// The verdict over everything that was fed.
    ///
    /// # Errors
    /// The first [`Problem`] in the order of that type. It judges what it can see without unpacking: an encrypted or
    /// hidden object inside a compressed stream is for the sandboxed reader to find.
    pub fn finish(self) -> Result<Kind, Problem> {
        if self.size == 0 {
            return Err(Problem::Empty);
        }
        if self.size > self.max_bytes {
            return Err(Problem::TooLarge { max_bytes: self.max_bytes });
        }
        let declared = self.declared;
        let wrong = |found| Err(Problem::WrongType { declared, found });
        match (declared, sniff::found(&self.head)) {
            (Kind::Pdf, Found::Accepted(Kind::Pdf)) => self.pdf(),
            (Kind::Jpg, Found::Accepted(Kind::Jpg)) if self.jpeg.is_complete() => Ok(Kind::Jpg),
            (Kind::Png, Found::Accepted(Kind::Png)) if sniff::contains(&self.tail, PNG_END) => Ok(Kind::Png),
            (Kind::Jpg, Found::Accepted(Kind::Jpg)) | (Kind::Png, Found::Accepted(Kind::Png)) => {
                Err(Problem::Truncated { kind: declared })
            }
            (Kind::Docx | Kind::Xlsx, Found::Zip) => self.office(),
            (Kind::Docx | Kind::Xlsx, Found::LegacyOffice) if self.is_encrypted_office() => {
                Err(Problem::Encrypted { kind: declared })
            }
            // Something else in a ZIP coat: say what, since "ZIP" would puzzle the owner of a Word file.
            (_, Found::Zip) => wrong(match archive::read(&self.tail, self.size) {
                // Not "rename it to .docx", which would be refused next.
                Archive::Read(entries) if entries.has_macros() => Found::MacroOffice,
                Archive::Read(entries) => entries.found(),
                Archive::Incomplete => Found::Zip,
            }),
            (_, found) => wrong(found),
        }
    }

    fn pdf(&self) -> Result<Kind, Problem> {
        if !pdf::is_complete(&self.tail) {
            return Err(Problem::Truncated { kind: Kind::Pdf });
        }
        if pdf::is_encrypted(&self.tail) || pdf::is_encrypted(&self.head) {
            return Err(Problem::Encrypted { kind: Kind::Pdf });
        }
        // A PDF to one program and an archive to another: what is behind the PDF is not what anybody reviews.
        if let Archive::Read(entries) = archive::read(&self.tail, self.size)
            && !entries.is_empty()
        {
            return Err(Problem::WrongType { declared: Kind::Pdf, found: entries.found() });
        }
        match self.names.active() {
            Some(active) => Err(Problem::ActiveContent { active }),
            None => Ok(Kind::Pdf),
        }
    }

    fn office(&self) -> Result<Kind, Problem> {
        let declared = self.declared;
        let entries = match archive::read(&self.tail, self.size) {
            Archive::Read(entries) => entries,
            Archive::Incomplete => return Err(Problem::Truncated { kind: declared }),
        };
        match entries.found() {
            Found::Accepted(kind) if kind == declared => {}
            found => return Err(Problem::WrongType { declared, found }),
        }
        if entries.is_encrypted() {
            return Err(Problem::Encrypted { kind: declared });
        }
        if entries.has_macros() {
            return Err(Problem::Macro { kind: declared });
        }
        Ok(declared)
    }

    /// A password-protected OOXML file is a compound file with a stream named `EncryptedPackage`.
    fn is_encrypted_office(&self) -> bool {
        let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
        sniff::contains(&self.head, &name) || sniff::contains(&self.tail, &name)
    }
}

/// The last chunk of a PNG: no data, its name, its checksum. Whatever cameras append after it is ignored.
const PNG_END: &[u8] = b"\0\0\0\0IEND\xae\x42\x60\x82";

/// Inspects a whole file at once; see [`Inspector`].
///
/// # Errors
/// As [`Inspector::finish`].
pub fn inspect(declared: Kind, max_bytes: u64, bytes: &[u8]) -> Result<Kind, Problem> {
    let mut inspector = Inspector::new(declared, max_bytes);
    inspector.update(bytes)?;
    inspector.finish()
}
