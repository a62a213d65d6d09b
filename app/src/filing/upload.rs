//! The island around a slot's upload: several files at once, by choosing or by dropping them on the slot's row, each
//! with its progress, cancel, retry and the server's own words when it is refused. When all have ended well the page
//! is read again, so that what it shows is what is stored. Without a script its child, a plain form, does the same.

// The server renders the first state only; the others are reached in the browser.
#![cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::ui::{Progress, Tone};

/// What the island says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "crate::words::Texts")]
pub struct UploadWords {
    /// The slot, for a screen reader.
    pub name: String,
    pub choose: String,
    pub cancel: String,
    pub retry: String,
    pub dismiss: String,
    pub waiting: String,
    /// Sent; the server hashes and inspects.
    pub checking: String,
    pub done: String,
    pub cancelled: String,
    pub lost: String,
    pub too_large: String,
    pub signed_out: String,
    pub sign_in: String,
}

crate::words::from_texts!(UploadWords {
    name,
    choose,
    cancel,
    retry,
    dismiss,
    waiting,
    checking,
    done,
    cancelled,
    lost,
    too_large,
    signed_out,
    sign_in,
});

/// How one file stands.
#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    Waiting,
    /// Bytes sent of all.
    Sending(u64, u64),
    Checking,
    Done,
    Cancelled,
    Refused(String),
    SignedOut,
}

impl State {
    fn is_under_way(&self) -> bool {
        matches!(self, Self::Waiting | Self::Sending(..) | Self::Checking)
    }
}

/// One chosen file.
#[derive(Clone, Debug)]
struct Item {
    id: u64,
    name: String,
    size: u64,
    state: RwSignal<State>,
}

/// Uploads into one slot, or a new version of one document.
#[island]
pub fn SlotUpload(
    /// Where the bytes go.
    url: String,
    /// Id of the slot's row: the place to come back to, and where files can be dropped.
    anchor: String,
    /// Types the file dialog offers.
    accept: String,
    /// More than one file at once.
    multiple: bool,
    /// Most bytes of one file.
    max_bytes: u64,
    /// Files dropped on the row come here.
    drops: bool,
    /// A word among others in place of a button: the slot has files already.
    quiet: bool,
    /// What it says.
    words: UploadWords,
    /// The plain form.
    children: Children,
) -> impl IntoView {
    let awake = RwSignal::new(false);
    let items = RwSignal::new(Vec::<Item>::new());
    let queue = Queue { url, anchor, multiple, max_bytes, items, words: StoredValue::new(words.clone()) };
    {
        let queue = queue.clone();
        Effect::new(move |_| {
            awake.set(true);
            if drops {
                queue.listen_for_drops();
            }
        });
    }
    let choose = {
        let queue = queue.clone();
        move |event: leptos::ev::Event| queue.chosen(&event)
    };
    let list = {
        let (queue, words) = (queue.clone(), words.clone());
        move || {
            let rows: Vec<AnyView> = items.get().into_iter().map(|item| row(&queue, &words, item)).collect();
            (!rows.is_empty()).then(|| view! { <ul class="uploads" aria-live="polite">{rows}</ul> })
        }
    };
    view! {
        <div class="upload">
            <div hidden=move || awake.get()>{children()}</div>
            <label class=if quiet { "link" } else { "button small" } hidden=move || !awake.get()>
                {words.choose.clone()} <span class="said">{words.name.clone()}</span>
                <input class="said" type="file" accept=accept multiple=multiple on:change=choose />
            </label>
            {list}
        </div>
    }
}

fn row(queue: &Queue, words: &UploadWords, item: Item) -> AnyView {
    let (queue, words) = (queue.clone(), words.clone());
    let body = move || {
        let megabytes = |bytes: u64| format!("{}.{}", bytes / 1_000_000, bytes % 1_000_000 / 100_000);
        let (value, text, tone) = match item.state.get() {
            State::Waiting => (Some(0), words.waiting.clone(), Tone::Info),
            State::Sending(sent, all) => {
                (Some(sent), format!("{} / {} MB", megabytes(sent), megabytes(all)), Tone::Info)
            }
            State::Checking => (None, words.checking.clone(), Tone::Info),
            State::Done => (Some(item.size), words.done.clone(), Tone::Ok),
            State::Cancelled => (Some(0), words.cancelled.clone(), Tone::Bad),
            State::Refused(_) | State::SignedOut => (Some(item.size), String::new(), Tone::Bad),
        };
        let said = match item.state.get() {
            State::Refused(message) => Some(view! { <span class="error">{message}</span> }.into_any()),
            State::SignedOut => Some(
                view! {
                    <span class="error">
                        <span>{words.signed_out.clone()} " " <a href="/login" target="_blank" rel="noopener">{words.sign_in.clone()}</a></span>
                    </span>
                }
                .into_any(),
            ),
            _ => None,
        };
        let id = item.id;
        let (cancel, retry, dismiss) = (queue.clone(), queue.clone(), queue.clone());
        let buttons = match item.state.get() {
            State::Done => ().into_any(),
            state if state.is_under_way() => {
                view! { <button type="button" class="link" on:click=move |_| cancel.cancel(id)>{words.cancel.clone()}</button> }.into_any()
            }
            _ => view! {
                <button type="button" class="link" on:click=move |_| retry.start(id)>{words.retry.clone()}</button>
                <button type="button" class="link" on:click=move |_| dismiss.dismiss(id)>{words.dismiss.clone()}</button>
            }
            .into_any(),
        };
        view! {
            <Progress label=item.name.clone() value max=item.size.max(1) text tone />
            {said}
            <div class="row small">{buttons}</div>
        }
    };
    view! { <li>{body}</li> }.into_any()
}

/// The files of one slot on their way.
#[derive(Clone, Debug)]
struct Queue {
    url: String,
    anchor: String,
    multiple: bool,
    max_bytes: u64,
    items: RwSignal<Vec<Item>>,
    words: StoredValue<UploadWords>,
}

impl Queue {
    fn item(&self, id: u64) -> Option<Item> {
        self.items.with_untracked(|items| items.iter().find(|item| item.id == id).cloned())
    }

    /// Takes a refused or cancelled file off the list.
    fn dismiss(&self, id: u64) {
        self.items.update(|items| items.retain(|item| item.id != id));
        self.finish();
    }

    /// All ended: when something was stored and nothing is left to read, the page is shown anew at this slot.
    fn finish(&self) {
        let states: Vec<State> =
            self.items.with_untracked(|items| items.iter().map(|item| item.state.get_untracked()).collect());
        if !states.is_empty() && states.iter().all(|state| *state == State::Done) {
            self.reload();
        }
    }
}

// On the server an island is drawn once; nothing is chosen or sent there.
#[cfg(not(target_arch = "wasm32"))]
impl Queue {
    fn listen_for_drops(&self) {
        // Only the browser has rows to drop on; these say what the browser's half uses.
        let _ = (&self.url, &self.anchor, self.multiple, self.max_bytes, self.words);
    }
    fn chosen(&self, _event: &leptos::ev::Event) {}
    fn start(&self, _id: u64) {}
    fn cancel(&self, id: u64) {
        if let Some(item) = self.item(id) {
            item.state.set(State::Cancelled);
        }
    }
    fn reload(&self) {}
}

#[cfg(target_arch = "wasm32")]
mod browser {
    use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

    use leptos::prelude::*;
    use wasm_bindgen::{JsCast, prelude::Closure};
    use web_sys::{DragEvent, File, FileList, HtmlInputElement, ProgressEvent, XmlHttpRequest, window};

    use super::{Item, Queue, State};
    use crate::fail::{Fail, FailKind};

    /// A file with the request that carries it, if any.
    struct Work {
        file: File,
        request: Option<XmlHttpRequest>,
    }

    thread_local! {
        static WORK: RefCell<BTreeMap<u64, Work>> = const { RefCell::new(BTreeMap::new()) };
        static LAST: RefCell<u64> = const { RefCell::new(0) };
    }

    impl Queue {
        /// Files that the dialog gave.
        pub(super) fn chosen(&self, event: &leptos::ev::Event) {
            let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok())
            else {
                return;
            };
            if let Some(files) = input.files() {
                self.add(&files);
            }
            // The same file can be chosen again after it was refused.
            input.set_value("");
        }

        fn add(&self, files: &FileList) {
            let many = if self.multiple { files.length() } else { files.length().min(1) };
            for file in (0..many).filter_map(|at| files.get(at)) {
                let id = LAST.with_borrow_mut(|last| {
                    *last += 1;
                    *last
                });
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a file's size is a whole number"
                )]
                let size = file.size() as u64;
                let state = RwSignal::new(State::Waiting);
                self.items.update(|items| items.push(Item { id, name: file.name(), size, state }));
                WORK.with_borrow_mut(|work| work.insert(id, Work { file, request: None }));
                if size > self.max_bytes {
                    state.set(State::Refused(self.words.with_value(|words| words.too_large.clone())));
                } else {
                    self.start(id);
                }
            }
        }

        /// Sends one file, for the first time or again.
        pub(super) fn start(&self, id: u64) {
            let Some(item) = self.item(id) else { return };
            let Some(file) = WORK.with_borrow(|work| work.get(&id).map(|work| work.file.clone())) else {
                return;
            };
            let Ok(request) = XmlHttpRequest::new() else { return };
            let name = String::from(js_sys::encode_uri_component(&item.name));
            let ready = request.open_with_async("POST", &self.url, true).is_ok()
                && request.set_request_header("x-file-name", &name).is_ok()
                && request.set_request_header("content-type", "application/octet-stream").is_ok()
                && request.set_request_header("accept", "application/json").is_ok();
            if !ready {
                return;
            }
            item.state.set(State::Sending(0, item.size));
            let state = item.state;
            let progress = Closure::<dyn FnMut(ProgressEvent)>::new(move |event: ProgressEvent| {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "counts of bytes"
                )]
                let (sent, all) = (event.loaded() as u64, event.total() as u64);
                state.set(if sent >= all { State::Checking } else { State::Sending(sent, all) });
            });
            if let Ok(upload) = request.upload() {
                upload.set_onprogress(Some(progress.as_ref().unchecked_ref()));
            }
            let (queue, answered) = (self.clone(), request.clone());
            let ended = Closure::once(move |_: ProgressEvent| {
                // Cancelling has said so already.
                if state.get_untracked() != State::Cancelled {
                    state.set(queue.answer(&answered));
                    queue.finish();
                }
                drop(progress);
            });
            request.set_onloadend(Some(ended.as_ref().unchecked_ref()));
            // `loadend` comes exactly once, and frees itself then.
            ended.forget();
            if request.send_with_opt_blob(Some(&file)).is_err() {
                state.set(State::Refused(self.words.with_value(|words| words.lost.clone())));
            }
            WORK.with_borrow_mut(|work| {
                if let Some(work) = work.get_mut(&id) {
                    work.request = Some(request);
                }
            });
        }

        fn answer(&self, request: &XmlHttpRequest) -> State {
            let lost = || State::Refused(self.words.with_value(|words| words.lost.clone()));
            match request.status() {
                Ok(201) => State::Done,
                Ok(401) => State::SignedOut,
                Ok(status) if status >= 400 => {
                    let text = request.response_text().ok().flatten().unwrap_or_default();
                    match serde_json::from_str::<Fail>(&text) {
                        Ok(fail) if fail.kind == FailKind::SignedOut => State::SignedOut,
                        Ok(fail) => State::Refused(fail.fields.into_values().next().unwrap_or(fail.message)),
                        Err(_) => lost(),
                    }
                }
                _ => lost(),
            }
        }

        pub(super) fn cancel(&self, id: u64) {
            if let Some(item) = self.item(id) {
                item.state.set(State::Cancelled);
            }
            let request = WORK.with_borrow_mut(|work| work.get_mut(&id).and_then(|work| work.request.take()));
            if let Some(request) = request {
                let _ = request.abort();
            }
        }

        /// Files may be dropped anywhere on the slot's row.
        pub(super) fn listen_for_drops(&self) {
            let row = window()
                .and_then(|window| window.document())
                .and_then(|document| document.get_element_by_id(&self.anchor));
            let Some(row) = row else { return };
            let row = Rc::new(row);
            let on = |kind: &str, run: Box<dyn FnMut(DragEvent)>| {
                let closure = Closure::<dyn FnMut(DragEvent)>::wrap(run);
                let _ = row.add_event_listener_with_callback(kind, closure.as_ref().unchecked_ref());
                // Lives as long as the row.
                closure.forget();
            };
            let over = Rc::clone(&row);
            on(
                "dragover",
                Box::new(move |event| {
                    event.prevent_default();
                    let _ = over.class_list().add_1("over");
                }),
            );
            let left = Rc::clone(&row);
            on(
                "dragleave",
                Box::new(move |_| {
                    let _ = left.class_list().remove_1("over");
                }),
            );
            let (dropped, queue) = (Rc::clone(&row), self.clone());
            on(
                "drop",
                Box::new(move |event| {
                    event.prevent_default();
                    let _ = dropped.class_list().remove_1("over");
                    if let Some(files) = event.data_transfer().and_then(|data| data.files()) {
                        queue.add(&files);
                    }
                }),
            );
        }

        pub(super) fn reload(&self) {
            let Some(window) = window() else { return };
            let location = window.location();
            let _ = location.set_hash(&self.anchor);
            let _ = location.reload();
        }
    }
}
