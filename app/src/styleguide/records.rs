//! Plates of what pages are full of: tables, files, figures, streams, findings, proofs, certificates.

use leptos::prelude::*;

use super::Plate;
use crate::ui::*;

fn leaf(index: u64) -> AnyView {
    view! { <Leaf index href="#" label=format!("账本第 {index} 条，打开证明") /> }.into_any()
}

pub(super) fn records() -> impl IntoView {
    let rows = [
        (
            "江苏樾澜传感科技股份有限公司",
            "JS001200G · 专精特新专板",
            Tone::Info,
            "受理",
            ClockState::Overdue,
            "超期 1 日",
            (5, 5),
            128_406,
        ),
        (
            "无锡宁拓新材料股份有限公司",
            "JS001207G · 成长板",
            Tone::Plain,
            "审核",
            ClockState::Soon,
            "剩 1 日",
            (9, 10),
            128_393,
        ),
        (
            "苏州衡岳生物科技股份有限公司",
            "JS001214G · 价值板",
            Tone::Look,
            "问询",
            ClockState::Paused,
            "已暂停",
            (3, 10),
            128_380,
        ),
        (
            "南通砚和装备股份有限公司",
            "JS001221G · 成长板",
            Tone::Plain,
            "复核",
            ClockState::Running,
            "剩 6 日",
            (4, 10),
            128_367,
        ),
    ]
    .into_iter()
    .map(|(name, code, tone, stage, state, left, days, index)| {
        let class = if state == ClockState::Overdue { "bad" } else { "" };
        view! {
            <tr class=class>
                <td><RowLink href="#">{name}</RowLink><small>{code}</small></td>
                <td><Tag tone>{stage}</Tag></td>
                <td><Clock state left days /></td>
                <td class="n hide-phone">"3,000.00"</td>
                <td class="fit hide-phone">{leaf(index)}</td>
            </tr>
        }
    })
    .collect_view();
    view! {
        <Plate name="FilterBar · TableBox · SortHead · RowLink" title="表">
            <Card title="待办" note="共 214 件" flush=true>
                <FilterBar action="#" label="筛选">
                    <SearchInput name="q" label="查找企业" placeholder="企业、代码" />
                    <FilterSelect name="stage" label="阶段" options=vec![Choice::new("", "全部"), Choice::new("review", "审核").selected(true)] />
                    <Button>"筛选"</Button>
                </FilterBar>
                <TableBox label="待办申报">
                    <thead>
                        <tr>
                            <SortHead label="企业" href="#" />
                            <th scope="col">"阶段"</th>
                            <SortHead label="时限" href="#" sorted=Some(Sorted::Up) />
                            <SortHead label="注册资本（万元）" href="#" number=true hide_phone=true />
                            <th scope="col" class="hide-phone">"存证"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </TableBox>
            </Card>
        </Plate>
        <Plate name="KpiRow · Kpi · Sparkline · StatList" title="数字">
            <KpiRow>
                <Kpi label="在册企业" value="12,847" note="+126 本月" href="#" spark=vec![3.0, 4.0, 4.2, 5.0, 5.5, 6.0, 7.0] />
                <Kpi label="在审申报" value="214" note="超期 3" spark=vec![5.0, 4.0, 4.6, 3.8, 4.2, 4.0] />
                <Kpi label="超期" value="3" tone=Tone::Bad note="最长 2 个工作日" />
                <Kpi label="首次受理通过率" value="93.6%" tone=Tone::Ok note="较上季 +2.1" />
            </KpiRow>
            <StatList stats=vec![("条目".into(), "128,406".into()), ("见证节点".into(), "4 / 4".into()), ("检查点".into(), "每 2 秒".into())] />
        </Plate>
        <Plate name="BarChart · ColumnChart" title="图">
            <div class="cols even">
                <Card title="申报漏斗（近 12 个月）" note="与上一阶段之比">
                    <BarChart
                        caption="申报漏斗"
                        bars=vec![
                            Bar::new("提交", 1904.0, "1,904").href("#"),
                            Bar::new("受理", 1782.0, "1,782").note("93.6%"),
                            Bar::new("问询", 1120.0, "1,120").note("62.9%").tone(Tone::Look),
                            Bar::new("复核", 1611.0, "1,611").note("90.4%"),
                            Bar::new("否决", 63.0, "63").note("3.9%").tone(Tone::Bad),
                        ]
                    />
                </Card>
                <Card title="月度提交">
                    <ColumnChart
                        caption="每月提交的申报"
                        heads=("月份".into(), "申报".into())
                        table_word="看表格"
                        bars=[40, 46, 44, 52, 60, 55, 63, 70, 66, 78, 85, 92]
                            .into_iter()
                            .zip(1..)
                            .map(|(count, month)| Bar::new(format!("2026-{month:02}"), f64::from(count), count.to_string()))
                            .collect()
                    />
                </Card>
            </div>
        </Plate>
        <Plate name="Files · FileRow · DescriptionList · Timeline" title="文件、事实、经过">
            <div class="cols even">
                <Card title="审计报告" extra=view! { <Tag tone=Tone::Ok>"已鉴证"</Tag> }.into_any() flush=true>
                    <Files>
                        <FileRow
                            name="审计报告（2024、2025、2026 上半年）.pdf"
                            href="#"
                            size="2.4 MB"
                            version="第 3 版"
                            why="「我们审计了」；验证码 苏26ZX000K7M"
                            digest=view! { <Digest value="5d0f2b7c9a1e4f60b3d8c7a6958473625140f1e2d3c4b5a69788796a5b4c91c2" /> }.into_any()
                            leaf=leaf(10_482)
                            actions=view! { <Button kind=ButtonKind::Quiet small=true>"更换"</Button> }.into_any()
                        />
                        <FileRow name="营业执照（正本）.jpg" href="#" size="1.1 MB" icon=IconName::Photo why="图像识别；信用代码校验通过" />
                    </Files>
                </Card>
                <Card title="企业" foot=view! { "截至 2026-11-22" }.into_any()>
                    <DescriptionList>
                        <Fact term="名称">"江苏樾澜传感科技股份有限公司"</Fact>
                        <Fact term="统一社会信用代码"><code>"91320214MA1YXLT82N"</code></Fact>
                        <Fact term="注册资本">"3,000.00 万元"</Fact>
                        <Fact term="板块">"专精特新专板"</Fact>
                    </DescriptionList>
                </Card>
            </div>
            <Card title="经过" note="每条均已上账" flush=true>
                <Timeline label="经过" dated=true>
                    <Event time="2026-11-22 14:31" datetime="2026-11-22T14:31:58+08:00" leaf=leaf(128_406)>
                        "拟真会计师事务所 " <b>"鉴证"</b> " 审计报告"
                    </Event>
                    <Event
                        time="2026-11-22 14:30"
                        datetime="2026-11-22T14:30:12+08:00"
                        tone=Tone::Look
                        note="更换公司章程；注册资本不一致"
                        leaf=view! { <LeafPending text="上账中" /> }.into_any()
                    >
                        "交易中心 " <b>"退回补正"</b>
                    </Event>
                </Timeline>
            </Card>
        </Plate>
        <Plate name="Finding · CompareTwo" title="两处来源">
            <div class="cols even">
                <Card title="提交前要处理">
                    <Finding
                        tone=Tone::Bad
                        title="注册资本不一致"
                        why="股东名册与审计报告均为 3,000 万元，章程可能未更新。规则 CAP-01。"
                        actions=view! { <Button small=true>"更换章程"</Button> <Button small=true>"说明并保留"</Button> }.into_any()
                    >
                        <CompareTwo
                            left=Source::new("营业执照", "3,000.00 万元").href("#")
                            right=Source::new("公司章程 第 3 页", "2,800.00 万元").href("#")
                        />
                    </Finding>
                    <Finding tone=Tone::Look title="资产评估报告将于 12 天后到期" why="有效期至 2026-12-04；不影响本次提交。" />
                </Card>
                <Card title="章程修订">
                    <CompareTwo
                        long=true
                        left=Source::new("第 2 版", "公司注册资本为人民币 2,800 万元，股份总数 2,800 万股。")
                        right=Source::new("第 3 版", "公司注册资本为人民币 3,000 万元，股份总数 3,000 万股，均为普通股。")
                    />
                </Card>
            </div>
        </Plate>
        <Plate name="Verdict · CheckSteps · LedgerPath · ConsistencyPicture" title="验证">
            <div class="cols even">
                <div class="stack">
                    <Verdict state=CheckState::Ok title="通过：文件与账本一致">"此后未被更改。它不证明文件内容真实。"</Verdict>
                    <Verdict state=CheckState::Failed title="未通过：摘要不同">"这不是账本所记的那份文件。"</Verdict>
                    <Card title="逐步核对" note="未上传任何内容">
                        <CheckSteps
                            label="逐步核对"
                            steps=vec![
                                CheckStep::new("文件摘要与条目一致", CheckState::Ok, "通过").detail("sha-256 5d0f…91c2 · sm3 88a1…40be"),
                                CheckStep::new("包含证明可推出根", CheckState::Ok, "通过").detail("17 个节点"),
                                CheckStep::new("2 个见证节点副署（须 3 个）", CheckState::Failed, "未通过").detail("监管局 · 公证处"),
                                CheckStep::new("鉴证人的通行密钥签名", CheckState::Skipped, "未核对").detail("回执中没有鉴证"),
                                CheckStep::new("时间来源", CheckState::Pending, "核对中"),
                            ]
                        />
                    </Card>
                </div>
                <div class="stack">
                    <Card title="从这一条到全账本" note="17 次哈希">
                        <LedgerPath
                            label="从条目 128406 到根 9f3c…07e1 的路径"
                            leaf="#128406"
                            more="另 {} 层"
                            steps=(0..17)
                                .map(|level| PathStep {
                                    sibling: format!("{level:02x}b7c9a1e4f60c9a0"),
                                    sibling_left: level % 3 != 1,
                                    parent: format!("{level:02x}3c5a1e4f6007e1"),
                                })
                                .collect()
                        />
                    </Card>
                    <Card title="旧账本是新账本的开头" note="8 个哈希">
                        <ConsistencyPicture
                            label="1,000 条与 1,603 条时的两个根，由同样的哈希推出"
                            old="1,000 条时"
                            new="1,603 条时"
                            more="另 {} 个"
                            pieces=(0..8).map(|at| Shared { text: format!("{}–{}", at * 200, at * 200 + 199), old: at < 5 }).collect()
                        />
                    </Card>
                </div>
            </div>
        </Plate>
        <Plate name="SealedCertificate" title="证书">
            <SealedCertificate
                title="存证证书"
                number="编号 GX-2026-128406"
                limits="本证书证明所列文件在所载时间已存在且此后未被更改，不证明文件内容真实。见证节点为模拟。"
                issuer="股信"
                issued="2026-11-22"
                verify="离线验证：guxin verify 回执 --document 文件"
            >
                <p>"兹证明下列文件的摘要已记入账本第 128406 条。"</p>
                <DescriptionList>
                    <Fact term="存证人">"江苏樾澜传感科技股份有限公司"</Fact>
                    <Fact term="文件">"审计报告（2024、2025、2026 上半年）.pdf，2,516,582 字节"</Fact>
                    <Fact term="SHA-256"><code>"5d0f2b7c9a1e4f60b3d8c7a6958473625140f1e2d3c4b5a69788796a5b4c91c2"</code></Fact>
                    <Fact term="时间">"2026-11-22 14:31:58.204 UTC+8"</Fact>
                </DescriptionList>
            </SealedCertificate>
        </Plate>
    }
}
