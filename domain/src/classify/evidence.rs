//! Adds up what speaks for each slot. Every point has a reason in words, so that a person sees why and a wrong cue is
//! found at once; the confidence comes from the sum and from the distance to the next slot.

use super::{
    Candidate, Reason,
    cues::{Cues, SlotCues},
    title::{self, Title},
};
use crate::{
    text::Text,
    transcript::{Transcript, find_similar, fold},
};

/// Points of a title that says exactly this.
const TITLE: f32 = 66.0;
/// Points of a running head.
const HEAD: f32 = 18.0;
/// Points of each phrase, and of all of them.
const PHRASE: f32 = 11.0;
const PHRASES: f32 = 46.0;
/// Points of a file name.
const NAME: f32 = 26.0;
const FOLDER: f32 = 5.0;
/// A title that is shared by several kinds.
const AMBIGUOUS: f32 = 40.0;
/// What is never said in this kind of document.
const CONTRARY: f32 = -45.0;
/// A name alone is a proposal.
const NAME_ONLY: f32 = 60.0;
/// Lead over the next slot below which confidence falls.
const LEAD: f32 = 30.0;
/// Phrases that speak without a title, and the lead that they then need.
const MANY: u8 = 5;
const CLEAR: f32 = 36.0;
/// Characters of the beginning in which phrases are looked for: later, long documents speak of everything.
const OPENING: usize = 3_200;
const CLOSING: usize = 500;

/// Points and reasons per slot.
pub(super) struct Evidence<'c> {
    cues: &'c Cues,
    slots: Vec<SlotEvidence>,
}

#[derive(Clone, Default)]
struct SlotEvidence {
    content: f32,
    name: f32,
    /// How many of its phrases were found.
    phrases: u8,
    reasons: Vec<(f32, Reason)>,
}

impl<'c> Evidence<'c> {
    /// What a path says.
    pub(super) fn of_name(cues: &'c Cues, path: &str) -> Self {
        let mut evidence = Self { cues, slots: vec![SlotEvidence::default(); cues.slots.len()] };
        evidence.add_name(path);
        evidence
    }

    /// What a path and a document say.
    pub(super) fn of(cues: &'c Cues, path: &str, transcript: &Transcript) -> Self {
        let mut evidence = Self::of_name(cues, path);
        evidence.add_content(transcript);
        evidence
    }

    /// What a stretch of pages says.
    pub(super) fn of_pages(cues: &'c Cues, transcript: &Transcript) -> Self {
        let mut evidence = Self { cues, slots: vec![SlotEvidence::default(); cues.slots.len()] };
        evidence.add_content(transcript);
        evidence
    }

    fn add_content(&mut self, transcript: &Transcript) {
        self.add_titles(&title::titles(transcript));
        self.add_running_heads(transcript);
        self.add_phrases(transcript);
        self.add_structure(transcript);
    }

    fn add_name(&mut self, path: &str) {
        let path = path.replace('\\', "/");
        let (folders, name) = path.rsplit_once('/').unwrap_or(("", &path));
        let stem = fold(name.rsplit_once('.').map_or(name, |(stem, _)| stem));
        let mut found: Vec<(usize, &String)> = Vec::new();
        for (slot, cues) in self.cues.slots.iter().enumerate() {
            found.extend(
                cues.names
                    .iter()
                    .chain(&cues.titles)
                    .filter(|cue| stem.contains(cue.as_str()))
                    .map(|cue| (slot, cue)),
            );
        }
        let all: Vec<&String> = found.iter().map(|(_, cue)| *cue).collect();
        found.retain(|(_, cue)| {
            !all.iter().any(|other| other.len() > cue.len() && other.contains(cue.as_str()))
        });
        for (slot, cue) in found {
            #[allow(clippy::cast_precision_loss, reason = "a file name")]
            let share = cue.chars().count() as f32 / stem.chars().count().max(1) as f32;
            let points = NAME + 8.0 * share.min(1.0);
            if points > self.slots[slot].name {
                self.slots[slot].name = points;
                let text = Text {
                    zh: format!("文件名含「{cue}」"),
                    en: format!("The file name says “{cue}”"),
                };
                self.slots[slot].reasons.push((points, Reason { text, page: None, area: None }));
            }
        }
        let folders = fold(folders);
        for (slot, cues) in self.cues.slots.iter().enumerate() {
            if cues.names.iter().any(|cue| cue.chars().count() >= 3 && folders.contains(cue.as_str())) {
                self.slots[slot].name += FOLDER;
            }
        }
    }

    fn add_titles(&mut self, titles: &[Title]) {
        let mut best: Vec<Option<(f32, Reason)>> = vec![None; self.slots.len()];
        for title in titles {
            for found in title::matches(self.cues, title) {
                #[allow(clippy::cast_precision_loss, reason = "a few characters")]
                let precise = (found.cue.chars().count() as f32).min(10.0);
                let points = TITLE * found.fit * title.weight + precise;
                if best[found.slot].as_ref().is_none_or(|(most, _)| points > *most) {
                    let (page, said) = (title.page, &found.title.text);
                    let text = Text {
                        zh: format!("第 {page} 页标题为「{said}」"),
                        en: format!("The title on page {page} is “{said}”"),
                    };
                    best[found.slot] = Some((points, Reason { text, page: Some(page), area: title.area }));
                }
            }
            if let Some(word) =
                self.cues.ambiguous.iter().find(|word| title::fit(&title.text, word, false) >= 1.0)
            {
                for (slot, cues) in self.cues.slots.iter().enumerate() {
                    if cues.titles.iter().any(|cue| cue.ends_with(word.as_str())) && best[slot].is_none() {
                        let (page, said) = (title.page, &title.text);
                        let text = Text {
                            zh: format!("第 {page} 页标题只写「{said}」，按正文判断是谁的"),
                            en: format!(
                                "The title on page {page} is only “{said}”; the text tells whose it is"
                            ),
                        };
                        best[slot] = Some((AMBIGUOUS, Reason { text, page: Some(page), area: title.area }));
                    }
                }
            }
        }
        for (slot, best) in best.into_iter().enumerate() {
            if let Some((points, reason)) = best {
                self.slots[slot].content += points;
                self.slots[slot].reasons.push((points, reason));
            }
        }
    }

    fn add_running_heads(&mut self, transcript: &Transcript) {
        for head in &transcript.running {
            for (slot, cues) in self.cues.slots.iter().enumerate() {
                if let Some(cue) = cues.titles.iter().find(|cue| title::fit(head, cue, false) >= 0.95) {
                    let text = Text {
                        zh: format!("页眉为「{cue}」"),
                        en: format!("The running head says “{cue}”"),
                    };
                    self.slots[slot].content += HEAD;
                    self.slots[slot].reasons.push((HEAD, Reason { text, page: None, area: None }));
                    break;
                }
            }
        }
    }

    fn add_phrases(&mut self, transcript: &Transcript) {
        let opening = transcript.after(0, OPENING);
        let closing = if opening.len() < transcript.text.len() {
            transcript.before(transcript.text.len(), CLOSING)
        } else {
            ""
        };
        let fuzzy = transcript.any_recognised();
        let find = |cue: &str| {
            match opening.find(cue) {
                Some(start) => Some(start..start + cue.len()),
                None if fuzzy => find_similar(opening, cue),
                None => None,
            }
            .or_else(|| {
                let start = closing.find(cue)? + transcript.text.len() - closing.len();
                Some(start..start + cue.len())
            })
        };
        for (slot, cues) in self.cues.slots.iter().enumerate() {
            let found: Vec<_> = cues.phrases.iter().filter_map(|cue| Some((cue, find(cue)?))).collect();
            #[allow(clippy::cast_precision_loss, reason = "a dozen phrases")]
            let points = (found.len() as f32 * PHRASE).min(PHRASES);
            if let Some((cue, range)) = found.first() {
                let place = transcript.place(range);
                let (page, others) = (place.page, found.len() - 1);
                let (zh, en) = if others == 0 {
                    (format!("第 {page} 页正文出现「{cue}」"), format!("Page {page} says “{cue}”"))
                } else {
                    (
                        format!("第 {page} 页正文出现「{cue}」等 {} 处用语", others + 1),
                        format!(
                            "Page {page} says “{cue}”, and {others} more phrases of this kind of document"
                        ),
                    )
                };
                let reason = Reason { text: Text { zh, en }, page: Some(page), area: place.area };
                self.slots[slot].content += points;
                self.slots[slot].reasons.push((points, reason));
            }
            self.slots[slot].phrases = u8::try_from(found.len()).unwrap_or(u8::MAX);
            if let Some(cue) = cues.not.iter().find(|cue| opening.contains(cue.as_str())) {
                self.slots[slot].content += CONTRARY;
                let text = Text {
                    zh: format!("但正文出现「{cue}」，这类材料里不会有"),
                    en: format!("But it says “{cue}”, which this kind of document does not"),
                };
                self.slots[slot].reasons.push((-1.0, Reason { text, page: None, area: None }));
            }
        }
    }

    fn add_structure(&mut self, transcript: &Transcript) {
        let contract = is_contract(transcript);
        for (slot, cues) in self.cues.slots.iter().enumerate() {
            if is_agreement(cues) && !contract {
                // Others speak about the agreements.
                self.slots[slot].content -= 22.0;
            }
        }
        if contract {
            for (slot, cues) in self.cues.slots.iter().enumerate() {
                self.slots[slot].content += if is_agreement(cues) { 12.0 } else { -25.0 };
            }
        }
        if let Some(row) = transcript.rows.iter().take(30).find(|row| {
            is_register_header(&row.cells.iter().map(|cell| cell.text.as_str()).collect::<Vec<_>>())
        }) {
            let sheet = row.cells.iter().any(|cell| cell.name.is_some());
            let points = if sheet { 58.0 } else { 8.0 };
            let page = row.page;
            let text = if sheet {
                Text {
                    zh: "工作表表头有股东、证件号码、持股数、持股比例各列".to_owned(),
                    en: "The sheet's header has columns for holder, id number, shares and percentage"
                        .to_owned(),
                }
            } else {
                Text {
                    zh: format!("第 {page} 页有股东名册的表头"),
                    en: format!("Page {page} has a holder register's header"),
                }
            };
            self.add(
                "shareholder_register",
                points,
                Reason { text, page: (!sheet).then_some(page), area: row.area },
            );
        }
        let statements = ["资产负债表", "利润表", "现金流量表"];
        let rows = |name: &str| {
            transcript.rows.iter().find(|row| {
                row.text().ends_with(name) && row.text().chars().count() < name.chars().count() + 6
            })
        };
        if let Some(first) = rows(statements[0])
            && statements.iter().all(|name| rows(name).is_some())
        {
            let page = first.page;
            let text = Text {
                zh: format!("自第 {page} 页起有资产负债表、利润表、现金流量表"),
                en: format!("Balance sheet, income statement and cash flows from page {page} on"),
            };
            self.add("audit_report", 14.0, Reason { text, page: Some(page), area: first.area });
        }
    }

    fn add(&mut self, id: &str, points: f32, reason: Reason) {
        if let Some(slot) = self.cues.slots.iter().position(|cues| cues.slot.as_str() == id) {
            self.slots[slot].content += points;
            self.slots[slot].reasons.push((points, reason));
        }
    }

    /// The slots for which anything speaks, best first, four at most.
    pub(super) fn candidates(&self) -> Vec<Candidate> {
        let order = self.order();
        let total = |index: usize| self.slots[index].content + self.slots[index].name;
        let mut candidates = Vec::new();
        for index in order.iter().take(4) {
            let score = total(*index);
            if score <= 8.0 {
                break;
            }
            if let Some(best) = candidates.first() {
                // Of two slots one is right: the next is never surer than what the first leaves.
                let best: &Candidate = best;
                let left = f32::from(100 - best.confidence).max(5.0).min(f32::from(best.confidence));
                let confidence = percent((score / 2.0).min(left));
                candidates.push(Candidate { slot: self.cues.slots[*index].slot.clone(), confidence });
                continue;
            }
            let next = order.get(1).map_or(0.0, |next| total(*next)).max(0.0);
            let lead = score - next;
            let mut confidence = score.min(98.0);
            if lead < LEAD {
                confidence -= (LEAD - lead) * 1.1;
            }
            // A picture's title is often unread. Many phrases of one kind and hardly any of others say as much.
            let phrases = self.slots[*index].phrases;
            if phrases >= MANY && lead >= CLEAR {
                confidence = confidence.max((66.0 + f32::from(phrases - MANY) * 6.0).min(90.0));
            }
            if self.slots[*index].content < 34.0 {
                confidence = confidence.min(NAME_ONLY);
            }
            candidates.push(Candidate {
                slot: self.cues.slots[*index].slot.clone(),
                confidence: percent(confidence),
            });
        }
        candidates
    }

    /// Why the best one leads.
    pub(super) fn reasons(&self) -> Vec<Reason> {
        let Some(best) = self.order().first().copied() else { return Vec::new() };
        let mut reasons = self.slots[best].reasons.clone();
        reasons.sort_by(|a, b| b.0.total_cmp(&a.0));
        reasons.into_iter().map(|(_, reason)| reason).collect()
    }

    fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.slots.len()).collect();
        let total = |index: &usize| self.slots[*index].content + self.slots[*index].name;
        order.sort_by(|a, b| total(b).total_cmp(&total(a)));
        order
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
fn percent(value: f32) -> u8 {
    value.clamp(1.0, 98.0).round() as u8
}

fn is_agreement(cues: &SlotCues) -> bool {
    cues.titles.iter().any(|title| title.ends_with("协议"))
}

/// Two parties named at the beginning.
fn is_contract(transcript: &Transcript) -> bool {
    let party = |name: &str| {
        transcript.rows.iter().take(24).any(|row| {
            let text = row.text();
            text.strip_prefix(name).is_some_and(|rest| rest.starts_with([':', '(']))
        })
    };
    party("甲方") && party("乙方")
}

/// The header of a holder register, whatever its columns are called.
pub(crate) fn is_register_header(cells: &[&str]) -> bool {
    let any = |words: &[&str]| {
        cells.iter().any(|cell| cell.chars().count() <= 16 && words.iter().any(|word| cell.contains(word)))
    };
    cells.len() >= 3
        && any(&["姓名", "名称", "股东", "持有人"])
        && any(&[
            "持股数",
            "股数",
            "股份数",
            "持有数量",
            "持股数量",
            "出资额",
            "认购股份",
            "股份数量",
            "持股股数",
        ])
        && any(&["比例", "占比"])
        && any(&["证件", "身份证", "代码", "证照"])
}
