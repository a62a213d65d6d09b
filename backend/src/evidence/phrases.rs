//! What stands on every certificate alike: custody, how to verify offline, what is not proven, and what the platform discloses
//! about itself on the four factors that a court reviews (人民法院在线诉讼规则 art. 17). It claims nothing that the software cannot know.

use domain::locale::Locale;

use super::item::Item;
use crate::cx::Cx;
use ledger::evidence::Kind;

pub(super) fn notes(cx: &Cx, item: &Item, locale: Locale) -> Vec<(String, Vec<String>)> {
    let say = |zh: &str, en: &str| {
        locale
            .pick(zh, en)
            .replace("{exchange}", &cx.settings.exchange_name)
            .replace("{public}", &cx.settings.public_url)
            .replace("{vkey}", &item.receipt.log.vkey)
    };
    let signature = (item.kind != Kind::Document).then(|| {
        say(
            "通行密钥为签字人专有、由签字人控制，签署后对声明或材料的改动可被发现；平台不代任何人签署。通行密钥不是依法设立的电子认证服务机构签发证书的电子签名，是否构成可靠的电子签名（电子签名法第十三条），由有权机关认定。",
            "A passkey belongs to its signer and is under the signer's control alone, and a later change of statement or document can be discovered; the platform signs for nobody. A passkey is no signature with a certificate of a licensed certification authority; whether it is a reliable electronic signature (Electronic Signature Law art. 13) is for the competent authority to say.",
        )
    });
    vec![
        (
            say("保管与保存期限", "Custody and retention"),
            vec![say(
                "文件由平台按 SHA-256 存放，每次取出重新计算摘要，不符即中断并报警。已替换、已移除的版本仍予保留，软件不自动删除。账本条目不能删除。保存期限由{exchange}按档案管理规定确定，本证明不另作承诺。",
                "Files are kept by their SHA-256 and hashed again whenever they are given out; a difference breaks off the delivery and raises an alarm. Replaced and removed versions are kept, the software deletes nothing by itself, and ledger entries cannot be deleted. How long is for {exchange} to decide under the rules for archives; this certificate promises nothing beyond.",
            )],
        ),
        (
            say("如何离线核验", "How to verify offline"),
            vec![
                say(
                    "1. 取得证据包（ZIP），运行 guxin verify 证据包.zip --vkey 公钥。无须网络与数据库，退出码 0 表示每一部分都通过，1 表示不通过并指出是哪一部分。",
                    "1. Get the evidence bundle (ZIP) and run guxin verify BUNDLE.zip --vkey KEY. It needs no network and no database; exit status 0 says that every part holds, 1 that one does not, and which.",
                ),
                say(
                    "2. 或打开 {public}/verify（可存盘离线使用），选择证据包内的 receipt.json 和任一文件。receipt.tlog-proof 可用其他 C2SP tlog-proof 工具核验。",
                    "2. Or open {public}/verify (it can be saved and used offline) and choose receipt.json and any document from the bundle. Other tools that read C2SP tlog-proof verify receipt.tlog-proof.",
                ),
                say(
                    "3. 账本公钥为 {vkey}，请与{exchange}另行公布的公钥核对。证明编号由叶序号与叶哈希得出，可自行推算。",
                    "3. The ledger's key is {vkey}; compare it with the key that {exchange} publishes elsewhere. The certificate's number follows from leaf index and leaf hash; anybody can derive it.",
                ),
            ],
        ),
        (
            say("不证明什么", "What it does not prove"),
            [
                Some(say(
                    "本证明表明：上述摘要在检查点签署之前已写入账本，此后未被改动。它不证明内容真实、准确、完整、合法，不证明存证之前内容如何形成，不表示申请已获受理或同意，不是公证书、司法鉴定意见或时间戳证书，页面上的标志不是电子印章。",
                    "It shows that these digests were on the ledger before the checkpoint was signed and were not changed since. It does not prove that the content is true, accurate, complete or lawful, nor how it came about before it was deposited, nor that the application was accepted or approved. It is no notarial deed, no forensic opinion and no time-stamp certificate, and the mark on it is no electronic seal.",
                )),
                Some(say(
                    "见证联署表明各见证方看到的是同一份账本；不保证账本可用，不保证应记事项都已记入。没有足够联署时，不能排除运营方向不同的人出示不同账本。",
                    "Cosignatures show that the witnesses saw one and the same log; they do not make it available, nor make it take every entry. Without enough of them it cannot be excluded that the operator shows different logs to different people.",
                )),
                signature,
            ]
            .into_iter()
            .flatten()
            .collect(),
        ),
        (
            say("审查要素自行披露（人民法院在线诉讼规则第十七条）", "Self-disclosure on the factors of review (Online Litigation Rules art. 17)"),
            disclosure(cx, item, &say, locale),
        ),
    ]
}

/// Qualification, neutrality, system, technology and process.
fn disclosure(cx: &Cx, item: &Item, say: &dyn Fn(&str, &str) -> String, locale: Locale) -> Vec<String> {
    let record = match &cx.settings.record_number {
        Some(number) => locale
            .pick("运营方填报的区块链信息服务备案编号为 {n}，请在主管部门公布的名单中核对。", "The operator gives {n} as its filing number for blockchain information services; check it in the authority's published list.")
            .replace("{n}", number),
        None => say("运营方未填报区块链信息服务备案编号。", "The operator has given no filing number for blockchain information services."),
    };
    let demo = if cx.settings.demo {
        say(
            "本实例为演示实例，主体与材料均为模拟。",
            " This is a demonstration instance: its parties and documents are invented.",
        )
    } else {
        String::new()
    };
    let witnesses = locale
        .pick(
            "账本检查点由独立见证方联署：登记 {of} 家，须 {needed} 家，本证明所附检查点已有 {n} 家。",
            "Independent witnesses cosign the ledger's checkpoints: {of} registered, {needed} needed, {n} on the checkpoint of this certificate.",
        )
        .replace("{of}", &item.finality.of().to_string())
        .replace("{needed}", &item.finality.needed.to_string())
        .replace("{n}", &item.finality.present.len().to_string());
    vec![
        say("（一）平台资质：", "1. Qualification: ") + &record + &demo,
        say(
            "（二）中立性：平台由{exchange}运营，运营方同时受理、审核申报，与当事人有业务关系，不是无利害关系的第三方。存证过程由软件自动完成，运营方人员不能修改已入账记录而不被发现。",
            "2. Neutrality: the platform is operated by {exchange}, which also accepts and reviews filings; it deals with the parties and is no disinterested third party. Depositing is done by the software; the operator's people cannot change what is on the ledger unnoticed. ",
        ) + &witnesses,
        say(
            "（三）系统：本证明不声明系统通过网络安全等级保护测评、商用密码应用安全性评估或其他认证；如有，由运营方另行出具。系统环境由运营方负责，软件不能自证。",
            "3. System: this certificate claims no assessment under the classified protection scheme, of commercial cryptography, or any other; where there is one, the operator presents it. The environment is the operator's responsibility; software cannot vouch for it.",
        ),
        say(
            "（四）技术与过程：文件以 SHA-256 与 SM3 计算摘要；账本为 RFC 6962 哈希树（SHA-256），采用 C2SP 的 tlog-tiles、tlog-checkpoint、signed-note、tlog-cosignature、tlog-proof 公开格式，检查点以 Ed25519 签名，公开可查，任何人可用其他工具核验。传输由运营方配置的 TLS 保护。",
            "4. Technology and process: files are hashed with SHA-256 and SM3; the ledger is an RFC 6962 tree (SHA-256) in the public formats of C2SP (tlog-tiles, tlog-checkpoint, signed-note, tlog-cosignature, tlog-proof) with checkpoints signed by Ed25519, open to everybody and to other people's tools. Transport is protected by the TLS that the operator has set up.",
        ),
    ]
}
