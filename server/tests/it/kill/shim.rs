//! The switch of `shim.c`, which stands between the server and its C library: which call fails, when and how. Compiled by the
//! linker's own compiler when a test begins.

use std::{
    fs::File,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    process::Command,
};

/// Which calls count; they can be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Calls {
    Sync = 1,
    Rename = 2,
    Write = 4,
}

/// What happens at the chosen one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Nothing = 0,
    /// SIGKILL before it is carried out.
    Kill = 1,
    /// It answers EIO.
    FailIo = 2,
    /// It answers ENOSPC.
    FailSpace = 3,
    /// Power failure: everything written or renamed and not synced is gone.
    Drop = 4,
    /// Power failure: names are there, every second sector of what was not synced is not.
    Tear = 5,
}

impl Action {
    /// The process does not outlive it.
    pub(super) const fn ends_the_process(self) -> bool {
        matches!(self, Self::Kill | Self::Drop | Self::Tear)
    }
}

/// The switch.
pub(super) struct Shim {
    control: File,
    around: Vec<(&'static str, PathBuf)>,
}

impl Shim {
    /// Compiles it into `folder`; `data` is the folder whose files count.
    pub(super) fn new(folder: &Path, data: &Path) -> Self {
        let library = folder.join("shim.so");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/kill/shim.c");
        let compiled = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .arg(&library)
            .arg(source)
            .args(["-ldl", "-lpthread"])
            .output()
            .expect("the C compiler that Rust links with");
        assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
        let path = folder.join("control");
        std::fs::write(&path, [0; 48]).expect("a control file");
        let control = File::options().read(true).write(true).open(&path).expect("a control file");
        let data = data.canonicalize().expect("a folder");
        let around =
            vec![("LD_PRELOAD", library), ("GUXIN_FAULT_CONTROL", path), ("GUXIN_FAULT_FOLDER", data)];
        Self { control, around }
    }

    /// What the server must be started with.
    pub(super) fn around(&self) -> Vec<(&'static str, PathBuf)> {
        self.around.clone()
    }

    /// From now on the `at`th of these calls, counted from 1, does that.
    pub(super) fn arm(&self, calls: Calls, action: Action, at: u64) {
        self.disarm();
        self.write(8, &at.to_ne_bytes());
        self.write(0, &(calls as u32).to_ne_bytes());
        self.write(4, &(action as u32).to_ne_bytes());
    }

    /// Nothing happens any more; the counts are 0.
    pub(super) fn disarm(&self) {
        self.write(4, &0_u32.to_ne_bytes());
        self.write(16, &[0; 16]);
    }

    /// Whether the chosen call came.
    pub(super) fn has_fired(&self) -> bool {
        let mut fired = [0; 8];
        self.control.read_exact_at(&mut fired, 24).expect("the control file");
        u64::from_ne_bytes(fired) != 0
    }

    /// The server's clock goes so far before the real one.
    pub(super) fn turn_clock(&self, seconds: i64) {
        self.write(32, &seconds.to_ne_bytes());
    }

    fn write(&self, offset: u64, bytes: &[u8]) {
        self.control.write_all_at(bytes, offset).expect("the control file");
    }
}
