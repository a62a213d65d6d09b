//! What the reading process does to itself before it opens a file: limits that it and the programs it starts can never
//! raise again, and an end together with the server that started it.

use std::io::Read as _;

use rustix::process::{Resource, Rlimit, Signal, kill_current_process_group, setrlimit};

use super::limits::Limits;

/// Sets the limits of this process for good. Every process that it starts has them too.
///
/// # Errors
/// When the system refuses, or does not know one of them: nothing may be read then.
pub fn confine(limits: &Limits) -> std::io::Result<()> {
    let set = |resource, most: u64| setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) });
    set(Resource::As, limits.memory_bytes)?;
    // Waiting costs nothing, computing does; the clock is the parent's business.
    set(Resource::Cpu, limits.time.as_secs().max(1))?;
    // Text goes through pipes: no file has to grow here.
    set(Resource::Fsize, 0)?;
    set(Resource::Core, 0)?;
    set(Resource::Nofile, 64)?;
    Ok(())
}

/// Ends the process and all it started as soon as standard input closes: the server holds the other end, so no reading
/// outlives it, however it died.
pub fn end_with_parent() {
    std::thread::spawn(|| {
        let mut byte = [0; 1];
        // Nothing is ever sent; an interrupted read is read again by the library.
        let _ = std::io::stdin().lock().read(&mut byte);
        let _ = kill_current_process_group(Signal::KILL);
    });
}
