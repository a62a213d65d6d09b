//! `guxin serve`: opens the instance, starts the sequencer and the housekeeping, serves until it is told to stop,
//! then lets running requests end and the ledger catch up.

use std::{net::SocketAddr, process::ExitCode, sync::Arc, time::Duration};

use anyhow::Context as _;
use backend::{
    Cx,
    chance::{Clock, Random},
    organisation::bootstrap,
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{Format, folder_lock::FolderLock, instance, seed};
use crate::{
    config::Serve,
    http::{self, Pace, UploadLimits},
    telemetry,
};

pub(crate) fn run(options: Serve) -> ExitCode {
    if let Err(message) = telemetry::start_logging(&options.log, options.log_json) {
        return Format::Words.complain(&message);
    }
    Format::Words.block_on(serve(options))
}

async fn serve(options: Serve) -> anyhow::Result<ExitCode> {
    let metrics = telemetry::start_metrics()?;
    if !options.site_root.join("pkg/guxin.css").exists() {
        tracing::warn!(site = %options.site_root.display(), "--site-root holds no site: run `make build`; pages will have no style");
    }
    // Before anything is touched: another server's uploads lie in the same spool. Held until the end.
    let _lock = FolderLock::take(&options.instance.data)?;
    // And before the work of the first start, which would be for nothing.
    let listener = TcpListener::bind(options.listen)
        .await
        .with_context(|| format!("--listen: cannot listen on {}", options.listen))?;
    if options.demo {
        seed::clear_unfinished(&options.instance)?;
    }
    let services = instance::open(&options.instance, options.demo, Clock::System, Random::System).await?;
    let services = Arc::new(services);
    seed::refuse_unfinished(&services, &options.instance).await?;
    let cx = Cx::anonymous(Arc::clone(&services));
    let spooled = services.objects.clear_spool().await.context("the spool could not be cleared")?;
    if spooled > 0 {
        tracing::info!(spooled, "unfinished uploads of an earlier run were removed");
    }
    prepare(&cx, &options).await?;
    let unnamed = backend::intake::job::resume(&cx)
        .await
        .map_err(|error| anyhow::anyhow!("the intake could not be resumed: {error}"))?;
    if unnamed > 0 {
        tracing::info!(unnamed, "bytes of an earlier run that no file of the intake names were removed");
    }

    let stop = CancellationToken::new();
    let sequencer = tokio::spawn(backend::sequencer::run(Arc::clone(&services), stop.clone()));
    let intake = tokio::spawn(backend::intake::job::run(Arc::clone(&services), stop.clone()));
    let housekeeping = tokio::spawn(housekeeping(cx.clone(), stop.clone()));
    let asking = tokio::spawn(backend::witness::asking::run(
        Arc::clone(&services),
        backend::witness::asking::Options::default(),
        stop.clone(),
    ));

    let state = http::State::new(
        Arc::clone(&services),
        options.site_root.clone(),
        Some(metrics),
        options.trusted_proxies.clone(),
    )
    .with_upload_limits(limits(&options));
    let app = http::router(state)?.into_make_service_with_connect_info::<SocketAddr>();
    tracing::info!(listen = %listener.local_addr()?, url = %services.settings.public_url, engine = ?services.db.engine(), "serving");
    let deadline = options.shutdown_seconds;
    let server = axum::serve(listener, app).with_graceful_shutdown(asked_to_stop());
    tokio::select! {
        served = server.into_future() => served?,
        () = async { asked_to_stop().await; tokio::time::sleep(Duration::from_secs(deadline)).await } => {
            tracing::warn!(deadline, "requests still ran at the deadline and were cut off");
        }
    }
    stop.cancel();
    let _ = housekeeping.await;
    let _ = asking.await;
    let _ = intake.await;
    if let Err(error) = sequencer.await {
        tracing::error!(%error, "the sequencer ended badly");
    }
    services.db.close().await;
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

fn limits(options: &Serve) -> UploadLimits {
    let usual = UploadLimits::default();
    let pace = Pace { floor: options.upload_floor_kb.saturating_mul(1_000), ..usual.pace };
    UploadLimits { pace, at_once: usize::from(options.uploads_at_once) }
}

/// What an instance needs before its first request.
async fn prepare(cx: &Cx, options: &Serve) -> anyhow::Result<()> {
    if options.demo {
        seed::if_empty(cx.services(), &options.instance).await?;
    }
    let failed = |what: &'static str| move |error: backend::Error| anyhow::anyhow!("{what}: {error}");
    match (&options.operator_login, &options.operator_password) {
        (Some(login), Some(password)) => {
            bootstrap::operator(cx, login, password)
                .await
                .map_err(failed("the first operator could not be made"))?;
        }
        _ => {
            let link =
                bootstrap::set_up_link(cx).await.map_err(failed("the set-up link could not be made"))?;
            if let Some(issued) = link {
                // The only place where the link exists in clear: whoever reads the log of an empty instance sets it up.
                tracing::warn!(link = %format!("{}/invite/{}", cx.settings.public_url, issued.token), "nobody has an account: open this link to make the first operator");
            }
        }
    }
    backend::rule_pack::store(cx).await.map_err(failed("the rule packs could not be released"))?;
    Ok(())
}

/// Once a minute: expired sessions and files that never became whole go, access records are anchored.
async fn housekeeping(cx: Cx, stop: CancellationToken) {
    let mut minute = tokio::time::interval(Duration::from_secs(60));
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = minute.tick() => {}
        }
        if let Err(error) = backend::session::purge(&cx).await {
            tracing::warn!(%error, "expired sessions could not be removed");
        }
        if let Err(error) = backend::intake::job::expire(&cx).await {
            tracing::warn!(%error, "files of the intake that never became whole could not be let go");
        }
        if let Err(error) = backend::access_record::chain::anchor(&cx).await {
            tracing::warn!(%error, "access records could not be anchored");
        }
    }
}

/// Waits for SIGTERM or SIGINT.
pub(super) async fn asked_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut interrupt)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        return std::future::pending().await;
    };
    tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
}
