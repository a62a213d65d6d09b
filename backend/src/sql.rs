//! Every SQL statement of the backend has a name and stands in this register, because nothing checks SQL at
//! compile time: a test prepares each of them on both migrated databases.

/// Declares a module's statements and registers them under its path.
macro_rules! statements {
    ($($(#[$meta:meta])* $vis:vis $name:ident = $sql:expr;)*) => {
        $($(#[$meta])* $vis const $name: &str = $sql;)*
        /// For the register in [`crate::sql`].
        pub(crate) const STATEMENTS: &[(&str, &str)] = &[$((concat!(module_path!(), "::", stringify!($name)), $name)),*];
    };
}
pub(crate) use statements;

/// Every statement with its name.
#[must_use]
pub fn all() -> Vec<(&'static str, &'static str)> {
    [
        crate::access_record::STATEMENTS,
        crate::access_record::chain::STATEMENTS,
        crate::journal::STATEMENTS,
        crate::attestation::STATEMENTS,
        crate::attestation::list::STATEMENTS,
        crate::document::STATEMENTS,
        crate::document::change::STATEMENTS,
        crate::document::download::STATEMENTS,
        crate::document::keep::STATEMENTS,
        crate::document::relocate::STATEMENTS,
        crate::document::storage::STATEMENTS,
        crate::document::versions::STATEMENTS,
        crate::engagement::STATEMENTS,
        crate::engagement::inbox::STATEMENTS,
        crate::evidence::item::STATEMENTS,
        crate::engagement::named::STATEMENTS,
        crate::fact::STATEMENTS,
        crate::fact::proposal::STATEMENTS,
        crate::finding::STATEMENTS,
        crate::filing::STATEMENTS,
        crate::filing::changes::STATEMENTS,
        crate::filing::content::STATEMENTS,
        crate::filing::field::STATEMENTS,
        crate::filing::list::STATEMENTS,
        crate::filing::open::STATEMENTS,
        crate::filing::read::STATEMENTS,
        crate::filing::signatures::STATEMENTS,
        crate::filing::submit::STATEMENTS,
        crate::filing::version::STATEMENTS,
        crate::filing::walk::STATEMENTS,
        crate::holder_register::STATEMENTS,
        crate::holder_register::import::STATEMENTS,
        crate::holder_register::preview::STATEMENTS,
        crate::holder_register::row::STATEMENTS,
        crate::intake::STATEMENTS,
        crate::intake::announce::STATEMENTS,
        crate::intake::arrival::STATEMENTS,
        crate::intake::correction::STATEMENTS,
        crate::intake::folder::STATEMENTS,
        crate::intake::job::STATEMENTS,
        crate::intake::litter::STATEMENTS,
        crate::intake::place::STATEMENTS,
        crate::intake::receive::STATEMENTS,
        crate::intake::unplaced::STATEMENTS,
        crate::invitation::STATEMENTS,
        crate::organisation::STATEMENTS,
        crate::organisation::bootstrap::STATEMENTS,
        crate::organisation::list::STATEMENTS,
        crate::organisation::register::STATEMENTS,
        crate::organisation::standing::STATEMENTS,
        crate::passkey::STATEMENTS,
        crate::person::STATEMENTS,
        crate::person::everywhere::STATEMENTS,
        crate::market::STATEMENTS,
        crate::market::company::STATEMENTS,
        crate::market::walk::STATEMENTS,
        crate::market::overview::STATEMENTS,
        crate::receipt::issue::STATEMENTS,
        crate::review::STATEMENTS,
        crate::review::listing::STATEMENTS,
        crate::review::queue::STATEMENTS,
        crate::review::reply::STATEMENTS,
        crate::rule_pack::STATEMENTS,
        crate::fsck::STATEMENTS,
        crate::fsck::documents::STATEMENTS,
        crate::fsck::history::STATEMENTS,
        crate::fsck::published::STATEMENTS,
        crate::fsck::receipts::STATEMENTS,
        crate::ledger_store::history::STATEMENTS,
        crate::ledger_store::leaf::STATEMENTS,
        crate::ledger_store::lookup::STATEMENTS,
        crate::sequencer::STATEMENTS,
        crate::sequencer::head::STATEMENTS,
        crate::session::STATEMENTS,
        crate::session::store::STATEMENTS,
        crate::sign_in::STATEMENTS,
        crate::stopwatch::STATEMENTS,
        crate::token::STATEMENTS,
        crate::totp::STATEMENTS,
        crate::witness::STATEMENTS,
        crate::witness::asking::STATEMENTS,
        crate::witness::finality::STATEMENTS,
    ]
    .concat()
}
