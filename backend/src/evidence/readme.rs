//! The bundle's README: what each file is and how to check all of it, in both languages, with and without this project's program.

use ledger::evidence::Kind;

use super::item::Item;
use crate::cx::Cx;

pub(super) fn text(cx: &Cx, item: &Item) -> String {
    let (what_zh, what_en) = match item.kind {
        Kind::Version => ("一次申报版本", "one submitted version of a filing"),
        Kind::Document => ("一份材料文件的一个版本", "one version of one document"),
        Kind::Attestation => ("一项中介机构鉴证", "one firm's attestation"),
    };
    let (only_zh, only_en) = match item.kind {
        Kind::Version => (
            "manifest.json         材料清单，其摘要在账本条目中\nattestations/         各机构的鉴证：声明、通行密钥签名、账本条目及证明",
            "manifest.json         the manifest whose digests the ledger entry holds\nattestations/         each firm's statement, passkey signature, ledger entry and proof",
        ),
        Kind::Document => ("", ""),
        Kind::Attestation => (
            "attestation.json      鉴证声明、通行密钥签名、账本条目及证明",
            "attestation.json      statement, passkey signature, ledger entry and proof",
        ),
    };
    let policy = item.policy.is_some();
    let filled = |text: &str| {
        let lines = text
            .replace("{number}", &item.number)
            .replace("{public}", &cx.settings.public_url)
            .replace("{vkey}", &item.receipt.log.vkey)
            .replace("{what_zh}", what_zh)
            .replace("{what_en}", what_en)
            .replace("{only_zh}", only_zh)
            .replace("{only_en}", only_en);
        // Lines about files that this bundle does not have go.
        let mut kept = String::new();
        for line in lines.lines().filter(|line| policy || !line.starts_with("policy ")) {
            kept.push_str(line);
            kept.push('\n');
        }
        kept.replace("\n\n\n", "\n\n")
    };
    filled(CHINESE) + "\n" + &"-".repeat(72) + "\n\n" + &filled(ENGLISH)
}

const CHINESE: &str = "\
股信 证据包
编号 {number}
内容：{what_zh}

文件
receipt.json          回执：账本条目、包含性证明、检查点等。只有它（及其所覆盖的材料）是证据，其余文件是它的副本或供阅读
receipt.tlog-proof    同一证明，C2SP tlog-proof 格式，供其他工具使用
entry.json            账本条目原文（RFC 8785 规范 JSON）
checkpoint            签名的检查点，含见证方联署
vkey                  账本公钥
policy                联署达到何种数量即为终局（C2SP tlog-policy）
{only_zh}
documents/            材料原件
certificate.pdf       存证证明（中文）
certificate.en.pdf    存证证明（英文）
bundle.json           所有文件的大小、SHA-256 与 SM3
SHA256SUMS            供 sha256sum 使用

核验（不需要网络）
1. 从可信渠道取得账本公钥，与 vkey 比较。此包自带的公钥不能证明自己的来源。
2. guxin verify 本文件.zip --vkey 公钥
   退出码 0：全部通过。退出码 1：有一部分不通过，并指出是哪一部分。
3. 不用本程序也可以：sha256sum -c SHA256SUMS 核对文件；材料的 SHA-256 应在 manifest.json 或 entry.json 中；
   receipt.tlog-proof 可用任何读取 C2SP tlog-proof 的工具核验。
4. 浏览器核验：{public}/verify，选择 receipt.json 和任一材料，文件不离开浏览器。

certificate.pdf 供人阅读，本身不是证据：有出入时以 receipt.json 为准。
本包证明所载摘要在检查点签署前已写入账本且此后未改动；不证明内容真实、合法。
";

const ENGLISH: &str = "\
Guxin evidence bundle
Number {number}
About: {what_en}

Files
receipt.json          the receipt: ledger entry, inclusion proof, checkpoint. It alone (with the documents it covers) is evidence;
                      every other file is a copy of a part of it, or for reading
receipt.tlog-proof    the same proof as C2SP tlog-proof, for other tools
entry.json            the ledger entry, byte for byte (canonical JSON, RFC 8785)
checkpoint            the signed checkpoint with the witnesses' cosignatures
vkey                  the ledger's verifier key
policy                how many cosignatures make a checkpoint final (C2SP tlog-policy)
{only_en}
documents/            the documents themselves
certificate.pdf       the certificate in Chinese
certificate.en.pdf    the certificate in English
bundle.json           size, SHA-256 and SM3 of every file
SHA256SUMS            for sha256sum

Verifying (no network needed)
1. Get the ledger's key from a source you trust and compare it with vkey: a key cannot vouch for itself.
2. guxin verify THIS-FILE.zip --vkey KEY
   Exit status 0: everything holds. Exit status 1: a part does not, and which.
3. Without this program: sha256sum -c SHA256SUMS compares the files; a document's SHA-256 stands in manifest.json or entry.json;
   any tool that reads C2SP tlog-proof verifies receipt.tlog-proof.
4. In a browser: {public}/verify, choose receipt.json and a document; nothing leaves the browser.

certificate.pdf is for reading and no evidence by itself: where it differs, receipt.json decides.
The bundle shows that these digests were on the ledger before the checkpoint was signed and were not changed since. It does not
show that the content is true or lawful.
";
