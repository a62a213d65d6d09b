//! The imports of a register: where each came from, and the way back to it.

use backend::holder_register::{HolderRegister, Import};
use leptos::prelude::*;

use crate::{
    lang::Lang,
    ui::{Button, Card, TableBox},
};

/// "名册.xlsx · 工作表 名册 · 李经办 于 …"
pub(super) fn source(lang: Lang, import: &Import) -> String {
    lang.with(
        "holder.source",
        &[
            ("file", &import.file_name),
            ("sheet", &import.sheet),
            ("person", &import.by),
            ("time", &lang.moment(import.at)),
        ],
    )
}

/// All imports but the newest can be gone back to; nothing while there is one.
pub(super) fn card(lang: Lang, register: &HolderRegister) -> Option<AnyView> {
    let newest = register.imports.first()?.number;
    if register.imports.len() < 2 {
        return None;
    }
    let rows: Vec<AnyView> = register
        .imports
        .iter()
        .map(|import| {
            let from = import
                .restored_from
                .map(|from| view! { <small>{lang.with("holder.restored_from", &[("number", &from.to_string())])}</small> });
            let back = (register.editable && import.number != newest).then(|| {
                view! {
                    <form method="post" action="/do/holder-register/restore">
                        <input type="hidden" name="filing" value=register.filing.to_string() />
                        <input type="hidden" name="number" value=import.number.to_string() />
                        <input type="hidden" name="expected" value=newest.to_string() />
                        <Button small=true>{lang.t("holder.restore")}</Button>
                    </form>
                }
            });
            view! {
                <tr>
                    <td class="n fit">{import.number}</td>
                    <td>{import.file_name.clone()}<small>{import.sheet.clone()}</small>{from}</td>
                    <td class="n">{lang.number(import.holders)}</td>
                    <td class="hide-phone">{import.by.clone()}<small>{lang.moment(import.at)}</small></td>
                    <td class="fit">{back}</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    Some(
        view! {
            <Card title=lang.t("holder.imports") note=lang.t("holder.imports_note") flush=true>
                <TableBox label=lang.t("holder.imports")>
                    <thead>
                        <tr>
                            <th scope="col" class="n">"#"</th>
                            <th scope="col">{lang.t("holder.workbook")}</th>
                            <th scope="col" class="n">{lang.t("holder.holders")}</th>
                            <th scope="col" class="hide-phone">{lang.t("holder.by")}</th>
                            <th scope="col"><span class="said">{lang.t("holder.restore")}</span></th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </TableBox>
            </Card>
        }
        .into_any(),
    )
}
