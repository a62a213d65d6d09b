//! Whether a page's own text is worth reading. Scanning programs leave a stamp or nothing; fonts without a table of
//! characters give text that looks right on the screen and is garbage when taken out.

use crate::reading::layout::{Piece, is_ideograph};

/// What the text layer of a page is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Good text.
    Text,
    /// Hardly any: the page is a picture, or nearly empty.
    Sparse,
    /// Characters, but not those that the page shows.
    Garbage,
}

/// Fewer characters over a picture are a stamp of the scanning program.
const STAMP: usize = 60;
/// Fewer characters are too few to judge.
const JUDGED: usize = 40;

/// Judges a page; `is_picture` when a picture covers most of it.
pub(super) fn judge(words: &[Piece], is_picture: bool) -> Verdict {
    let mut counts = Counts::default();
    for character in words.iter().flat_map(|word| word.text.chars()) {
        counts.add(character);
    }
    counts.verdict(is_picture)
}

#[derive(Default)]
struct Counts {
    all: usize,
    ideographs: usize,
    common: usize,
    /// Plain letters, digits and marks.
    ascii: usize,
    /// What no text holds: private use, replacement, control characters.
    foul: usize,
}

impl Counts {
    fn add(&mut self, character: char) {
        if character.is_whitespace() {
            return;
        }
        self.all += 1;
        if is_ideograph(character) {
            self.ideographs += 1;
            self.common += usize::from(COMMON.contains(character));
        } else if character.is_ascii_graphic() {
            self.ascii += 1;
        } else if character.is_control()
            || matches!(u32::from(character), 0xE000..=0xF8FF | 0xFFFD | 0xF_0000..)
        {
            self.foul += 1;
        }
    }

    fn verdict(&self, is_picture: bool) -> Verdict {
        // The marks of lists come from the private use area now and then: a tenth is too many for that.
        if self.foul * 10 > self.all {
            return Verdict::Garbage;
        }
        if self.all == 0 || (is_picture && self.all < STAMP) {
            return Verdict::Sparse;
        }
        if self.ideographs >= JUDGED && self.common * 5 < self.ideographs {
            return Verdict::Garbage;
        }
        // Neither Chinese nor Latin: codes of glyphs taken for Latin with accents, Greek or symbols.
        if self.all >= JUDGED && (self.ideographs + self.ascii) * 2 < self.all {
            return Verdict::Garbage;
        }
        Verdict::Text
    }
}

/// The commonest characters of written Chinese and of companies' papers. Of any real text they are more than a third; of
/// characters taken at random, one in forty.
const COMMON: &str = "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行\
学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日社义事\
平形相全表间样与关各重新线内数正心反明看原利比或但质气第向道此变条只没结解问意建月公无系情者最立代已通并提直题程展五果料位入常文总次品\
式活设及管特件长求基资边流路级少图统接知较将组见计别手期根论运指几九区强放决被做必先回则任取据处给门即保治规领七海口东导器金增争济思术\
极交受联认六共权收证改清己再采转更单风白教带安场身车例真务具万每目至达积示议报完类八名确才科信节整空元况今集传许步广记需段研界律究装算\
低持众书布容须际商非验连断深难近千委素技备半办省列响约支便团历市何除消构府称准精值号率族维划选标写存候效院查江型按格易置层始专状识适属\
包住调满局照参引该价严股票债账款额税审计董监东章程营执范围承诺签署盖截止附注负债资产损益润费用售购货币季";

#[cfg(test)]
mod tests {
    use super::{Counts, Verdict};

    fn judge(text: &str, is_picture: bool) -> Verdict {
        let mut counts = Counts::default();
        text.chars().for_each(|character| counts.add(character));
        counts.verdict(is_picture)
    }

    #[test]
    fn real_text_is_kept() {
        let company = "南京某某传感科技股份有限公司全体股东：我们审计了后附的财务报表，包括资产负债表、利润表、现金流量表及附注。";
        assert_eq!(judge(company, false), Verdict::Text);
        assert_eq!(judge(&company.repeat(3), true), Verdict::Text, "a scan with a good layer");
        assert_eq!(judge("108,731,086.17 125,125,655.03 98.25% (1,234.00)", false), Verdict::Text);
        assert_eq!(judge("封面", false), Verdict::Text);
    }

    #[test]
    fn stamps_and_garbage_are_not() {
        assert_eq!(judge("", false), Verdict::Sparse);
        assert_eq!(judge("由某某扫描软件扫描创建", true), Verdict::Sparse);
        let random: String =
            (0..200u32).filter_map(|n| char::from_u32(0x4E00 + (n * 7919) % 20_000)).collect();
        assert_eq!(judge(&random, false), Verdict::Garbage);
        assert_eq!(judge(&"\u{e012}\u{e4ab}公司".repeat(30), false), Verdict::Garbage);
        assert_eq!(judge(&"ÆÀÍÊ»Ì¨ÖÐÐÄ".repeat(10), false), Verdict::Garbage);
    }
}
