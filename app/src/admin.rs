//! The exchange's administration: organisations and their verification and measures, people over all organisations,
//! rule packs, witnesses of the ledger, the tamper drill. Who may see these pages is decided by the use cases they read from.

mod drill;
mod new_organisation;
mod organisation;
mod organisations;
mod people;
mod rule_packs;
mod witnesses;

pub use drill::*;
pub use new_organisation::*;
pub use organisation::*;
pub use organisations::*;
pub use people::*;
pub use rule_packs::*;
pub use witnesses::*;
