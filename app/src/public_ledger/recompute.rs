//! The card in which the reader's browser recomputes what the page shows (`public/ledger-proof.js`): every step with the hashes
//! that the server claims, waiting to be compared with what follows from the log's tiles. Without the script the hashes are there
//! all the same, and the card says that nothing was recomputed.

use leptos::prelude::*;

use crate::{
    lang::Lang,
    request::Request,
    ui::{Card, Icon, IconName},
};

/// What the browser is to recompute.
pub(super) enum Subject {
    Inclusion { index: u64, size: u64 },
    Consistency { from: u64, to: u64 },
}

/// One step; the script finds it by its kind and compares with the hashes.
#[derive(Default)]
pub(super) struct Step {
    /// `leaf`, `level`, `node`, `root` or `signature`.
    pub(super) kind: &'static str,
    pub(super) title: String,
    /// What the server says comes out, or goes in.
    pub(super) hash: Option<String>,
    /// What comes out of the two together.
    pub(super) parent: Option<String>,
    /// The leaves below the hash.
    pub(super) leaves: Option<std::ops::Range<u64>>,
    pub(super) side: Option<&'static str>,
}

/// The card.
pub(super) fn card(request: &Request, title: String, subject: &Subject, steps: Vec<Step>) -> AnyView {
    let lang = request.lang;
    let t = move |key: &str| lang.t(&format!("ledger.recompute.{key}"));
    let (what, index, size, from, to) = match subject {
        Subject::Inclusion { index, size } => {
            ("inclusion", Some(index.to_string()), Some(size.to_string()), None, None)
        }
        Subject::Consistency { from, to } => {
            ("consistency", None, None, Some(from.to_string()), Some(to.to_string()))
        }
    };
    // With the keys that the log had when it signed what is compared.
    let keys = request.cx.ledger.keys();
    let vkey = match subject {
        Subject::Inclusion { size, .. } => keys.at(*size).to_string(),
        Subject::Consistency { from, to } if keys.at(*from) != keys.at(*to) => {
            format!("{} {}", keys.at(*from), keys.at(*to))
        }
        Subject::Consistency { to, .. } => keys.at(*to).to_string(),
    };
    let rows: Vec<_> = steps.into_iter().map(|step| row(lang, step)).collect();
    let icons: Vec<_> = [
        ("ok", IconName::CheckCircle, t("ok")),
        ("failed", IconName::CloseCircle, t("failed")),
        ("skipped", IconName::Minus, t("skipped")),
    ]
    .map(|(state, name, said)| {
        view! { <template data-icon=state><Icon name=name label=said /></template> }
    })
    .into_iter()
    .collect();
    view! {
        <Card title=title>
            <div class="stack tight" data-recompute=what data-index=index data-size=size data-from=from data-to=to data-vkey=vkey
                data-good=t("good") data-bad=t("bad") data-cannot=t("cannot") data-insecure=t("insecure")>
                <p class="strong" role="status" data-verdict="">{t("waiting")}</p>
                <ol class="checks" aria-label=t("steps")>{rows}</ol>
                {icons}
                <p class="small dim">{t("how")}</p>
            </div>
        </Card>
        <script defer src="/ledger-proof.js"></script>
    }
    .into_any()
}

fn row(lang: Lang, step: Step) -> impl IntoView + use<> {
    let detail = match (&step.hash, &step.parent) {
        (Some(hash), Some(parent)) => format!("{hash} → {parent}"),
        (Some(hash), None) => hash.clone(),
        _ => String::new(),
    };
    let (start, end) = step.leaves.map(|leaves| (leaves.start.to_string(), leaves.end.to_string())).unzip();
    let pending = lang.t("ledger.recompute.pending");
    view! {
        <li class="pending" data-step=step.kind data-hash=step.hash data-parent=step.parent data-start=start data-end=end data-side=step.side>
            <Icon name=IconName::Circle label=pending />
            <span class="title">{step.title}</span>
            <span class="detail">{detail}</span>
        </li>
    }
}

/// "第 256 – 511 条": the leaves below a hash.
pub(super) fn leaves(lang: Lang, range: &std::ops::Range<u64>) -> String {
    let (first, last) = (range.start.to_string(), (range.end - 1).to_string());
    if first == last {
        return lang.with("ledger.recompute.one_leaf", &[("index", &first)]);
    }
    lang.with("ledger.recompute.leaves", &[("first", &first), ("last", &last)])
}

/// The last two steps for a checkpoint: the computed root is the one that was signed, and by whom.
pub(super) fn vouched(lang: Lang, size: u64, root: String) -> [Step; 2] {
    let size = size.to_string();
    let title = |key: &str| lang.with(&format!("ledger.recompute.{key}"), &[("size", &size)]);
    [
        Step { kind: "root", title: title("root"), hash: Some(root), ..Step::default() },
        Step { kind: "signature", title: title("signature"), ..Step::default() },
    ]
}
