//! The verifier that runs in the browser: a receipt, perhaps a document, perhaps another key. Every change checks anew.

use ledger::{Digests, receipt};
use leptos::{ev, prelude::*};

use super::{
    browser::{self, Chosen},
    words::{Words, plain},
};
use crate::ui::{
    Card, CheckState, CheckSteps, DescriptionList, Fact, Field, Icon, IconName, Progress, Tag, Tone, Verdict,
};

/// A receipt that was read.
#[derive(Clone, Debug)]
struct Given {
    name: String,
    /// None when the browser could not read the file.
    bytes: Option<Vec<u8>>,
}

/// A document on its way through the digests.
#[derive(Clone, Debug)]
struct Document {
    name: String,
    size: u64,
    done: u64,
    digests: Option<Digests>,
    unreadable: bool,
    /// Which choice it is: an earlier one that is still being read must not come back.
    turn: u32,
}

/// Receipt, document and key in, steps out.
#[island]
pub fn Verifier(
    /// Texts in the reader's language.
    words: Words,
    /// The key of this instance's log.
    vkey: String,
) -> impl IntoView {
    let given = RwSignal::new(None::<Given>);
    let document = RwSignal::new(None::<Document>);
    let key = RwSignal::new(vkey);
    let turn = StoredValue::new(0_u32);

    let take_receipt = move |file: Chosen| {
        let name = browser::described(&file).0;
        leptos::task::spawn_local(async move {
            // One byte more than a receipt may have: longer files are refused for their length, without reading them.
            let bytes = browser::head(&file, receipt::MAX_RECEIPT_BYTES + 1).await;
            given.set(Some(Given { name, bytes }));
        });
    };
    let take_document = move |file: Chosen| {
        let (name, size) = browser::described(&file);
        turn.update_value(|turn| *turn += 1);
        let mine = turn.get_value();
        document.set(Some(Document { name, size, done: 0, digests: None, unreadable: false, turn: mine }));
        leptos::task::spawn_local(async move {
            let change = move |change: &dyn Fn(&mut Document)| {
                document.update(|document| {
                    if let Some(document) = document.as_mut().filter(|document| document.turn == mine) {
                        change(document);
                    }
                });
            };
            let digests = browser::digest(&file, |done| change(&|document| document.done = done)).await;
            change(&|document| {
                document.unreadable = digests.is_none();
                document.digests = digests;
            });
        });
    };
    // Receipts end in .json or .tlog-proof; whatever else is dropped is the document.
    let take_dropped = move |event: ev::DragEvent| {
        for file in browser::dropped(&event) {
            // Extensions are ASCII; the lower case of all letters would be a table of kilobytes.
            let name = browser::described(&file).0.to_ascii_lowercase();
            if name.ends_with(".json") || name.ends_with(".tlog-proof") {
                take_receipt(file);
            } else {
                take_document(file);
            }
        }
    };

    let report = Memo::new(move |_| {
        let bytes = given.get()?.bytes?;
        let digests = match document.get() {
            Some(Document { digests: Some(digests), .. }) => Some(digests),
            Some(Document { unreadable: false, .. }) => return None,
            _ => None,
        };
        let key = key.get();
        let key = (!key.trim().is_empty()).then_some(key.trim());
        Some(receipt::verify(&bytes, digests.as_ref(), key))
    });
    let over = RwSignal::new(false);
    let texts = StoredValue::new(words.clone());

    let name_of = move || given.get().map(|given| plain(&given.name));
    let unreadable = move || given.get().is_some_and(|given| given.bytes.is_none());
    let document_line = move || {
        document.get().map(|document| {
            let words = texts.get_value();
            let (tone, text) = match (&document.digests, document.unreadable) {
                (_, true) => (Tone::Bad, words.unreadable),
                (Some(_), _) => (Tone::Ok, words.hashed),
                (None, _) => (Tone::Info, words.hashing),
            };
            let digests = document.digests.map(|digests| {
                view! {
                    <DescriptionList>
                        <Fact term="SHA-256"><code>{digests.sha256_hex()}</code></Fact>
                        <Fact term="SM3"><code>{digests.sm3_hex()}</code></Fact>
                    </DescriptionList>
                }
            });
            let shown = if document.digests.is_some() { document.size } else { document.done };
            view! {
                <Progress label=plain(&document.name) value=Some(shown.max(u64::from(document.size == 0))) max=document.size.max(1) text=text tone=tone />
                {digests}
            }
        })
    };
    let result = move || {
        let words = texts.get_value();
        match report.get() {
            None => view! { <Verdict state=CheckState::Pending title=words.waiting.clone()>{words.waiting_why}</Verdict> }
                .into_any(),
            Some(report) => {
                let (state, title, why) = words.verdict(&report);
                let steps = words.steps(&report);
                let label = words.steps.clone();
                view! {
                    <Verdict state=state title=title>{why}</Verdict>
                    <Card title=words.steps extra=view! { <Tag tone=Tone::Info>{words.local}</Tag> }.into_any()>
                        <CheckSteps label=label steps=steps />
                    </Card>
                }
                .into_any()
            }
        }
    };

    view! {
        <div class="cols even">
            <div class="stack">
                <div
                    class=move || if over.get() { "drop over" } else { "drop" }
                    on:dragover=move |event: ev::DragEvent| {
                        event.prevent_default();
                        over.set(true);
                    }
                    on:dragleave=move |_| over.set(false)
                    on:drop=move |event: ev::DragEvent| {
                        over.set(false);
                        take_dropped(event);
                    }
                >
                    <Icon name=IconName::Shield />
                    <Field id="verify-receipt" label=words.receipt.clone() help=words.receipt_help.clone()>
                        <input class="input" type="file" id="verify-receipt" aria-describedby="verify-receipt-help"
                            on:change=move |event| if let Some(file) = browser::chosen(&event) { take_receipt(file) } />
                    </Field>
                    <p class="strong">{name_of}</p>
                    {move || unreadable().then(|| view! { <p class="red">{texts.get_value().unreadable}</p> })}
                </div>
                <div
                    class="drop"
                    on:dragover=move |event: ev::DragEvent| event.prevent_default()
                    on:drop=move |event: ev::DragEvent| {
                        for file in browser::dropped(&event) {
                            take_document(file);
                        }
                    }
                >
                    <Icon name=IconName::File />
                    <Field id="verify-document" label=words.document.clone() help=words.document_help.clone() optional=words.optional.clone()>
                        <input class="input" type="file" id="verify-document" aria-describedby="verify-document-help"
                            on:change=move |event| if let Some(file) = browser::chosen(&event) { take_document(file) } />
                    </Field>
                </div>
                {document_line}
                <Field id="verify-vkey" label=words.vkey.clone() help=words.vkey_help.clone()>
                    <input class="input code" type="text" id="verify-vkey" aria-describedby="verify-vkey-help"
                        autocomplete="off" spellcheck="false" prop:value=move || key.get()
                        on:input=move |event| key.set(event_target_value(&event)) />
                </Field>
            </div>
            <div class="stack" aria-live="polite">{result}</div>
        </div>
    }
}
