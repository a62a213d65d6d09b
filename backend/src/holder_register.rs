//! The holder register of a filing: read out of the workbook that lies in its slot ([`preview`]), taken over as a version of
//! its own ([`import`]) that can be gone back to ([`restore`]), corrected row by row ([`save`], [`remove`], [`put_back`]).
//! Numbers of people's documents are sealed in the database, leave it only masked, and never come near the ledger: what is
//! anchored is the workbook itself. It is the enterprise's own working record; reviewers read the document.

use std::collections::BTreeMap;

use domain::{
    access::action,
    holder_register::{Column, Filed, Holder, Problem, check},
    id::{DocumentId, FilingId},
    moment,
    text::Text,
};
use uuid::Uuid;

use crate::{
    args,
    cx::Cx,
    db::{Reader, Tx},
    error::{Error, Result},
    filing::{self, FilingRow},
    sql::statements,
};

pub(crate) mod import;
pub(crate) mod preview;
pub(crate) mod row;
mod workbook;

pub use import::{import, restore};
pub use preview::{Chosen, Masked, Preview, Previewed, preview};
pub use row::{At, put_back, remove, save};
pub use workbook::{export, template};

/// The slot that the register is filed in.
pub const SLOT: &str = "shareholder_register";

/// Everything that the page of a filing's register shows.
#[derive(Clone, Debug)]
pub struct HolderRegister {
    pub filing: FilingId,
    pub org_name: String,
    /// Whether it can be changed now, by whoever asks.
    pub editable: bool,
    /// Workbooks in the slot.
    pub workbooks: Vec<Workbook>,
    /// The newest first.
    pub imports: Vec<Import>,
    /// Rows of the newest import; the removed ones apart.
    pub rows: Vec<Row>,
    pub removed: Vec<Row>,
    /// Indexes are those of `rows`.
    pub problems: Vec<Problem>,
    pub filed: Filed,
}

/// A workbook that a register can be read from.
#[derive(Clone, Debug)]
pub struct Workbook {
    pub document: DocumentId,
    pub number: i64,
    pub file_name: String,
    pub(crate) sha256: Vec<u8>,
}

/// One import.
#[derive(Clone, Debug)]
pub struct Import {
    pub number: i64,
    pub file_name: String,
    pub document: DocumentId,
    pub document_number: i64,
    pub sheet: String,
    pub holders: i64,
    pub restored_from: Option<i64>,
    pub by: String,
    pub at: i64,
    pub(crate) total_shares: Option<i64>,
}

/// A row as the page may show it: the number masked, whoever asks.
#[derive(Clone, Debug)]
pub struct Row {
    pub ordinal: i64,
    pub version: i64,
    pub by: String,
    pub at: i64,
    /// Its `id_number` is empty here; see `id_shown`.
    pub holder: Holder,
    pub id_shown: String,
}

/// The register of a filing; only the enterprise's people see it.
///
/// # Errors
/// Not found for strangers, and for everybody else.
pub async fn read(cx: &Cx, filing: FilingId) -> Result<HolderRegister> {
    let reader = cx.db.read();
    let row = own(cx, filing).await?;
    let editable = cx.permit::<action::EditFiling>(&row.facts()?).is_ok();
    let imports = imports(reader, filing).await?;
    let number = imports.first().map_or(0, |import| import.number);
    let rows: Vec<HolderRow> = reader.all(ROWS, args![filing, number]).await?;
    let filed = filed(reader, filing).await?;
    let (mut here, mut removed, mut whole) = (Vec::new(), Vec::new(), Vec::new());
    for stored in rows {
        let holder = stored.open(cx, filing)?;
        let view = stored.view(&holder);
        if stored.removed_at.is_some() {
            removed.push(view);
        } else {
            whole.push(holder);
            here.push(view);
        }
    }
    let total = total(imports.first());
    let problems = check(&whole, total.as_ref(), filed);
    Ok(HolderRegister {
        filing,
        org_name: row.org_name.clone(),
        editable,
        workbooks: workbooks(reader, filing).await?,
        imports,
        rows: here,
        removed,
        problems,
        filed,
    })
}

/// The line of totals as the check wants it.
fn total(import: Option<&Import>) -> Option<Holder> {
    let shares = import?.total_shares?;
    Some(Holder { shares: Some(shares), ..Holder::default() })
}

/// Reading the register is the enterprise's own business, whatever the stage.
async fn own(cx: &Cx, filing: FilingId) -> Result<FilingRow> {
    let row = filing::find(cx.db.read(), cx, filing).await?;
    let facts = row.facts()?;
    let permit = cx.permit::<action::ReadFiling>(&facts)?;
    if permit.actor().org == facts.owner { Ok(row) } else { Err(Error::NotFound) }
}

/// The filing, held by somebody who may change it.
async fn held(tx: &mut Tx, cx: &Cx, filing: FilingId) -> Result<FilingRow> {
    let row = filing::lock(tx, cx, filing).await?;
    cx.permit::<action::EditFiling>(&row.facts()?)?;
    Ok(row)
}

async fn workbooks(reader: &Reader, filing: FilingId) -> Result<Vec<Workbook>> {
    let media_type = domain::media::Kind::Xlsx.media_type();
    let rows: Vec<(Uuid, i64, String, Vec<u8>)> =
        reader.all(WORKBOOKS, args![filing, SLOT, media_type]).await?;
    let of =
        |(id, number, file_name, sha256)| Workbook { document: DocumentId(id), number, file_name, sha256 };
    Ok(rows.into_iter().map(of).collect())
}

async fn imports(reader: &Reader, filing: FilingId) -> Result<Vec<Import>> {
    let rows: Vec<ImportRow> = reader.all(IMPORTS, args![filing]).await?;
    Ok(rows.into_iter().map(ImportRow::view).collect())
}

/// What the form says of shares and capital.
async fn filed(reader: &Reader, filing: FilingId) -> Result<Filed> {
    let rows: Vec<(String, String)> = reader.all(FILED, args![filing]).await?;
    let value = |field: &str| rows.iter().find(|(name, _)| name == field).map(|(_, value)| value.as_str());
    Ok(Filed {
        shares: value("share_total").and_then(|text| text.parse().ok()),
        capital: value("registered_capital").and_then(domain::field::fen),
    })
}

/// A row as the database has it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct HolderRow {
    pub(crate) number: i64,
    pub(crate) ordinal: i64,
    pub(crate) sheet_row: i64,
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) id_kind: String,
    pub(crate) id_sealed: Option<Vec<u8>>,
    pub(crate) shares: Option<i64>,
    pub(crate) percent: Option<i64>,
    pub(crate) contributed: Option<i64>,
    pub(crate) acquired_on: String,
    pub(crate) note: String,
    pub(crate) unread: String,
    pub(crate) removed_at: Option<i64>,
    pub(crate) version: i64,
    pub(crate) updated_by_name: String,
    pub(crate) updated_at: i64,
}

impl HolderRow {
    /// The holder with its number in full, for checks and for the next version; never for a page.
    pub(crate) fn open(&self, cx: &Cx, filing: FilingId) -> Result<Holder> {
        let id_number = match &self.id_sealed {
            Some(sealed) => {
                let opened = cx.vault.open_sealed(&owner(filing, self.number, self.ordinal), sealed)?;
                String::from_utf8(opened.secret).map_err(Error::internal)?
            }
            None => String::new(),
        };
        let unread: BTreeMap<Column, String> =
            if self.unread.is_empty() { BTreeMap::new() } else { serde_json::from_str(&self.unread)? };
        Ok(Holder {
            sheet_row: u32::try_from(self.sheet_row).unwrap_or_default(),
            name: self.name.clone(),
            kind: self.kind.clone(),
            id_kind: self.id_kind.clone(),
            id_number,
            shares: self.shares,
            percent: self.percent,
            contributed: self.contributed,
            acquired_on: domain::field::iso_date(&self.acquired_on),
            note: self.note.clone(),
            unread,
        })
    }

    fn view(&self, holder: &Holder) -> Row {
        Row {
            ordinal: self.ordinal,
            version: self.version,
            by: self.updated_by_name.clone(),
            at: self.updated_at,
            id_shown: holder.id_shown(),
            holder: Holder { id_number: String::new(), ..holder.clone() },
        }
    }
}

/// Whose number it is, authenticated with the seal: a row cannot be given another row's.
fn owner(filing: FilingId, number: i64, ordinal: i64) -> Vec<u8> {
    [b"holder".as_slice(), filing.0.as_bytes(), &number.to_be_bytes(), &ordinal.to_be_bytes()].concat()
}

/// Seals a number for its row; nothing without one.
fn sealed(cx: &Cx, filing: FilingId, number: i64, ordinal: i64, id: &str) -> Result<Option<Vec<u8>>> {
    let seal = || cx.vault.seal(&cx.random, &owner(filing, number, ordinal), id.as_bytes());
    (!id.is_empty()).then(seal).transpose()
}

/// Seals every number with the vault's first key; answers how many had to be. Part of changing the key.
///
/// # Errors
/// The database's; internal when a number cannot be opened, and then nothing is changed.
pub async fn seal_all(cx: &Cx) -> Result<usize> {
    let mut tx = cx.db.begin().await?;
    let rows: Vec<(Uuid, i64, i64, Vec<u8>)> = tx.all(SEALED, args![]).await?;
    let mut count = 0;
    for (filing, number, ordinal, stored) in rows {
        let owner = owner(FilingId(filing), number, ordinal);
        let opened = cx.vault.open_sealed(&owner, &stored)?;
        if opened.outdated {
            let again = cx.vault.seal(&cx.random, &owner, &opened.secret)?;
            tx.run(SEAL, args![again, filing, number, ordinal]).await?;
            count += 1;
        }
    }
    tx.commit().await?;
    Ok(count)
}

#[derive(sqlx::FromRow)]
struct ImportRow {
    number: i64,
    file_name: String,
    document_id: Uuid,
    document_number: i64,
    sheet: String,
    holders: i64,
    restored_from: Option<i64>,
    total_shares: Option<i64>,
    imported_by_name: String,
    imported_at: i64,
}

impl ImportRow {
    fn view(self) -> Import {
        Import {
            number: self.number,
            file_name: self.file_name,
            document: DocumentId(self.document_id),
            document_number: self.document_number,
            sheet: self.sheet,
            holders: self.holders,
            restored_from: self.restored_from,
            by: self.imported_by_name,
            at: self.imported_at,
            total_shares: self.total_shares,
        }
    }
}

/// Somebody was first: who, when, and what to do.
fn overtaken(by: &str, at: i64) -> Text {
    let at = moment::from_micros(at).to_offset(time::macros::offset!(+8));
    let (day, clock) = (at.date(), format!("{:02}:{:02}", at.hour(), at.minute()));
    Text {
        zh: format!("{by} 于 {day} {clock} 已改动。您填写的内容仍在，请对照现有内容后再保存。"),
        en: format!(
            "{by} changed this at {day} {clock}. What you typed is still here; compare it and save again."
        ),
    }
}

macro_rules! columns {
    () => {
        "SELECT h.number, h.ordinal, h.sheet_row, h.name, h.kind, h.id_kind, h.id_sealed, h.shares, h.percent, h.contributed,
            h.acquired_on, h.note, h.unread, h.removed_at, h.version, COALESCE(p.name, '') AS updated_by_name, h.updated_at
        FROM holder h LEFT JOIN person p ON p.id = h.updated_by "
    };
}

statements! {
    pub(crate) ROWS = concat!(columns!(), "WHERE h.filing_id = $1 AND h.number = $2 ORDER BY h.ordinal");
    pub(crate) ROW = concat!(columns!(), "WHERE h.filing_id = $1 AND h.number = $2 AND h.ordinal = $3");
    IMPORTS = "SELECT r.number, v.file_name, r.document_id, r.document_number, r.sheet, r.restored_from, r.total_shares,
            (SELECT COUNT(*) FROM holder h WHERE h.filing_id = r.filing_id AND h.number = r.number AND h.removed_at IS NULL)
                AS holders,
            COALESCE(p.name, '') AS imported_by_name, r.imported_at
        FROM holder_register r
        JOIN document_version v ON v.document_id = r.document_id AND v.number = r.document_number
        LEFT JOIN person p ON p.id = r.imported_by WHERE r.filing_id = $1 ORDER BY r.number DESC";
    pub(crate) LATEST = "SELECT COALESCE(MAX(number), 0) FROM holder_register WHERE filing_id = $1";
    WORKBOOKS = "SELECT d.id, d.latest, v.file_name, v.sha256 FROM document d
        JOIN document_version v ON v.document_id = d.id AND v.number = d.latest JOIN blob b ON b.sha256 = v.sha256
        WHERE d.filing_id = $1 AND d.slot = $2 AND d.removed_at IS NULL AND b.media_type = $3 ORDER BY d.created_at, d.id";
    FILED = "SELECT field, value FROM filing_field WHERE filing_id = $1 AND field IN ('share_total', 'registered_capital')";
    SEALED = "SELECT filing_id, number, ordinal, id_sealed FROM holder WHERE id_sealed IS NOT NULL";
    SEAL = "UPDATE holder SET id_sealed = $1 WHERE filing_id = $2 AND number = $3 AND ordinal = $4";
}
