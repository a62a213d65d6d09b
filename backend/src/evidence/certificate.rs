//! What a certificate says: the object and its digests, who deposited it and how that was verified, how and when it was obtained,
//! its place on the ledger with the whole proof, who vouches, the chain it stands in. What is the same on every certificate is in
//! [`super::phrases`].

use std::collections::BTreeMap;

use domain::{locale::Locale, media, rule_pack::RulePack};
use ledger::{Digests, evidence::Kind, merkle};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{
    item::{ChainRow, Item, What},
    phrases,
};
use crate::{
    cx::Cx,
    error::{Error, Result},
    receipt::page::{clock, page_of, witnesses},
    sheet::{Block, Texts},
};

type Pairs = Vec<(String, String)>;

/// One certificate being phrased.
struct Page<'a> {
    cx: &'a Cx,
    item: &'a Item,
    pack: &'a RulePack,
    locale: Locale,
    blocks: Vec<Block>,
}

/// Phrases a certificate.
pub(super) fn texts(cx: &Cx, item: &Item, locale: Locale) -> Result<Texts> {
    let mut page = Page { cx, item, pack: item.filing.pack(cx)?, locale, blocks: Vec::new() };
    page.depositor();
    page.object()?;
    page.obtained();
    page.ledger();
    page.listed()?;
    page.chain();
    page.proof();
    for (title, paragraphs) in phrases::notes(cx, item, locale) {
        page.blocks.extend([Block::Title(title), Block::Paragraphs(paragraphs)]);
    }
    let kind = match item.kind {
        Kind::Version => locale.pick("申报版本", "Version of a filing"),
        Kind::Document => locale.pick("材料文件", "Document"),
        Kind::Attestation => locale.pick("中介机构鉴证", "Attestation"),
    };
    Ok(Texts {
        lang: locale.tag(),
        title: locale.pick("存证证明", "Certificate of deposit").to_owned(),
        subtitle: format!("{kind} · {}", item.number),
        exchange: cx.settings.exchange_name.clone(),
        dated: Some(item.anchored_at),
        blocks: page.blocks,
        footer: locale
            .pick(
                "本页供阅读。以证据包中的回执文件（receipt.json）为准，可离线核验。",
                "For reading. The receipt file in the evidence bundle (receipt.json) decides and verifies offline.",
            )
            .to_owned(),
        page_of: page_of(locale),
    })
}

impl Page<'_> {
    fn say(&self, zh: &str, en: &str) -> String {
        self.locale.pick(zh, en).to_owned()
    }

    fn title(&mut self, zh: &str, en: &str) {
        self.blocks.push(Block::Title(self.locale.pick(zh, en).to_owned()));
    }

    fn slot(&self, id: &str) -> String {
        let named =
            |slot: &domain::rule_pack::Slot| format!("{}. {}", slot.number, slot.name.get(self.locale));
        self.pack.slot(id).map_or_else(|| id.to_owned(), named)
    }

    fn depositor(&mut self) {
        let (item, locale) = (self.item, self.locale);
        let verified = match item.depositor.verified_at {
            Some(at) => locale
                .pick(
                    "{exchange}于 {time} 核验登记信息（名称、统一社会信用代码、法定代表人）。经办人须以密码和第二验证因素登录。",
                    "{exchange} checked its registration (name, credit code, legal representative) on {time}. Its people sign in with a password and a second factor.",
                )
                .replace("{exchange}", &self.cx.settings.exchange_name)
                .replace("{time}", &clock(at, locale)),
            None => self.say("未经核验", "Not verified"),
        };
        self.blocks.push(Block::Pairs(vec![
            (self.say("证明编号", "Number"), item.number.clone()),
            (self.say("存证主体", "Depositor"), item.depositor.name.clone()),
            (self.say("统一社会信用代码", "Credit code"), item.depositor.credit_code.clone()),
            (self.say("账本代号", "On the ledger as"), item.depositor.ledger_name.clone()),
            (self.say("主体核验", "How verified"), verified),
        ]));
    }

    /// Name, size, type and both digests of what is certified.
    fn object(&mut self) -> Result<()> {
        let (name, size, media_type, digests) = match &self.item.what {
            What::Version { manifest, version, .. } => {
                let name = self
                    .locale
                    .pick(
                        "{title} 第 {n} 版 材料清单（{d} 份材料）",
                        "{title}, version {n}: manifest of {d} documents",
                    )
                    .replace("{title}", self.pack.title.get(self.locale))
                    .replace("{n}", &manifest.version.to_string())
                    .replace("{d}", &manifest.documents.len().to_string());
                let text = &version.manifest;
                (name, text.len() as u64, "application/json".to_owned(), Digests::of(text.as_bytes()))
            }
            What::Document { document, number, .. } => {
                let version =
                    self.locale.pick("第 {n} 版", "version {n}").replace("{n}", &number.to_string());
                let name = format!("{} · {} · {version}", document.file_name, self.slot(&document.slot));
                let size = u64::try_from(document.size).map_err(Error::internal)?;
                (name, size, document.media_type.clone(), document.digests()?)
            }
            What::Attestation { row, decision, .. } => {
                let word = if decision == "attest" {
                    self.locale.pick("鉴证声明", "Statement of attestation")
                } else {
                    self.locale.pick("不予鉴证声明", "Statement of declining to attest")
                };
                let name = format!("{word} · {}", self.slot(&row.slot));
                let text = row.statement.as_bytes();
                (name, text.len() as u64, "application/json".to_owned(), Digests::of(text))
            }
        };
        self.title("存证对象", "What was deposited");
        self.blocks.push(Block::Pairs(vec![
            (self.say("名称", "Name"), name),
            (self.say("申报编号", "Filing"), self.item.filing.id.to_string()),
            (self.say("大小", "Size"), format!("{size} B（{}）", media::size_label(size))),
            (self.say("类型", "Type"), media_type),
            ("SHA-256".to_owned(), digests.sha256_hex()),
            ("SM3".to_owned(), digests.sm3_hex()),
        ]));
        Ok(())
    }

    fn obtained(&mut self) {
        let locale = self.locale;
        let uploaded = self.say(
            "经办人登录平台后上传。平台在接收的同时计算两种摘要，落盘后写入账本，未作改动。",
            "Uploaded by a signed-in person. The platform hashed it while receiving it, stored it, and wrote the digests to the ledger, unchanged.",
        );
        let (by, how, mut times): (String, String, Pairs) = match &self.item.what {
            What::Version { version, submitted_by, .. } => (
                submitted_by.clone(),
                self.say(
                    "经办人登录平台后提交。提交时平台冻结字段、材料与有效鉴证，清单摘要写入账本。",
                    "Submitted by a signed-in person. On submission the platform froze fields, documents and the attestations that counted; the manifest's digests went to the ledger.",
                ),
                vec![
                    (self.say("收到首字节", "First byte"), clock(version.received_at, locale)),
                    (self.say("提交", "Submitted"), clock(version.submitted_at, locale)),
                ],
            ),
            What::Document { document, .. } => (
                document.uploaded_by.clone(),
                uploaded,
                vec![
                    (self.say("收到首字节", "First byte"), clock(document.received_at, locale)),
                    (self.say("保存完成", "Stored"), clock(document.uploaded_at, locale)),
                ],
            ),
            What::Attestation { row, signer, .. } => (
                signer.clone(),
                self.say(
                    "签字人在本人浏览器中以通行密钥签署声明的 SHA-256。私钥由签字人的设备保管，平台不持有，不代签；平台核验签名后写入账本。",
                    "The signer's passkey signed the statement's SHA-256 in the signer's browser. The private key is in the signer's device; the platform does not hold it and signs for nobody. The platform checked the signature and wrote it to the ledger.",
                ),
                vec![
                    (self.say("签署", "Signed"), clock(row.signed_at, locale)),
                    (self.say("通行密钥绑定", "Passkey bound to"), format!("{} · {}", row.rp_id, row.origin)),
                ],
            ),
        };
        let mut pairs = vec![(self.say("经办人", "By"), by), (self.say("方式", "How"), how)];
        pairs.append(&mut times);
        pairs.push((self.say("入账", "Anchored"), clock(self.item.anchored_at, locale)));
        pairs.push((
            self.say("时间来源", "Clock"),
            self.say(
                "平台服务器系统时钟，未测量其偏差，未经授时机构认证。见证方联署时间为见证方自己的时钟。",
                "System clock of the platform's server; its offset was not measured and no time-stamping authority certified it. Times of cosignatures are the witnesses' own.",
            ),
        ));
        self.title("取得方式与时间", "How and when it was obtained");
        self.blocks.push(Block::Pairs(pairs));
    }

    fn ledger(&mut self) {
        let (item, locale) = (self.item, self.locale);
        let link = format!("{}/ledger/entries/{}", self.cx.settings.public_url, item.proof.index);
        let leaf = merkle::leaf_hash(item.receipt.entry.as_bytes());
        let pairs = vec![
            (self.say("账本", "Ledger"), item.checkpoint.origin.clone()),
            (self.say("叶序号", "Leaf index"), item.proof.index.to_string()),
            (self.say("叶哈希", "Leaf hash"), hex::encode(leaf.0)),
            (self.say("检查点大小", "Checkpoint size"), item.checkpoint.size.to_string()),
            (self.say("根哈希", "Root hash"), hex::encode(item.checkpoint.root.0)),
            (self.say("见证", "Witnesses"), witnesses(&item.finality, locale)),
        ];
        self.title("账本记录", "On the ledger");
        self.blocks.push(Block::Place {
            pairs,
            link,
            caption: self.say("扫码查看账本记录", "The entry on the ledger"),
        });
        let mut rows: Vec<Vec<String>> = item
            .finality
            .present
            .iter()
            .map(|(name, seconds)| vec![name.clone(), utc(*seconds), self.say("已联署", "cosigned")])
            .collect();
        let missing = self.say("未联署", "has not cosigned");
        rows.extend(
            item.finality.missing.iter().map(|name| vec![name.clone(), "—".to_owned(), missing.clone()]),
        );
        if !rows.is_empty() {
            self.blocks.push(Block::Table {
                widths: vec![240.0, 130.0],
                head: vec![
                    self.say("见证方", "Witness"),
                    self.say("联署时间（见证方时钟）", "Time (the witness's clock)"),
                    self.say("状态", "State"),
                ],
                rows,
                fine: false,
            });
        }
    }

    /// The documents with full digests, and the firms that attested them.
    fn listed(&mut self) -> Result<()> {
        let head = vec![
            self.say("材料", "Document"),
            self.say("大小 · 类型", "Size · type"),
            self.say("摘要", "Digests"),
        ];
        let digests = |d: &Digests| format!("SHA-256 {}\nSM3 {}", d.sha256_hex(), d.sm3_hex());
        match &self.item.what {
            What::Version { manifest, firms, .. } => {
                let place = |slot: &str| self.pack.slot(slot).map_or(u16::MAX, |slot| slot.number);
                let mut listed: Vec<_> = manifest.documents.iter().collect();
                listed.sort_by_key(|d| place(&d.slot));
                let rows = listed
                    .into_iter()
                    .map(|d| {
                        let known = media::Kind::from_media_type(&d.media_type);
                        let kind = known.map_or(d.media_type.as_str(), |kind| kind.label(self.locale));
                        let kind = format!("{} · {kind}", media::size_label(d.size));
                        vec![format!("{} · {}", self.slot(&d.slot), d.name), kind, digests(&d.digests())]
                    })
                    .collect();
                let attested: Vec<Vec<String>> = firms
                    .iter()
                    .map(|row| {
                        let leaf = row.leaf_index.map_or_else(String::new, |index| format!(" · #{index}"));
                        let when = clock(row.signed_at, self.locale) + &leaf;
                        vec![row.firm_name.clone(), self.slot(&row.slot), when]
                    })
                    .collect();
                self.title("材料清单", "Documents");
                self.blocks.push(Block::Table { widths: vec![126.0, 62.0], head, rows, fine: true });
                if !attested.is_empty() {
                    self.title("中介机构鉴证", "Attestations");
                    let head = vec![
                        self.say("机构", "Firm"),
                        self.say("材料", "Slot"),
                        self.say("签署时间 · 叶序号", "Signed · leaf"),
                    ];
                    self.blocks.push(Block::Table {
                        widths: vec![170.0, 150.0],
                        head,
                        rows: attested,
                        fine: false,
                    });
                }
            }
            What::Attestation { statement, .. } => {
                let paths: BTreeMap<Digests, String> = self
                    .item
                    .documents
                    .iter()
                    .map(|d| (d.digests, d.path.rsplit('/').next().unwrap_or_default().to_owned()))
                    .collect();
                let rows = statement
                    .documents
                    .iter()
                    .map(|d| {
                        let name = paths.get(d).cloned().unwrap_or_else(|| "—".to_owned());
                        vec![name, digests(d)]
                    })
                    .collect();
                self.title("所签材料", "Documents that were signed");
                let head = vec![self.say("材料", "Document"), self.say("摘要", "Digests")];
                self.blocks.push(Block::Table { widths: vec![188.0], head, rows, fine: true });
            }
            What::Document { .. } => {}
        }
        Ok(())
    }

    fn chain(&mut self) {
        let chain: &[ChainRow] = match &self.item.what {
            What::Version { chain, .. } | What::Document { chain, .. } => chain,
            What::Attestation { .. } => &[],
        };
        let previous = self.item.entry.prev.map_or_else(
            || {
                self.say(
                    "无：这是该对象在账本上的第一条记录",
                    "None: this is the object's first entry on the ledger",
                )
            },
            |hash| hash.to_string(),
        );
        self.title("版本链", "Version chain");
        self.blocks.push(Block::Pairs(vec![
            (self.say("账本对象", "Object"), self.item.entry.object.clone()),
            (self.say("前一条记录", "Entry before"), previous),
        ]));
        if !chain.is_empty() {
            let rows = chain
                .iter()
                .map(|row| {
                    let leaf = row.leaf_index.map_or_else(|| "—".to_owned(), |index| format!("#{index}"));
                    vec![row.number.to_string(), clock(row.at, self.locale), leaf, hex::encode(&row.sha256)]
                })
                .collect();
            let head = vec![
                self.say("版本", "Version"),
                self.say("时间", "Time"),
                self.say("叶序号", "Leaf"),
                "SHA-256".to_owned(),
            ];
            self.blocks.push(Block::Table { widths: vec![34.0, 140.0, 40.0], head, rows, fine: true });
        }
    }

    fn proof(&mut self) {
        self.title("包含性证明与检查点", "Inclusion proof and checkpoint");
        let hashes = self.item.proof.hashes.iter().enumerate();
        let mut lines: Vec<String> =
            hashes.map(|(at, hash)| format!("{:>2}  {}", at + 1, hex::encode(hash.0))).collect();
        if lines.is_empty() {
            lines.push(self.say("叶即根，无须同级哈希。", "The leaf is the root; no hash is needed."));
        }
        lines.extend(self.item.proof.checkpoint.lines().map(str::to_owned));
        self.blocks.push(Block::Verbatim(lines));
    }
}

fn utc(seconds: u64) -> String {
    i64::try_from(seconds)
        .ok()
        .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok())
        .and_then(|at| at.format(&Rfc3339).ok())
        .unwrap_or_else(|| seconds.to_string())
}
