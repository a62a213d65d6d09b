//! Tables of holders: in a register, an overview, an opinion or articles. A row is told by its number of shares and its
//! percentage; the name and the id number are what stands in their columns at that height, on several lines when the
//! column is narrow.

use super::{
    FactKey as Key, Place, company,
    gather::{Gatherer, LABELLED},
    joined, value,
};
use crate::transcript::{Cell, Row};

/// A holder as read from a table.
#[derive(Clone, Debug, Default)]
struct Holder {
    name: Option<(String, Place)>,
    id: Option<(String, Place)>,
    shares: Option<(i64, String, Place)>,
    percent: Option<(i64, String, Place)>,
}

/// Twice the height of a page, for counting over pages.
const PAGE: u32 = 20_000;

/// Adds the holders of the document's first table of holders, and the totals under it.
pub(super) fn gather(gatherer: &mut Gatherer<'_>) {
    let rows = &gatherer.transcript.rows;
    let mut best: Option<(Vec<Holder>, Option<Holder>)> = None;
    for (index, row) in rows.iter().enumerate() {
        let Some(header) = Header::read(rows, index) else { continue };
        let end = (index + 1 + 320).min(rows.len());
        let table = if row.cells.iter().any(|cell| cell.column.is_some()) {
            from_sheet(gatherer, &header, &rows[index + 1..end])
        } else if row.area.is_some() {
            from_page(gatherer, &header, &rows[index + 1..end])
        } else {
            from_rows(gatherer, &header, &rows[index + 1..end])
        };
        if best.as_ref().is_none_or(|(holders, _)| holders.is_empty()) {
            best = Some(table);
        }
        if best.as_ref().is_some_and(|(holders, _)| holders.len() > 1) {
            break;
        }
    }
    let Some((holders, total)) = best else { return };
    for (holder, entry) in holders.iter().zip(1u16..) {
        if let Some((name, place)) = &holder.name {
            gatherer.add_at(
                Key::HolderName,
                None,
                Some(entry),
                name.clone(),
                name.clone(),
                place.clone(),
                LABELLED,
            );
        }
        if let Some((id, place)) = &holder.id {
            gatherer.add_at(
                Key::HolderId,
                None,
                Some(entry),
                id.clone(),
                id.clone(),
                place.clone(),
                LABELLED,
            );
        }
        if let Some((shares, said, place)) = &holder.shares {
            gatherer.add_at(
                Key::HolderShares,
                None,
                Some(entry),
                shares.to_string(),
                said.clone(),
                place.clone(),
                LABELLED,
            );
        }
        if let Some((parts, said, place)) = &holder.percent {
            gatherer.add_at(
                Key::HolderPercent,
                None,
                Some(entry),
                value::percent_text(*parts),
                said.clone(),
                place.clone(),
                LABELLED,
            );
        }
    }
    if let Some(total) = total {
        if let Some((shares, said, place)) = total.shares {
            gatherer.add_at(
                Key::SharesSum,
                None,
                None,
                shares.to_string(),
                said.clone(),
                place.clone(),
                LABELLED,
            );
            if !gatherer.facts().iter().any(|fact| fact.key == Key::TotalShares) {
                gatherer.add_at(Key::TotalShares, None, None, shares.to_string(), said, place, LABELLED);
            }
        }
        if let Some((parts, said, place)) = total.percent {
            gatherer.add_at(Key::PercentSum, None, None, value::percent_text(parts), said, place, LABELLED);
        }
    }
}

/// What the header says of the columns.
struct Header {
    /// Power of ten of the unit of shares: 4 for 万股.
    power: u32,
    /// The header of the percentages says %, so that the cells need not.
    bare_percent: bool,
    /// Columns of a workbook.
    name: Option<u32>,
    id: Option<u32>,
    shares: Option<u32>,
    percent: Option<u32>,
}

impl Header {
    /// Reads the header that begins at `index`; on a page it may be wrapped over the next two rows.
    fn read(rows: &[Row], index: usize) -> Option<Self> {
        let row = &rows[index];
        if row.cells.len() < 2 {
            return None;
        }
        let mut cells: Vec<&Cell> = row.cells.iter().collect();
        if row.area.is_some() {
            let near = rows[index + 1..].iter().take(2).filter(|next| {
                next.page == row.page
                    && next
                        .cells
                        .iter()
                        .all(|cell| !cell.text.contains('%') && value::whole(&cell.text).is_none())
            });
            cells.extend(near.flat_map(|next| &next.cells));
        }
        let find = |words: &[&str]| {
            cells
                .iter()
                .find(|cell| {
                    cell.text.chars().count() <= 18 && words.iter().any(|word| cell.text.contains(word))
                })
                .copied()
        };
        let name = find(&["股东", "发起人", "持有人", "姓名", "出资人"])?;
        let shares = find(&[
            "持股数",
            "股数",
            "股份数",
            "持有数量",
            "出资额",
            "认购股份",
            "持股(",
            "持有股份",
            "认缴",
        ])?;
        let percent = find(&["比例", "占比"])?;
        let column = |cell: Option<&Cell>| cell.and_then(|cell| cell.column);
        // Not a register of somebody else's customers or directors.
        let other = cells
            .iter()
            .any(|cell| ["客户", "供应商", "销售额", "职务"].iter().any(|word| cell.text.contains(word)));
        let header_cell = |cell: &Cell| !cell.text.ends_with('。') && cell.text.chars().count() <= 18;
        (!other && row.cells.iter().all(header_cell)).then(|| Self {
            power: if shares.text.contains('万') { 4 } else { 0 },
            bare_percent: percent.text.contains('%') || percent.text.contains("比例"),
            name: column(Some(name)),
            id: column(find(&["证件号码", "身份证号", "证件号", "证照号码", "统一社会信用代码", "号码"])),
            shares: column(Some(shares)),
            percent: column(Some(percent)),
        })
    }
}

/// Whether a cell heads the line of totals.
pub(crate) fn is_total(text: &str) -> bool {
    matches!(text, "合计" | "总计" | "合计:" | "共计") || text.starts_with("合计(")
}

fn place(gatherer: &Gatherer<'_>, cell: &Cell) -> Place {
    gatherer.transcript.place(&(cell.start..cell.start + cell.text.len().max(1)))
}

fn from_sheet(gatherer: &Gatherer<'_>, header: &Header, rows: &[Row]) -> (Vec<Holder>, Option<Holder>) {
    let mut holders = Vec::new();
    for row in rows {
        let at =
            |column: Option<u32>| row.cells.iter().find(|cell| column.is_some() && cell.column == column);
        let total = row.cells.iter().take(3).any(|cell| is_total(&cell.text));
        let mut holder = Holder::default();
        if let Some(cell) = at(header.shares)
            && let Some((count, _)) = shares(&cell.text, header.power)
        {
            holder.shares = Some((count, cell.said.clone(), place(gatherer, cell)));
        }
        if let Some(cell) = at(header.percent)
            && let Some(parts) = sheet_percent(&cell.text, cell.percent)
        {
            holder.percent = Some((parts, shown(parts), place(gatherer, cell)));
        }
        if total {
            return (holders, Some(holder));
        }
        if let Some(cell) = at(header.name).filter(|cell| cell.text.chars().count() >= 2) {
            holder.name = Some((company::registered(&cell.text), place(gatherer, cell)));
        }
        if let Some(cell) = at(header.id) {
            holder.id = Some((cell.text.to_ascii_uppercase(), place(gatherer, cell)));
        }
        if holder.name.is_some() && (holder.shares.is_some() || holder.percent.is_some()) {
            holders.push(holder);
        } else if holders.is_empty() {
            // A second row of the header.
        } else {
            break;
        }
    }
    (holders, None)
}

/// A number of shares and how many bytes told it; `power` is the power of ten of the column's unit, 4 for 万股.
pub(crate) fn shares(text: &str, power: u32) -> Option<(i64, usize)> {
    let ((digits, scale), length) = value::decimal(text)?;
    let rest = text[length..].trim_start_matches(['万', '股']);
    let power = if text[length..].starts_with('万') { 4 } else { power };
    if !rest.is_empty() || scale > power {
        // A spreadsheet writes 1200000.0.
        let whole = rest.is_empty() && digits % 10i128.checked_pow(scale - power.min(scale))? == 0;
        if !whole {
            return None;
        }
        return Some((i64::try_from(digits / 10i128.checked_pow(scale - power.min(scale))?).ok()?, length));
    }
    Some((i64::try_from(digits.checked_mul(10i128.checked_pow(power - scale)?)?).ok()?, length))
}

/// A percentage of a workbook in ten-thousandths of a percent: `fraction` tells that the cell shows a percentage and stores
/// a fraction.
pub(crate) fn sheet_percent(text: &str, fraction: bool) -> Option<i64> {
    if let Some((parts, _)) = value::percent(text) {
        return Some(parts);
    }
    let ((digits, scale), length) = value::decimal(text)?;
    if length != text.len() {
        return None;
    }
    if fraction {
        // Floating point leaves 0.05500000000000001.
        let wide = if scale > 12 {
            digits / 10i128.checked_pow(scale - 12)?
        } else {
            digits.checked_mul(10i128.checked_pow(12 - scale)?)?
        };
        return i64::try_from((wide + 500_000) / 1_000_000).ok();
    }
    value::parts(digits, scale)
}

fn shown(parts: i64) -> String {
    format!("{}%", value::percent_text(parts))
}

/// What a row's cells are, whatever their order.
fn holder_of(gatherer: &Gatherer<'_>, header: &Header, cells: &[&Cell]) -> Holder {
    let mut holder = Holder::default();
    for cell in cells {
        let text = cell.text.as_str();
        if holder.percent.is_none()
            && let Some((parts, length)) = value::percent(text)
            && !text[length..].starts_with(|c: char| c.is_ascii())
        {
            holder.percent = Some((parts, text[..length].to_owned(), place(gatherer, cell)));
        } else if holder.id.is_none()
            && let Some((id, _)) = value::resident_id(text).or_else(|| value::credit_code(text))
        {
            holder.id = Some((id, place(gatherer, cell)));
        } else if holder.shares.is_none()
            && let Some((count, _)) = shares(text, header.power)
            && (count >= 1_000 || text.contains([',', '股']))
            && text.chars().count() < 16
        {
            holder.shares = Some((count, text.to_owned(), place(gatherer, cell)));
        } else if holder.percent.is_none()
            && header.bare_percent
            && holder.shares.is_some()
            && let Some(((digits, scale), length)) = value::decimal(text)
            && length == text.len()
            && scale > 0
            && let Some(parts) = value::parts(digits, scale).filter(|parts| *parts <= 1_000_000)
        {
            holder.percent = Some((parts, text.to_owned(), place(gatherer, cell)));
        }
    }
    holder
}

fn is_name(text: &str) -> bool {
    text.chars().count() >= 2
        && text.chars().next().is_some_and(|c| !c.is_ascii_digit())
        && ![
            "居民身份证",
            "身份证",
            "统一社会信用代码",
            "营业执照",
            "自然人股",
            "自然人",
            "净资产折股",
            "货币",
            "境内法人股",
        ]
        .contains(&text)
}

fn from_rows(gatherer: &Gatherer<'_>, header: &Header, rows: &[Row]) -> (Vec<Holder>, Option<Holder>) {
    let mut holders = Vec::new();
    for row in rows {
        let cells: Vec<&Cell> = row.cells.iter().collect();
        let mut holder = holder_of(gatherer, header, &cells);
        if cells.iter().take(2).any(|cell| is_total(&cell.text)) {
            return (holders, Some(holder));
        }
        let name = cells.iter().take(3).find(|cell| is_name(&cell.text));
        holder.name = name.map(|cell| (company::registered(&cell.text), place(gatherer, cell)));
        if holder.name.is_none() || (holder.shares.is_none() && holder.percent.is_none()) {
            break;
        }
        holders.push(holder);
    }
    (holders, None)
}

/// Rows on a page: a percentage marks a holder; the other cells between the middles of its neighbours are its own.
fn from_page(gatherer: &Gatherer<'_>, header: &Header, rows: &[Row]) -> (Vec<Holder>, Option<Holder>) {
    let Some(page) = rows.first().map(|row| row.page) else { return (Vec::new(), None) };
    // A table may go on at the head of the next page.
    let on_page: Vec<&Row> = rows.iter().take_while(|row| row.page <= page + 2).collect();
    let depth = |other: u32| other.saturating_sub(page) * PAGE;
    let holds = |row: &Row| {
        let holder = holder_of(gatherer, header, &row.cells.iter().collect::<Vec<_>>());
        holder.percent.is_some() && holder.shares.is_some()
    };
    let middle = |row: &Row| {
        depth(row.page) + row.area.map_or(0, |area| u32::from(area.top) * 2 + u32::from(area.height))
    };
    let mut anchors: Vec<usize> = Vec::new();
    for (index, row) in on_page.iter().enumerate() {
        if holds(row) {
            // A table does not go on after a paragraph.
            if let (Some(last), true) = (anchors.last(), anchors.len() >= 2) {
                let pitch = middle(on_page[*last])
                    .saturating_sub(middle(on_page[anchors[anchors.len() - 2]]))
                    .max(300);
                let turned = row.page != on_page[*last].page && row.area.is_some_and(|area| area.top < 2_500);
                if !turned && middle(row).saturating_sub(middle(on_page[*last])) > pitch * 3 {
                    break;
                }
            } else if let Some(last) = anchors.last()
                && row.page != on_page[*last].page
                && row.area.is_some_and(|area| area.top >= 2_500)
            {
                break;
            }
            anchors.push(index);
        }
    }
    let mut holders: Vec<Holder> = Vec::new();
    let mut total = None;
    for (position, anchor) in anchors.iter().enumerate() {
        let own = middle(on_page[*anchor]);
        let pitch = |other: Option<&usize>| other.map(|other| middle(on_page[*other]));
        let above = pitch(position.checked_sub(1).and_then(|index| anchors.get(index)));
        let below = pitch(anchors.get(position + 1));
        let reach = match (above, below) {
            (Some(above), _) => own.saturating_sub(above) / 2,
            (None, Some(below)) => below.saturating_sub(own) / 2,
            (None, None) => 400,
        }
        .min(420);
        let (low, high) = (
            above.map_or(own.saturating_sub(reach), |above| (above + own) / 2),
            below.map_or(own + reach.min(420), |below| (below + own) / 2),
        );
        let mut cells: Vec<&Cell> = on_page
            .iter()
            .flat_map(|row| row.cells.iter().map(|cell| (row.page, cell)))
            .filter(|(page, cell)| {
                cell.area.is_some_and(|area| {
                    let middle = depth(*page) + u32::from(area.top) * 2 + u32::from(area.height);
                    low < middle && middle <= high
                })
            })
            .map(|(_, cell)| cell)
            .collect();
        cells.sort_by_key(|cell| cell.area.map_or(0, |area| area.left));
        let mut holder = holder_of(gatherer, header, &cells);
        if cells.iter().any(|cell| is_total(&cell.text)) {
            total = Some(holder);
            break;
        }
        let first = cells
            .iter()
            .find(|cell| cell.text.chars().next().is_some_and(|c| !c.is_ascii()) && is_name(&cell.text));
        if let Some(first) = first.and_then(|cell| cell.area) {
            let mut parts: Vec<&&Cell> = cells
                .iter()
                .filter(|cell| {
                    cell.area.is_some_and(|area| {
                        area.left < first.left.saturating_add(first.width)
                            && first.left < area.left.saturating_add(area.width)
                    }) && !cell.text.chars().all(|c| c.is_ascii_digit())
                })
                .collect();
            parts.sort_by_key(|cell| cell.area.map_or(0, |area| area.top));
            let name: String = parts.iter().map(|cell| cell.text.as_str()).collect();
            let spot =
                parts.iter().map(|cell| place(gatherer, cell)).reduce(|whole, part| joined(whole, &part));
            holder.name = spot.map(|spot| (company::registered(&name), spot));
        }
        // An id number that its column breaks: 91320500MA000004X over T.
        if holder.id.is_none() {
            holder.id = broken_id(gatherer, &cells);
        }
        holders.push(holder);
    }
    (holders, total)
}

fn broken_id(gatherer: &Gatherer<'_>, cells: &[&Cell]) -> Option<(String, Place)> {
    let head = cells.iter().find(|cell| {
        (10..18).contains(&cell.text.len()) && cell.text.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })?;
    let area = head.area?;
    let tail = cells.iter().find(|cell| {
        cell.text.len() + head.text.len() == 18
            && cell.area.is_some_and(|other| {
                other.top > area.top
                    && other.left < area.left.saturating_add(area.width)
                    && area.left < other.left.saturating_add(other.width)
            })
    })?;
    let id = format!("{}{}", head.text, tail.text);
    let (id, _) = value::credit_code(&id).or_else(|| value::resident_id(&id))?;
    Some((id, joined(place(gatherer, head), &place(gatherer, tail))))
}
