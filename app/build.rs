//! The texts are compiled in; without this a changed text would wait for the next change of the code.

#[allow(clippy::print_stdout, reason = "this is how a build script speaks")]
fn main() {
    println!("cargo:rerun-if-changed=locales");
}
