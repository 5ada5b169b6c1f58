//! Texts as ELIZA sees them: words.

/// A word as it was written, and as it is looked for.
pub struct Word {
    pub text: String,
    pub lowercase: String,
}

impl Word {
    fn new(text: String) -> Word {
        Word { lowercase: text.to_lowercase(), text }
    }
}

/// The words of a text; each Chinese character is one.
pub fn tokens(text: &str) -> Vec<Word> {
    let mut tokens = Vec::new();
    let mut word = String::new();
    for c in text.chars() {
        let c = if c == '’' { '\'' } else { c };
        let goes_on = c.is_alphanumeric() || matches!(c, '\'' | '-');
        if !goes_on || is_ideograph(c) {
            tokens.extend((!word.is_empty()).then(|| Word::new(std::mem::take(&mut word))));
        }
        if is_ideograph(c) {
            tokens.push(Word::new(c.to_string()));
        } else if goes_on {
            word.push(c);
        }
    }
    tokens.extend((!word.is_empty()).then(|| Word::new(word)));
    tokens
}

/// Whether a text has a Chinese character in it.
pub fn is_chinese(text: &str) -> bool {
    text.chars().any(is_ideograph)
}

fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{323af}')
}
