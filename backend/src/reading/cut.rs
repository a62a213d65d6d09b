//! Taking a range of pages out of a PDF, as a PDF of its own. Done in the confined process like every look into a file; what
//! refers to pages that stay behind (outlines, links, named places, forms) is dropped, so that nothing of them comes along.

use std::path::Path;

use domain::media::Kind;
use pdf_extract::{Document, Object, ObjectId};

use super::{Limits, Outcome, Problem, Reader, pdf, problem::Limit, store::Copy};
use crate::{
    cx::Services,
    error::{Error, Result},
};

/// Entries of the catalogue that name pages anywhere in the file.
const NAMING: [&[u8]; 9] = [
    b"Outlines",
    b"Names",
    b"Dests",
    b"OpenAction",
    b"AA",
    b"PageLabels",
    b"StructTreeRoot",
    b"AcroForm",
    b"Threads",
];

const DAMAGED: Problem = Problem::Damaged { kind: Kind::Pdf };

/// Cuts pages `first` to `last` out; what the reading process does.
///
/// # Errors
/// Why not; see [`Problem`].
pub fn cut(path: &Path, first: u32, last: u32, limits: &Limits) -> Result<Vec<u8>, Problem> {
    let mut document = Document::load(path).map_err(|_| DAMAGED)?;
    if document.is_encrypted() {
        return Err(Problem::Encrypted { kind: Kind::Pdf });
    }
    let pages = document.get_pages();
    pdf::admit(path.to_str().ok_or(DAMAGED)?, pages.len() as u64, limits)?;
    if first > last || !pages.contains_key(&first) || !pages.contains_key(&last) {
        return Err(DAMAGED);
    }
    let others: Vec<u32> = pages.keys().copied().filter(|page| !(first..=last).contains(page)).collect();
    if let Ok(catalogue) = document.catalog_mut() {
        for name in NAMING {
            catalogue.remove(name);
        }
    }
    for id in pages.range(first..=last).map(|(_, id)| *id) {
        unlink(&mut document, id);
    }
    document.delete_pages(&others);
    document.prune_objects();
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).map_err(|_| DAMAGED)?;
    Ok(bytes)
}

/// Drops what leads from a page to others: links, the parents of form fields, its place in a thread.
fn unlink(document: &mut Document, page: ObjectId) {
    let notes: Vec<Object> = document
        .get_dictionary(page)
        .and_then(|page| page.get_deref(b"Annots", document))
        .and_then(Object::as_array)
        .cloned()
        .unwrap_or_default();
    let kept: Vec<Object> = notes.into_iter().filter(|note| !leads_away(document, note)).collect();
    if let Ok(page) = document.get_dictionary_mut(page) {
        for name in [b"B".as_slice(), b"AA", b"StructParents"] {
            page.remove(name);
        }
        page.set("Annots", kept);
    }
}

fn leads_away(document: &Document, note: &Object) -> bool {
    let dictionary = match note {
        Object::Reference(id) => document.get_dictionary(*id),
        other => other.as_dict(),
    };
    let Ok(dictionary) = dictionary else { return true };
    let is =
        |name: &[u8]| dictionary.get(b"Subtype").and_then(Object::as_name).is_ok_and(|found| found == name);
    // A stamp or a note stays; its field, if it is one, may have brothers on other pages.
    is(b"Link")
        || is(b"Popup")
        || dictionary.has(b"Dest")
        || dictionary.has(b"A")
        || dictionary.has(b"Parent")
}

impl Reader {
    /// A range of pages of a stored PDF as a PDF of its own, or why not.
    ///
    /// # Errors
    /// As [`Reader::read_blob`].
    pub async fn cut_blob(
        &self,
        services: &Services,
        sha256: &[u8],
        (first, last): (u32, u32),
        most: u64,
    ) -> Result<Result<Vec<u8>, Problem>> {
        let copy = Copy(services.objects.spool_path(services.random.id(services.clock.now())));
        copy.fetch(&services.objects, sha256).await?;
        let limits = Limits { output_bytes: most, ..self.limits.clone() };
        let range = format!("{first}-{last}");
        let Some(answer) = self.run(&copy.0, Kind::Pdf, &["--cut", &range], &limits).await? else {
            return Ok(Err(Problem::Limit { limit: Limit::Time { seconds: limits.time.as_secs() } }));
        };
        if answer.status.success() && answer.output.len() as u64 <= most {
            if answer.output.starts_with(b"%PDF") {
                return Ok(Ok(answer.output));
            }
            if let Ok(problem) = serde_json::from_slice(&answer.output) {
                return Ok(Err(problem));
            }
        }
        match (Self { limits, ..self.clone() }).outcome(&answer, Kind::Pdf)? {
            Outcome::Unread(problem) => Ok(Err(problem)),
            Outcome::Read(_) => Err(Error::internal(anyhow::anyhow!("a file was read instead of cut"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use pdf_extract::{Stream, dictionary};

    use super::*;

    /// A PDF whose pages say which they are, with an outline and a link to the last one.
    fn pages(count: u32) -> Vec<u8> {
        let mut document = Document::with_version("1.5");
        let tree = document.new_object_id();
        let font = document
            .add_object(dictionary! { "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica" });
        let ids: Vec<ObjectId> = (0..count).map(|_| document.new_object_id()).collect();
        for (number, id) in (1..).zip(&ids) {
            let text = format!("BT /F1 20 Tf 60 700 Td (SECRET OF PAGE {number}) Tj ET");
            let content = document.add_object(Stream::new(dictionary! {}, text.into_bytes()));
            let link = document.add_object(dictionary! {
                "Type" => "Annot", "Subtype" => "Link", "Rect" => vec![0.into(), 0.into(), 9.into(), 9.into()],
                "Dest" => vec![ids[ids.len() - 1].into(), "Fit".into()],
            });
            document.objects.insert(
                *id,
                dictionary! {
                    "Type" => "Page", "Parent" => tree, "Contents" => content, "Annots" => vec![link.into()],
                    "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()],
                    "Resources" => dictionary! { "Font" => dictionary! { "F1" => font } },
                }
                .into(),
            );
        }
        let kids: Vec<Object> = ids.iter().map(|id| (*id).into()).collect();
        document.objects.insert(
            tree,
            dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => i64::from(count) }.into(),
        );
        let outline =
            document.add_object(dictionary! { "Dest" => vec![ids[ids.len() - 1].into(), "Fit".into()] });
        let catalogue =
            document.add_object(dictionary! { "Type" => "Catalog", "Pages" => tree, "Outlines" => outline });
        document.trailer.set("Root", catalogue);
        let mut bytes = Vec::new();
        document.save_to(&mut bytes).unwrap();
        bytes
    }

    fn kept(bytes: &[u8]) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        file
    }

    /// Without poppler, which is another's to have.
    fn plain() -> Limits {
        Limits { programs: false, ..Limits::default() }
    }

    #[test]
    fn a_range_becomes_a_file_of_its_own_and_nothing_else_comes_along() {
        let file = kept(&pages(5));
        let part = cut(file.path(), 2, 3, &plain()).unwrap();
        let shown = String::from_utf8_lossy(&part).into_owned();
        for (page, there) in [(1, false), (2, true), (3, true), (4, false), (5, false)] {
            assert_eq!(shown.contains(&format!("SECRET OF PAGE {page}")), there, "page {page}");
        }
        let again = Document::load_mem(&part).unwrap();
        assert_eq!(again.get_pages().len(), 2);
        let read = super::super::read(kept(&part).path(), Kind::Pdf, &plain()).unwrap();
        assert_eq!(read.page_count, 2);
        assert!(read.page_text(1).contains("PAGE 2") && read.page_text(2).contains("PAGE 3"), "{read:?}");
    }

    #[test]
    fn a_range_that_is_not_there_is_refused() {
        let file = kept(&pages(3));
        for (first, last) in [(0, 1), (2, 1), (3, 4), (4, 4)] {
            assert!(cut(file.path(), first, last, &plain()).is_err(), "{first}-{last}");
        }
        let nonsense = kept(b"%PDF-1.4 nonsense");
        assert!(cut(nonsense.path(), 1, 1, &plain()).is_err());
    }
}
