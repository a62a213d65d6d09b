//! The components every page is made of: presentation only, without language, data or I/O. Texts
//! come in as props; a page says what, these say how it looks. Pages and islands call them; they call
//! nothing but each other. docs/STYLE.md explains the words, `/styleguide` shows every state.
#![allow(
    clippy::needless_pass_by_value,
    reason = "props belong to their component, even when it only reads them"
)]

mod avatar;
mod button;
mod card;
mod certificate;
mod chart;
mod check;
mod choice;
mod clock;
mod compare;
mod consistency;
mod dialog;
mod digest;
mod dock;
mod facts;
mod field;
mod file;
mod filter;
mod icon;
mod kpi;
mod leaf;
mod message;
mod pager;
mod path;
mod progress;
mod road;
mod seal;
mod shell;
#[cfg(all(test, feature = "ssr"))]
mod stylesheet;
mod table;
mod tabs;
mod tag;
mod timeline;
mod words;

pub use avatar::*;
pub use button::*;
pub use card::*;
pub use certificate::*;
pub use chart::*;
pub use check::*;
pub use choice::*;
pub use clock::*;
pub use compare::*;
pub use consistency::*;
pub use dialog::*;
pub use digest::*;
pub use dock::*;
pub use facts::*;
pub use field::*;
pub use file::*;
pub use filter::*;
pub use icon::*;
pub use kpi::*;
pub use leaf::*;
pub use message::*;
pub use pager::*;
pub use path::*;
pub use progress::*;
pub use road::*;
pub use seal::*;
pub use shell::*;
pub use table::*;
pub use tabs::*;
pub use tag::*;
pub use timeline::*;
pub use words::*;
