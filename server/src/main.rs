//! The binary `guxin`.

fn main() -> std::process::ExitCode {
    server::run()
}
