//! Saving structured fields as people type. Each field has its own version, so that two tabs or two people merge
//! by field; only the same field changed in both is a conflict, and that shows both values. A value that cannot be
//! read is never stored: the typed text stays with the browser, beside the message.

use domain::{
    access::action,
    field::{self, FieldWarning},
    id::FilingId,
    rule_pack::FieldDefinition,
};
use serde::Serialize;

use crate::{
    args,
    cx::Cx,
    db::Tx,
    error::{Error, FieldErrors, Message, Result},
    filing::{self, FilingRow},
    sql::statements,
};

/// One field as a form sends it.
#[derive(Clone, Debug)]
pub struct FieldInput {
    /// Id in the rule pack.
    pub field: String,
    /// As typed.
    pub raw: String,
    /// The version that the form was filled from; 0 for a field never saved.
    pub expected: i64,
}

/// What became of one field.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum FieldSave {
    /// Stored, or it said the same already.
    Saved { field: String, value: String, version: i64, warning: Option<FieldWarning> },
    /// Somebody saved another value since this form was filled. Nothing was changed; saving again with `version`
    /// as the expected one keeps `yours`.
    Conflict { field: String, yours: String, theirs: String, version: i64, by: String, at: i64 },
}

/// What became of a form: everything that could be read is stored, the rest is named.
#[derive(Clone, Debug, Default)]
pub struct FieldsSave {
    pub saved: Vec<FieldSave>,
    /// Keys are field ids.
    pub errors: FieldErrors,
}

impl FieldsSave {
    /// The fields that somebody else changed meanwhile.
    pub fn conflicts(&self) -> impl Iterator<Item = &FieldSave> {
        self.saved.iter().filter(|save| matches!(save, FieldSave::Conflict { .. }))
    }
}

/// Saves one field.
///
/// # Errors
/// [`Error::Invalid`] with the message for the person who typed; denied outside the editable stages.
pub async fn save_field(cx: &Cx, filing: FilingId, input: &FieldInput) -> Result<FieldSave> {
    let mut result = save_fields(cx, filing, std::slice::from_ref(input)).await?;
    match result.saved.pop() {
        Some(save) => Ok(save),
        None => Err(Error::Invalid(result.errors)),
    }
}

/// Saves a form. Bad fields are reported and do not keep the good ones from being stored.
///
/// # Errors
/// Denied outside the editable stages; bad values are in the answer, not an error.
pub async fn save_fields(cx: &Cx, filing: FilingId, inputs: &[FieldInput]) -> Result<FieldsSave> {
    let mut tx = cx.db.begin().await?;
    let row = filing::lock(&mut tx, cx, filing).await?;
    cx.permit::<action::EditFiling>(&row.facts()?)?;
    let (result, wrote) = save_in(&mut tx, cx, &row, inputs).await?;
    if wrote {
        tx.commit().await?;
    }
    Ok(result)
}

/// Saves a form on a filing that the caller holds with authority to change it; answers also whether anything was written.
pub(crate) async fn save_in(
    tx: &mut Tx,
    cx: &Cx,
    row: &FilingRow,
    inputs: &[FieldInput],
) -> Result<(FieldsSave, bool)> {
    let pack = row.pack(cx)?;
    let stored: Vec<FieldRow> = tx.all(FIELDS, args![row.id]).await?;
    let mut result = FieldsSave::default();
    let mut wrote = false;
    for input in inputs {
        let Some(definition) = pack.field(&input.field) else {
            result.errors.add(&input.field, said(&unknown(&input.field)));
            continue;
        };
        match field::normalise(definition, &input.raw) {
            Err(error) => result.errors.add(&input.field, said(&error)),
            Ok(read) => {
                let current = stored.iter().find(|row| row.field == input.field);
                let change = Change { row, definition, input, read, current };
                let (save, written) = change.apply(tx, cx).await?;
                wrote |= written;
                result.saved.push(save);
            }
        }
    }
    Ok((result, wrote))
}

struct Change<'a> {
    row: &'a FilingRow,
    definition: &'a FieldDefinition,
    input: &'a FieldInput,
    read: field::Normalised,
    current: Option<&'a FieldRow>,
}

impl Change<'_> {
    async fn apply(self, tx: &mut Tx, cx: &Cx) -> Result<(FieldSave, bool)> {
        let Self { row, definition, input, read, current } = self;
        let field = definition.id.clone();
        let version = current.map_or(0, |current| current.version);
        let same = current.map_or("", |current| &current.value) == read.value;
        if same {
            return Ok((
                FieldSave::Saved { field, value: read.value, version, warning: read.warning },
                false,
            ));
        }
        if let Some(theirs) = current.filter(|theirs| theirs.version != input.expected) {
            let save = FieldSave::Conflict {
                field,
                yours: read.value,
                theirs: theirs.value.clone(),
                version,
                by: theirs.updated_by_name.clone(),
                at: theirs.updated_at,
            };
            return Ok((save, false));
        }
        let user = cx.actor()?.user;
        tx.run(SAVE, args![row.id, field.as_str(), read.value.as_str(), version + 1, user, cx.now()]).await?;
        if field == "board" {
            tx.run(BOARD, args![read.value.as_str(), row.id]).await?;
        }
        Ok((FieldSave::Saved { field, value: read.value, version: version + 1, warning: read.warning }, true))
    }
}

fn unknown(field: &str) -> field::FieldError {
    let label = domain::text::Text { zh: field.to_owned(), en: field.to_owned() };
    field::FieldError { field: field.to_owned(), label, problem: field::FieldProblem::Unknown }
}

/// The domain's message in both languages.
pub(crate) fn said(error: &field::FieldError) -> Message {
    use domain::locale::Locale;
    Message::Said(error.message(Locale::Zh), error.message(Locale::En))
}

/// A stored field.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct FieldRow {
    pub(crate) field: String,
    pub(crate) value: String,
    pub(crate) version: i64,
    pub(crate) updated_at: i64,
    pub(crate) updated_by_name: String,
}

statements! {
    pub(crate) FIELDS = "SELECT v.field, v.value, v.version, v.updated_at, COALESCE(p.name, '') AS updated_by_name
        FROM filing_field v LEFT JOIN person p ON p.id = v.updated_by WHERE v.filing_id = $1";
    SAVE = "INSERT INTO filing_field (filing_id, field, value, version, updated_by, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (filing_id, field) DO UPDATE SET value = excluded.value, version = excluded.version,
            updated_by = excluded.updated_by, updated_at = excluded.updated_at";
    BOARD = "UPDATE filing SET board = $1 WHERE id = $2";
}
