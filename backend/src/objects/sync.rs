//! Making files of a folder durable that were written without waiting for the disk.

use std::{
    collections::BTreeSet,
    fs::File,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use object_store::path::Path as Key;

/// Syncs the files below `folder` with these keys, then every folder on the way to them: a new folder's own name is in the
/// one above it. A file that was removed meanwhile is passed over.
pub(super) fn files_and_names(folder: &Path, keys: &[Key]) -> io::Result<()> {
    let mut folders = BTreeSet::new();
    for key in keys {
        let path = folder.join(key.as_ref());
        match File::open(&path) {
            Ok(file) => file.sync_data()?,
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        folders.extend(
            path.ancestors().skip(1).take_while(|above| above.starts_with(folder)).map(PathBuf::from),
        );
    }
    for path in folders {
        match File::open(&path) {
            Ok(file) => file.sync_all()?,
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_gone_is_passed_over_and_what_cannot_be_synced_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir_all(folder.path().join("ledger/tile/0")).expect("folders");
        std::fs::write(folder.path().join("ledger/tile/0/000"), b"tile").expect("a tile");
        let keys = ["ledger/tile/0/000", "ledger/tile/0/000.p/7", "ledger/tile/9/000"].map(Key::from);
        files_and_names(folder.path(), &keys).expect("synced");
        // A file where a folder should be: not the same as gone.
        let below = [Key::from("ledger/tile/0/000/x")];
        assert!(files_and_names(folder.path(), &below).is_err());
    }
}
