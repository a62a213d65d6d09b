//! Plates of forms: every field, empty, filled, warned and wrong; the dialog.

use leptos::prelude::*;

use super::Plate;
use crate::ui::*;

pub(super) fn forms() -> impl IntoView {
    let boards = || {
        vec![
            Choice::new("", "请选择"),
            Choice::new("sme", "专精特新专板"),
            Choice::new("growth", "成长板").selected(true),
            Choice::new("value", "价值板").disabled(true),
        ]
    };
    view! {
        <Plate name="Fieldset · TextField · SelectField · …" title="表单">
            <form class="form" action="#" method="post">
                <Fieldset legend="企业信息" help="与营业执照一致。">
                    <TextField name="sg-name" label="企业名称" value="江苏樾澜传感科技股份有限公司" required=true />
                    <TextField
                        name="sg-code"
                        label="统一社会信用代码"
                        kind=TextKind::Code
                        value="91350100M0001TGQXM"
                        maxlength=18
                        help="营业执照右上角，18 位"
                        warning="末位按规则应为 1；如执照确为此码，可以继续"
                    />
                    <TextField name="sg-capital" label="注册资本" kind=TextKind::Number unit="万元" value="0" error="注册资本须大于零" />
                    <SelectField name="sg-board" label="板块" options=boards() error="请选择板块" width=Width::Medium />
                    <TextField name="sg-founded" label="成立日期" kind=TextKind::Date value="2017-05-18" width=Width::Short />
                    <TextField name="sg-short" label="股权简称" optional="选填" placeholder="如 樾澜传感" width=Width::Medium />
                    <TextField name="sg-pack" label="规则包" value="2026.2" readonly=true width=Width::Short />
                    <TextField name="sg-market" label="交易场所" value="演示交易中心" disabled=true />
                    <div class="span"><TextArea name="sg-scope" label="主营业务" value="工业传感器的研发、生产与销售。" help="不超过 300 字" maxlength=300 /></div>
                </Fieldset>
                <Fieldset legend="声明" one=true>
                    <ChoiceField
                        name="sg-kind"
                        label="股份登记方式"
                        choices=vec![
                            Choice::new("new", "首次登记").selected(true).help("尚未在任何机构登记"),
                            Choice::new("moved", "转入登记"),
                            Choice::new("later", "暂不登记").disabled(true),
                        ]
                    />
                    <ChoiceField
                        name="sg-licences"
                        label="已有资质"
                        pick=Pick::Many
                        inline=true
                        choices=vec![Choice::new("hi", "高新技术企业").selected(true), Choice::new("sme", "专精特新"), Choice::new("ip", "知识产权")]
                    />
                    <CheckField name="sg-agree" error="须同意后才能继续">"我已阅读并接受 " <a href="#">"服务协议 第 3 版"</a></CheckField>
                    <FileField name="sg-licence" label="营业执照" accept="image/jpeg,image/png,.pdf" photo=true help="PDF、JPG 或 PNG，不超过 20 MB；手机可直接拍摄" />
                </Fieldset>
                <div class="actions">
                    <Button kind=ButtonKind::Primary>"保存并继续"</Button>
                    <Button press=Press::Reset>"重填"</Button>
                    <DialogLink dialog="sg-dialog" href="#sg-dialog-page">"退回补正"</DialogLink>
                </div>
            </form>
            <div class="drop">
                <Icon name=IconName::Folder />
                <b>"把整个文件夹拖到这里"</b>
                <span class="small">"材料会各归其位；认不准的会留给你选"</span>
            </div>
        </Plate>
        <Plate name="Dialog · DialogLink" title="对话框">
            <div id="sg-dialog-page">
                <Dialog
                    id="sg-dialog-open"
                    title="退回补正"
                    close="关闭"
                    open=true
                    actions=view! { <Button press=Press::Script>"取消"</Button> <Button kind=ButtonKind::Primary press=Press::Script>"退回"</Button> }.into_any()
                >
                    <TextArea name="sg-reason" label="理由" help="写明材料与页码，企业会看到" required=true />
                </Dialog>
            </div>
            <Dialog id="sg-dialog" title="退回补正" close="关闭">
                <p>"在原页打开的对话框；没有脚本时，同一表单自成一页。"</p>
            </Dialog>
        </Plate>
    }
}
