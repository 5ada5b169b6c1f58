//! The translator's dictionary: a few hundred English words, from `dictionary.tsv`.

use std::{collections::HashMap, sync::LazyLock};

static DICTIONARY: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
    let lines = include_str!("dictionary.tsv").lines();
    lines.filter_map(|line| line.split_once('\t')).collect()
});

// ANCHOR: translate
/// Translates one word. Case does not matter, punctuation around the word stays where it is, and
/// a word that is not in the dictionary is returned as it came.
pub fn translate(word: &str) -> String {
    let core = word.trim_matches(|c: char| !c.is_alphanumeric());
    // Phones and word processors write don’t for don't.
    let key = core.to_lowercase().replace('’', "'");
    match DICTIONARY.get(key.as_str()) {
        Some(translation) => word.replacen(core, translation, 1),
        None => word.to_string(),
    }
}
// ANCHOR_END: translate
