//! Plates of the small marks: buttons, tags, leaves, roads, clocks, messages.

use leptos::prelude::*;

use super::{Plate, state_words};
use crate::ui::*;

fn stops(at: usize, failed: bool) -> Vec<Stop> {
    ["草稿", "中介鉴证", "提交", "受理", "审核", "公示", "挂牌"]
        .into_iter()
        .enumerate()
        .map(|(place, label)| match place.cmp(&at) {
            std::cmp::Ordering::Less => Stop::new(label, StopState::Done).note(format!("11-{}", 12 + place)),
            std::cmp::Ordering::Equal if failed => Stop::new(label, StopState::Failed),
            std::cmp::Ordering::Equal => Stop::new(label, StopState::Now),
            std::cmp::Ordering::Greater => Stop::new(label, StopState::Todo),
        })
        .collect()
}

pub(super) fn marks() -> impl IntoView {
    view! {
        <Plate name="Button · ButtonLink" title="按钮">
            <div class="row">
                <Button kind=ButtonKind::Primary press=Press::Script>"核对并提交"</Button>
                <Button press=Press::Script>"导出全部"</Button>
                <Button kind=ButtonKind::Danger press=Press::Script>"不予受理"</Button>
                <Button kind=ButtonKind::Quiet press=Press::Script>"更多"</Button>
                <ButtonLink href="#" icon=IconName::Download>"下载回执"</ButtonLink>
            </div>
            <div class="row">
                <Button kind=ButtonKind::Primary press=Press::Script busy=true>"正在提交"</Button>
                <Button kind=ButtonKind::Primary press=Press::Script disabled=true>"核对并提交"</Button>
                <Button press=Press::Script disabled=true>"导出全部"</Button>
                <Button press=Press::Script small=true>"更换"</Button>
                <Button kind=ButtonKind::Danger press=Press::Script small=true>"移除"</Button>
                <Button kind=ButtonKind::Quiet press=Press::Script small=true icon=IconName::Refresh>"重试"</Button>
            </div>
        </Plate>
        <Plate name="Tag" title="标签">
            <div class="row">
                <Tag>"缺"</Tag>
                <Tag tone=Tone::Ok>"齐备"</Tag>
                <Tag tone=Tone::Look>"待签"</Tag>
                <Tag tone=Tone::Bad>"1 处矛盾"</Tag>
                <Tag tone=Tone::Info>"只读"</Tag>
            </div>
        </Plate>
        <Plate name="Leaf · LeafPending · Digest" title="证">
            <div class="row">
                <Leaf index=128_406 href="#" label="账本第 128406 条，打开证明" />
                <LeafPending text="上账中" />
                <Digest algorithm="sha-256" value="5d0f2b7c9a1e4f60b3d8c7a6958473625140f1e2d3c4b5a69788796a5b4c91c2" />
                <Digest algorithm="sm3" value="88a1f0e9d8c7b6a594837261504f3e2d1c0b9a8f7e6d5c4b3a29181706f540be" />
            </div>
        </Plate>
        <Plate name="Road · Clock" title="路与时限">
            <Road label="申报进度" stops=stops(4, false) words=state_words()>
                <Clock state=ClockState::Running left="剩 6 个工作日" due="截止 2026-11-30" turn="轮到 交易中心初审" days=(4, 10) />
            </Road>
            <Road label="已终止的申报进度" stops=stops(3, true) words=state_words() />
            <div class="stack tight">
                <Clock state=ClockState::Soon left="剩 1 个工作日" due="截止 2026-11-23" turn="轮到 企业补正" days=(4, 5) />
                <Clock state=ClockState::Overdue left="超期 2 个工作日" due="截止 2026-11-18" turn="轮到 交易中心复核" days=(10, 10) />
                <Clock state=ClockState::Paused left="已暂停" due="补正期间不计时" turn="轮到 企业补正" days=(3, 5) />
                <Clock state=ClockState::Done left="用时 4 个工作日" days=(4, 5) />
            </div>
        </Plate>
        <Plate name="Stepper · Tabs · Pager · Chips" title="步骤、分栏、分页">
            <Stepper
                label="登记步骤"
                words=state_words()
                steps=vec![
                    Stop::new("机构信息", StopState::Done),
                    Stop::new("平台规则", StopState::Now),
                    Stop::new("实名核验", StopState::Todo),
                    Stop::new("登录方式", StopState::Todo),
                ]
            />
            <Tabs
                label="待办分栏"
                tabs=vec![
                    Tab::new("待受理", "#", true).count(14),
                    Tab::new("待复核", "#", false).count(5),
                    Tab::new("全部", "#", false),
                ]
            />
            <Chips
                chips=vec![
                    Chip { text: "阶段：审核".into(), remove: "#".into(), label: "去掉「阶段：审核」".into() },
                    Chip { text: "板块：成长板".into(), remove: "#".into(), label: "去掉「板块：成长板」".into() },
                ]
                clear=Some(Link::new("全部去掉", "#"))
            />
            <Pager
                label="分页"
                summary="第 16–30 条，共 214 条"
                prev=Some(Link::new("上一页", "#"))
                next=Some(Link::new("下一页", "#"))
                items=vec![
                    PagerItem::Page(Link::new("1", "#")),
                    PagerItem::Current(Link::new("2", "#")),
                    PagerItem::Page(Link::new("3", "#")),
                    PagerItem::Gap,
                    PagerItem::Page(Link::new("15", "#")),
                ]
            />
        </Plate>
        <Plate name="Flash · Callout · ErrorSummary" title="消息">
            <Flash tone=Tone::Ok>"已提交。回执在两秒内可取。"</Flash>
            <Flash tone=Tone::Bad>"没有提交：另一窗口已改动这份申报。请核对后再提交。"</Flash>
            <div class="stack tight">
                <Callout title="规则包已更新">"这份申报仍按 2026.2 版审核。"</Callout>
                <Callout kind=CalloutKind::Proven title="已上账">"三个见证节点已副署。"</Callout>
                <Callout kind=CalloutKind::Look title="信用代码校验位不符">"按末位推算应为 X；如执照确为此码，可以继续。"</Callout>
                <Callout kind=CalloutKind::Bad title="文件已加密">"请上传未加密的版本。原文件未被保存。"</Callout>
            </div>
            <ErrorSummary
                title="有 2 处需要修改"
                unfocused=true
                errors=vec![Link::new("注册资本须大于零", "#sg-capital"), Link::new("请选择板块", "#sg-board")]
            />
        </Plate>
        <Plate name="EmptyState · Skeleton · Progress" title="空、等、进行中">
            <div class="thirds">
                <Card>
                    <EmptyState
                        title="还没有申报"
                        icon=IconName::File
                        actions=view! { <ButtonLink href="#" kind=ButtonKind::Primary>"新建挂牌申请"</ButtonLink> }.into_any()
                    >
                        "准备好材料文件夹，约一分钟可以填完。"
                    </EmptyState>
                </Card>
                <Card title="正在读取">
                    <Skeleton lines=5 label="正在读取" />
                </Card>
                <Card title="上传">
                    <div class="stack tight">
                        <Progress label="审计报告.pdf" value=Some(12) max=40 text="12 / 40 MB" />
                        <Progress label="公司章程.pdf" value=Some(8) max=8 text="完成" tone=Tone::Ok />
                        <Progress label="营业执照.jpg" value=Some(1) max=3 text="已中断" tone=Tone::Bad />
                        <Progress label="股东名册.xlsx" text="核对摘要" />
                    </div>
                </Card>
            </div>
        </Plate>
        <Plate name="Avatar · KeyHint · Seal" title="人、键、印">
            <div class="row">
                <Avatar name="陆清和" />
                <Avatar name="Jane Doe" />
                <KeyHint keys="Ctrl K" />
                <span class="brand"><Seal />"股信"</span>
            </div>
        </Plate>
    }
}
