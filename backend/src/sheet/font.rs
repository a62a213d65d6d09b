//! The font of the PDF: the operator's choice, else one that the system has, else the bundled subset (the characters
//! of GBK). A system font is preferred because names may hold characters beyond GBK.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use krilla::text::Font;

use crate::error::{Error, Result};

/// A subset of Noto Serif CJK SC; its licence (OFL 1.1) stands beside the file.
const BUNDLED: &[u8] = include_bytes!("../../../assets/fonts/NotoSerifSC-GBK-Regular.otf");

/// Where Debian, Fedora, Arch and Alpine put Noto CJK; the number is the Simplified Chinese face of the collection.
const SYSTEM: [(&str, u32); 6] = [
    ("/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc", 2),
    ("/usr/share/fonts/google-noto-serif-cjk-vf-fonts/NotoSerifCJK-VF.ttc", 2),
    ("/usr/share/fonts/google-noto-serif-cjk-fonts/NotoSerifCJK-Regular.ttc", 2),
    ("/usr/share/fonts/noto-cjk/NotoSerifCJK-Regular.ttc", 2),
    ("/usr/share/fonts/noto/NotoSerifCJK-Regular.ttc", 2),
    ("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", 2),
];

/// A font with its bytes, to measure texts.
#[derive(Clone)]
pub(crate) struct Face {
    pub(crate) font: Font,
    bytes: Arc<Vec<u8>>,
    index: u32,
}

impl Face {
    fn new(bytes: Vec<u8>, index: u32) -> Option<Self> {
        let bytes = Arc::new(bytes);
        ttf_parser::Face::parse(&bytes, index).ok()?;
        let font = Font::new(Arc::<Vec<u8>>::clone(&bytes).into(), index)?;
        Some(Self { font, bytes, index })
    }

    /// How wide a character is, in units of the font size.
    pub(crate) fn measure(&self) -> impl Fn(char) -> f32 {
        let face = ttf_parser::Face::parse(&self.bytes, self.index).ok();
        let widths: Vec<f32> = (0..128_u8).map(|ascii| advance(face.as_ref(), char::from(ascii))).collect();
        let bytes = Arc::clone(&self.bytes);
        let index = self.index;
        move |c| match widths.get(c as usize) {
            Some(width) => *width,
            // East Asian characters fill the square; others are looked up.
            None if (c as u32) >= 0x2E80 => 1.0,
            None => advance(ttf_parser::Face::parse(&bytes, index).ok().as_ref(), c),
        }
    }
}

fn advance(face: Option<&ttf_parser::Face<'_>>, c: char) -> f32 {
    let width = |face: &ttf_parser::Face<'_>| {
        let glyph = face.glyph_index(c)?;
        Some(f32::from(face.glyph_hor_advance(glyph)?) / f32::from(face.units_per_em()))
    };
    face.and_then(width).unwrap_or(1.0)
}

/// The font to use; read once and kept while the choice stays the same.
///
/// # Errors
/// When the operator's choice cannot be read as a font: a wrong setting is not papered over.
pub(crate) fn load(chosen: Option<&Path>) -> Result<Face> {
    static LAST: Mutex<Option<(Option<PathBuf>, Face)>> = Mutex::new(None);
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, face)) = last.as_ref().filter(|(path, _)| path.as_deref() == chosen) {
        return Ok(face.clone());
    }
    let face = match chosen {
        Some(path) => {
            let wrong = || Error::internal(anyhow::anyhow!("--pdf-font: {} is not a font", path.display()));
            let bytes = std::fs::read(path)?;
            // Collections of Noto CJK have Simplified Chinese third.
            let index = if bytes.starts_with(b"ttcf") { 2 } else { 0 };
            Face::new(bytes.clone(), index).or_else(|| Face::new(bytes, 0)).ok_or_else(wrong)?
        }
        None => SYSTEM
            .iter()
            .find_map(|(path, index)| Face::new(std::fs::read(path).ok()?, *index))
            .or_else(bundled)
            .ok_or_else(|| Error::internal(anyhow::anyhow!("the bundled font cannot be read")))?,
    };
    *last = Some((chosen.map(Path::to_owned), face.clone()));
    Ok(face)
}

/// The bundled subset.
pub(crate) fn bundled() -> Option<Face> {
    Face::new(BUNDLED.to_vec(), 0)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_bundled_font_has_what_receipts_say() {
        let face = super::bundled().expect("a font");
        let parsed = ttf_parser::Face::parse(&face.bytes, face.index).unwrap();
        for c in "申报回执股信〔2026〕“审计”0aZ·—（）①。，：；".chars() {
            assert!(parsed.glyph_index(c).is_some(), "{c}");
        }
        let measure = face.measure();
        assert!((measure('股') - 1.0).abs() < 0.01 && measure('i') < measure('W'));
    }
}
