//! Plate of the working shell: brand, navigation, bar, page and dock in small.

use leptos::prelude::*;

use super::Plate;
use crate::ui::*;

/// The shell's parts without a second `main`: the style guide itself already stands in one.
pub(super) fn frames() -> impl IntoView {
    view! {
        <Plate name="Breadcrumb · SearchField · LanguageLink · UserMenu · PageHead" title="页头">
            <div class="frame">
                <div class="bar">
                    <Breadcrumb label="示例位置" above=vec![Link::new("申报", "#")] here="2026 挂牌申请" />
                    <div class="tools">
                        <SearchField action="#" label="示例搜索" placeholder="企业、文件、条目" />
                        <LanguageLink href="#" lang="en" text="EN" label="Switch to English" />
                        <UserMenu name="陆清和" role="经办" organisation="江苏樾澜传感科技股份有限公司">
                            <li><a href="#"><Icon name=IconName::Key />"登录方式"</a></li>
                            <li><a href="#"><Icon name=IconName::SignOut />"退出"</a></li>
                        </UserMenu>
                    </div>
                </div>
            </div>
        </Plate>
        <Plate name="Dock · DockMeter · DockNote · DockActions" title="坞">
            <div class="frame">
                <Dock label="申报状态">
                    <DockMeter done=21 total=23 label="材料完成度">"还差 " <b>"2"</b> " 项"</DockMeter>
                    <DockNote>"已自动保存 14:32:07"</DockNote>
                    <DockNote>"本次填报用时 00:48"</DockNote>
                    <DockActions>
                        <Button kind=ButtonKind::Primary press=Press::Script>"核对并提交"</Button>
                    </DockActions>
                </Dock>
            </div>
        </Plate>
    }
}
