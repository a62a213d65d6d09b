//! `guxin ledger rotate-key --data DIR`: the log gets a new key. With the server stopped; a signer in a process of its own goes on
//! running. Interrupted, it can be run again: it goes on where it was, and a server that is started instead finishes it as well.

use std::{process::ExitCode, sync::Arc};

use backend::{
    Cx,
    chance::{Clock, Random},
    key_change, sequencer,
};
use clap::Args;
use serde_json::json;

use crate::{
    command::{Format, folder_lock::FolderLock, instance},
    config::Instance,
};

#[derive(Args, Debug)]
pub(super) struct Options {
    #[command(flatten)]
    instance: Instance,
    /// Print the outcome as one JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(options: Options) -> ExitCode {
    let (instance, format) = (options.instance, Format::of(options.json));
    format.block_on(async move {
        instance::must_exist(&instance)?;
        let _lock = FolderLock::take(&instance.data)?;
        let services = instance::open(&instance, false, Clock::System, Random::System).await?;
        let cx = Cx::anonymous(Arc::new(services));
        let failed = |error| anyhow::anyhow!("{error}");
        let before = cx.signer.standing().await.map_err(failed)?;
        // What waits is anchored first, so that the change is the last entry of its tree; and a change that was interrupted ends here.
        sequencer::drain(&cx, &sequencer::Options::default()).await.map_err(failed)?;
        let again = before.next.is_some_and(|next| next == cx.ledger.verifier_key());
        if !again {
            key_change::begin(&cx).await.map_err(failed)?;
            let one_by_one = sequencer::Options { batch: 1, ..sequencer::Options::default() };
            sequencer::drain(&cx, &one_by_one).await.map_err(failed)?;
        }
        let (old, new) = (before.key, cx.ledger.verifier_key());
        anyhow::ensure!(
            new != old,
            "the change of the key is not on the ledger: see the log, and run this again"
        );
        cx.signer.finish().await.map_err(failed)?;
        let size = cx.ledger.keys().terms().last().map_or(0, |term| term.from);
        cx.db.close().await;
        let words = format!(
            "{}the log's key has changed at size {size}\nold {old}\nnew {new}\n\
             Publish the new key where the old one was published; tell the witnesses (docs/SIGNER.md)",
            if again { "a change that was begun before is finished: " } else { "" }
        );
        let json = json!({ "old": old.to_string(), "new": new.to_string(), "size": size, "again": again });
        Ok(format.print(&words, &json))
    })
}
