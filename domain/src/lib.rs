//! What a filing is and who may do what with it: the business of a regional equity exchange, pure.
//! No I/O, no async, no clock of its own; builds for WASM. `backend` runs it, `app` shows it.

pub mod access;
pub mod actor;
pub mod calendar;
pub mod classify;
pub mod clock;
pub mod completeness;
pub mod credit_code;
pub mod engagement;
pub mod enterprise_code;
pub mod fact;
pub mod field;
pub mod file_name;
pub mod finding;
pub mod holder_register;
pub mod id;
pub mod intake;
pub mod locale;
pub mod media;
pub mod moment;
pub mod reading;
pub mod resident_id;
pub mod rule_pack;
pub mod source_error;
pub mod stopwatch;
pub mod text;
pub mod workflow;

mod half_width;
mod toml_source;
mod transcript;
