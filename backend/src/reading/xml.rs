//! XML of hostile origin, one event at a time. A thin coat over `quick-xml` for the readers of DOCX, XLSX and the
//! layout that the PDF reader prints: names without prefixes, text as it is, damage as a [`Problem`]. Entities other
//! than the five of XML are dropped, so nothing expands.

use std::io::BufRead;

use domain::media::Kind;
use quick_xml::{
    Reader,
    events::{BytesRef, BytesStart, Event},
};

use super::problem::Problem;

/// A stream of XML.
pub(super) struct Xml<R> {
    reader: Reader<R>,
    buffer: Vec<u8>,
    kind: Kind,
}

/// What comes next.
pub(super) enum Node<'a> {
    Open(Element<'a>),
    /// The local name of the element that ends.
    Close(Vec<u8>),
    Text(String),
    End,
}

/// The beginning of an element; one without content is followed by its end all the same.
pub(super) struct Element<'a>(BytesStart<'a>);

impl<R: BufRead> Xml<R> {
    /// XML inside a file of this kind.
    pub(super) fn new(source: R, kind: Kind) -> Self {
        let mut reader = Reader::from_reader(source);
        let config = reader.config_mut();
        config.expand_empty_elements = true;
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        config.allow_dangling_amp = true;
        Self { reader, buffer: Vec::new(), kind }
    }

    /// The next node. Comments, declarations and processing instructions are passed over.
    pub(super) fn next(&mut self) -> Result<Node<'_>, Problem> {
        let kind = self.kind;
        self.buffer.clear();
        match self.reader.read_event_into(&mut self.buffer) {
            Ok(Event::Start(start) | Event::Empty(start)) => Ok(Node::Open(Element(start))),
            Ok(Event::End(end)) => Ok(Node::Close(end.local_name().as_ref().to_vec())),
            Ok(Event::Text(text)) => Ok(Node::Text(String::from_utf8_lossy(&text).into_owned())),
            Ok(Event::CData(text)) => Ok(Node::Text(String::from_utf8_lossy(&text).into_owned())),
            Ok(Event::GeneralRef(reference)) => Ok(Node::Text(meaning(&reference))),
            Ok(Event::Eof) => Ok(Node::End),
            Ok(Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_)) => {
                Ok(Node::Text(String::new()))
            }
            Err(error) => Err(unpacked(&error).unwrap_or(Problem::Damaged { kind })),
        }
    }
}

/// The limit on unpacking arrives as an input error of the part.
fn unpacked(error: &quick_xml::Error) -> Option<Problem> {
    let quick_xml::Error::Io(error) = error else { return None };
    error.get_ref()?.downcast_ref::<Problem>().cloned()
}

fn meaning(reference: &BytesRef<'_>) -> String {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        return character.to_string();
    }
    let name: &[u8] = reference;
    match name {
        b"amp" => "&",
        b"lt" => "<",
        b"gt" => ">",
        b"quot" => "\"",
        b"apos" => "'",
        _ => "",
    }
    .to_owned()
}

impl Element<'_> {
    /// The name without prefix.
    pub(super) fn name(&self) -> Vec<u8> {
        self.0.local_name().as_ref().to_vec()
    }

    /// The value of the attribute with this name, whatever its prefix.
    pub(super) fn attribute(&self, name: &str) -> Option<String> {
        let mut attributes = self.0.attributes();
        attributes
            .with_checks(false)
            .flatten()
            .find(|attribute| attribute.key.local_name().as_ref() == name.as_bytes())
            .map(|attribute| {
                let raw = String::from_utf8_lossy(&attribute.value).into_owned();
                quick_xml::escape::unescape(&raw).map_or(raw.clone(), std::borrow::Cow::into_owned)
            })
    }

    /// Whether the attribute says yes; a missing one says `missing`.
    pub(super) fn flag(&self, name: &str, missing: bool) -> bool {
        self.attribute(name).map_or(missing, |value| matches!(value.as_str(), "1" | "true" | "on"))
    }
}
