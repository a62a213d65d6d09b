//! Where everything of a sheet stands: from top to bottom, over as many pages as it needs.

use qrcode::{Color, EcLevel, QrCode};

use super::{BOTTOM, Block, HEIGHT, INNER, Ink, MARGIN, Mark, Texts, WIDTH, failed};
use crate::error::Result;

/// Places marks from top to bottom. `y` is the top of what comes next.
pub(super) struct Flow<'m> {
    pub(super) pages: Vec<Vec<Mark>>,
    y: f32,
    measure: &'m dyn Fn(char) -> f32,
}

impl<'m> Flow<'m> {
    /// An empty first page.
    pub(super) fn new(measure: &'m dyn Fn(char) -> f32) -> Self {
        Self { pages: vec![Vec::new()], y: MARGIN, measure }
    }

    fn put(&mut self, mark: Mark) {
        if let Some(page) = self.pages.last_mut() {
            page.push(mark);
        }
    }

    /// One line with its top at `y`.
    fn text(&mut self, x: f32, y: f32, size: f32, ink: Ink, text: &str) {
        self.put(Mark::Text { x, y: y + size * 0.88, size, ink, text: text.to_owned() });
    }

    fn rule(&mut self, y: f32, height: f32, ink: Ink) {
        self.put(Mark::Block { x: MARGIN, y, w: INNER, h: height, ink });
    }

    /// Goes to a new page unless so much room is left.
    fn room(&mut self, height: f32) {
        if self.y + height > BOTTOM {
            self.pages.push(Vec::new());
            self.y = MARGIN;
        }
    }

    fn width(&self, text: &str, size: f32) -> f32 {
        text.chars().map(|c| (self.measure)(c) * size).sum()
    }

    /// Breaks a text into lines: at blanks where there are any, else anywhere.
    fn lines(&self, text: &str, size: f32, width: f32) -> Vec<String> {
        let mut lines = Vec::new();
        let mut line = String::new();
        let mut used = 0.0;
        for c in text.chars() {
            let advance = (self.measure)(c) * size;
            if used + advance > width && !line.is_empty() {
                // A word that began on this line goes down whole.
                let keep = match line.rfind(' ') {
                    Some(at) if c.is_ascii_graphic() && line[at..].is_ascii() => at + 1,
                    _ => line.len(),
                };
                let rest = line.split_off(keep);
                lines.push(line.trim_end().to_owned());
                used = self.width(&rest, size);
                line = rest;
            }
            if !(line.is_empty() && c == ' ') {
                line.push(c);
                used += advance;
            }
        }
        lines.push(line);
        lines
    }

    pub(super) fn head(&mut self, texts: &Texts) {
        let top = self.y;
        self.text(MARGIN, top, 10.0, Ink::Quiet, &texts.exchange);
        self.text(MARGIN, top + 24.0, 30.0, Ink::Text, &texts.title);
        self.text(MARGIN, top + 64.0, 11.0, Ink::Quiet, &texts.subtitle);
        // The seal, once: two characters, one above the other.
        let (side, x) = (54.0, WIDTH - MARGIN - 40.0);
        self.put(Mark::Block { x, y: top + 8.0, w: 40.0, h: side + 14.0, ink: Ink::Seal });
        self.text(x + 8.0, top + 15.0, 24.0, Ink::OnSeal, "股");
        self.text(x + 8.0, top + 43.0, 24.0, Ink::OnSeal, "信");
        self.rule(top + 92.0, 1.2, Ink::Text);
        self.y = top + 104.0;
    }

    pub(super) fn block(&mut self, block: &Block) -> Result<()> {
        match block {
            Block::Title(title) => self.title(title),
            Block::Pairs(pairs) => self.labelled(pairs, INNER),
            Block::Place { pairs, link, caption } => self.place(pairs, link, caption)?,
            Block::Table { widths, head, rows, fine } => self.table(widths, head, rows, *fine),
            Block::Paragraphs(paragraphs) => self.paragraphs(paragraphs),
            Block::Verbatim(lines) => self.verbatim(lines),
        }
        Ok(())
    }

    fn labelled(&mut self, pairs: &[(String, String)], width: f32) {
        const LABEL: f32 = 104.0;
        for (label, value) in pairs {
            let lines = self.lines(value, 9.5, width - LABEL);
            self.room(15.0);
            self.text(MARGIN, self.y, 9.5, Ink::Quiet, label);
            for line in lines {
                self.room(15.0);
                self.text(MARGIN + LABEL, self.y, 9.5, Ink::Text, &line);
                self.y += 15.0;
            }
        }
    }

    fn title(&mut self, title: &str) {
        self.room(70.0);
        self.y += 14.0;
        self.text(MARGIN, self.y, 13.0, Ink::Text, title);
        self.y += 19.0;
        self.rule(self.y, 0.5, Ink::Hairline);
        self.y += 7.0;
    }

    fn place(&mut self, pairs: &[(String, String)], link: &str, caption: &str) -> Result<()> {
        const SIDE: f32 = 84.0;
        self.room(SIDE + 30.0);
        let (top, page) = (self.y, self.pages.len());
        let code = QrCode::with_error_correction_level(link.as_bytes(), EcLevel::M)
            .map_err(|error| failed(&format!("the QR code: {error}")))?;
        let across = code.width();
        let modules = code.into_colors().into_iter().map(|color| color == Color::Dark).collect();
        let x = WIDTH - MARGIN - SIDE;
        self.put(Mark::Code { x, y: top, side: SIDE, modules, across });
        let said = self.width(caption, 8.0);
        self.text(x + (SIDE - said) / 2.0, top + SIDE + 5.0, 8.0, Ink::Quiet, caption);
        self.labelled(pairs, INNER - SIDE - 16.0);
        if self.pages.len() == page {
            self.y = self.y.max(top + SIDE + 18.0);
        }
        Ok(())
    }

    fn table(&mut self, widths: &[f32], head: &[String], rows: &[Vec<String>], fine: bool) {
        // A head alone at the foot of a page would belong to nothing.
        self.room(70.0);
        self.row(widths, head, Ink::Quiet, 8.5);
        for row in rows {
            self.row(widths, row, Ink::Text, if fine { 6.9 } else { 8.5 });
        }
    }

    /// `last` is the size of the last column's letters.
    fn row(&mut self, widths: &[f32], cells: &[String], ink: Ink, last: f32) {
        let left = INNER - widths.iter().sum::<f32>();
        let columns = widths.iter().map(|width| (*width, 8.5)).chain(std::iter::once((left, last)));
        let cells: Vec<(f32, f32, Vec<String>)> = columns
            .zip(cells)
            .map(|((width, size), cell)| {
                let lines = cell.split('\n').flat_map(|part| self.lines(part, size, width - 8.0)).collect();
                (width, size, lines)
            })
            .collect();
        let deepest = cells.iter().map(|(_, _, lines)| lines.len()).max().unwrap_or(1);
        let height = (0..deepest).map(|_| 12.0).sum::<f32>();
        self.room(height + 6.0);
        let mut x = MARGIN;
        for (width, size, lines) in cells {
            let mut y = self.y;
            for line in lines {
                self.text(x, y, size, ink, &line);
                y += 12.0;
            }
            x += width;
        }
        self.y += height + 2.0;
        self.rule(self.y, 0.4, Ink::Hairline);
        self.y += 4.0;
    }

    fn paragraphs(&mut self, paragraphs: &[String]) {
        for paragraph in paragraphs {
            for line in self.lines(paragraph, 9.0, INNER) {
                self.room(14.0);
                self.text(MARGIN, self.y, 9.0, Ink::Text, &line);
                self.y += 14.0;
            }
            self.y += 2.0;
        }
    }

    fn verbatim(&mut self, lines: &[String]) {
        for text in lines {
            for line in self.lines(text, 7.5, INNER) {
                self.room(11.0);
                self.text(MARGIN, self.y, 7.5, Ink::Text, &line);
                self.y += 11.0;
            }
        }
        self.y += 4.0;
    }

    pub(super) fn feet(&mut self, texts: &Texts) {
        let pages = self.pages.len().to_string();
        for number in 0..self.pages.len() {
            let label = texts.page_of.replace("{page}", &(number + 1).to_string()).replace("{pages}", &pages);
            let x = WIDTH - MARGIN - self.width(&label, 8.0);
            let foot = |x: f32, text: &str| Mark::Text {
                x,
                y: HEIGHT - 36.0,
                size: 8.0,
                ink: Ink::Quiet,
                text: text.to_owned(),
            };
            let marks = [
                Mark::Block { x: MARGIN, y: HEIGHT - 50.0, w: INNER, h: 0.4, ink: Ink::Hairline },
                foot(MARGIN, &texts.footer),
                foot(x, &label),
            ];
            self.pages[number].extend(marks);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Flow;

    fn flow(measure: &dyn Fn(char) -> f32) -> Flow<'_> {
        Flow::new(measure)
    }

    #[test]
    fn lines_break_between_words_and_between_characters() {
        let measure = |c: char| if c.is_ascii() { 0.5 } else { 1.0 };
        let flow = flow(&measure);
        assert_eq!(flow.lines("one two three", 10.0, 40.0), ["one two", "three"]);
        assert_eq!(flow.lines("申报材料清单", 10.0, 30.0), ["申报材", "料清单"]);
        assert_eq!(flow.lines("abcdefghij", 10.0, 20.0), ["abcd", "efgh", "ij"]);
        assert_eq!(flow.lines("", 10.0, 20.0), [""]);
    }
}
