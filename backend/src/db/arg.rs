//! One bound argument. A closed set of types keeps both databases honest: what cannot be said in both does not
//! exist. `None` keeps its type, which PostgreSQL insists on.

use domain::moment;
use sqlx::{
    Encode, Postgres, Sqlite, Type,
    encode::IsNull,
    error::BoxDynError,
    postgres::{PgArgumentBuffer, PgTypeInfo},
    sqlite::{SqliteArgumentsBuffer, SqliteTypeInfo},
};
use time::OffsetDateTime;
use uuid::Uuid;

/// A value to bind to `$1`, `$2` …
#[derive(Clone, Debug)]
pub enum Arg {
    Id(Option<Uuid>),
    Int(Option<i64>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
}

/// `args![id, name, now]`: a vector of [`Arg`]s.
#[macro_export]
macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$($crate::db::Arg::from($value)),*] };
}

macro_rules! from {
    ($($type:ty => $variant:ident, |$v:ident| $convert:expr;)*) => {$(
        impl From<$type> for Arg { fn from($v: $type) -> Self { Self::$variant(Some($convert)) } }
        impl From<Option<$type>> for Arg { fn from(v: Option<$type>) -> Self { Self::$variant(v.map(|$v| $convert)) } }
    )*};
}

from! {
    Uuid => Id, |v| v;
    domain::id::OrgId => Id, |v| v.0;
    domain::id::UserId => Id, |v| v.0;
    domain::id::FilingId => Id, |v| v.0;
    domain::id::DocumentId => Id, |v| v.0;
    domain::id::IntakeId => Id, |v| v.0;
    domain::id::EngagementId => Id, |v| v.0;
    domain::id::AttestationId => Id, |v| v.0;
    domain::id::SanctionId => Id, |v| v.0;
    domain::id::CredentialId => Id, |v| v.0;
    domain::id::TokenId => Id, |v| v.0;
    domain::id::WitnessId => Id, |v| v.0;
    i64 => Int, |v| v;
    i32 => Int, |v| i64::from(v);
    u32 => Int, |v| i64::from(v);
    bool => Int, |v| i64::from(v);
    OffsetDateTime => Int, |v| moment::to_micros(v);
    String => Text, |v| v;
    &str => Text, |v| v.to_owned();
    &String => Text, |v| v.clone();
    Vec<u8> => Bytes, |v| v;
    &[u8] => Bytes, |v| v.to_vec();
    [u8; 32] => Bytes, |v| v.to_vec();
    &[u8; 32] => Bytes, |v| v.to_vec();
}

impl Type<Postgres> for Arg {
    fn type_info() -> PgTypeInfo {
        <String as Type<Postgres>>::type_info()
    }
}

impl Encode<'_, Postgres> for Arg {
    fn encode_by_ref(&self, buf: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        match self {
            Self::Id(v) => Encode::<Postgres>::encode_by_ref(v, buf),
            Self::Int(v) => Encode::<Postgres>::encode_by_ref(v, buf),
            Self::Text(v) => Encode::<Postgres>::encode_by_ref(v, buf),
            Self::Bytes(v) => Encode::<Postgres>::encode_by_ref(v, buf),
        }
    }

    fn produces(&self) -> Option<PgTypeInfo> {
        Some(match self {
            Self::Id(_) => <Uuid as Type<Postgres>>::type_info(),
            Self::Int(_) => <i64 as Type<Postgres>>::type_info(),
            Self::Text(_) => <String as Type<Postgres>>::type_info(),
            Self::Bytes(_) => <Vec<u8> as Type<Postgres>>::type_info(),
        })
    }
}

impl Type<Sqlite> for Arg {
    fn type_info() -> SqliteTypeInfo {
        <String as Type<Sqlite>>::type_info()
    }
}

impl Encode<'_, Sqlite> for Arg {
    fn encode_by_ref(&self, buf: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
        match self.clone() {
            Self::Id(v) => Encode::<Sqlite>::encode(v, buf),
            Self::Int(v) => Encode::<Sqlite>::encode(v, buf),
            Self::Text(v) => Encode::<Sqlite>::encode(v, buf),
            Self::Bytes(v) => Encode::<Sqlite>::encode(v, buf),
        }
    }

    fn produces(&self) -> Option<SqliteTypeInfo> {
        Some(match self {
            Self::Id(_) => <Uuid as Type<Sqlite>>::type_info(),
            Self::Int(_) => <i64 as Type<Sqlite>>::type_info(),
            Self::Text(_) => <String as Type<Sqlite>>::type_info(),
            Self::Bytes(_) => <Vec<u8> as Type<Sqlite>>::type_info(),
        })
    }
}
