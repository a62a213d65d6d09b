//! The exchange's administration: organisations and their verification and measures, people over all organisations,
//! rule packs, witnesses of the ledger. Who may see these pages is decided by the use cases they read from.

mod new_organisation;
mod organisation;
mod organisations;
mod people;
mod rule_packs;
mod witnesses;

pub use new_organisation::*;
pub use organisation::*;
pub use organisations::*;
pub use people::*;
pub use rule_packs::*;
pub use witnesses::*;
