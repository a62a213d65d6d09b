//! Ports for servers that are started, killed and started again.

use std::net::TcpListener;

use backend::chance::Random;

/// A free port below those that the system gives to outgoing connections. Among them, any connection of another test could
/// take it while the server is down, and a client that knocks meanwhile now and then connects to itself and keeps it.
pub(crate) fn free() -> u16 {
    loop {
        let bytes: [u8; 2] = Random::System.bytes();
        let port = 12_000 + u16::from_le_bytes(bytes) % 20_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
