//! One Markdown file, taken apart as mdBook takes it apart.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

#[derive(Clone, Copy, PartialEq)]
pub enum Kind {
    /// What stands between `{{#` and `}}`.
    Include,
    /// A line of a console block.
    Console,
    /// A line of any other code block.
    Listing,
    /// Inline code.
    Code,
    /// Inline code in the first column of a table that begins with "you see" or "symptom".
    Symptom,
    Link,
    /// What a link may name after its `#`.
    Id,
}

pub struct Page {
    /// From the project's folder.
    pub path: String,
    /// Each with the number of its line.
    pub items: Vec<(usize, Kind, String)>,
}

impl Page {
    pub fn parse(path: &str, text: &str) -> Page {
        let mut items = Vec::new();
        for (line, text) in (1..).zip(text.lines()) {
            let includes = text.split("{{#").skip(1).filter_map(|rest| rest.split_once("}}"));
            items.extend(includes.map(|(include, _)| (line, Kind::Include, include.into())));
        }
        let (mut block, mut in_symptoms) = (None, false);
        let (mut heading, mut given_id) = (String::new(), None);
        // Those of mdBook's that matter here.
        let options = Options::ENABLE_TABLES
            | Options::ENABLE_HEADING_ATTRIBUTES
            | Options::ENABLE_DEFINITION_LIST;
        for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
            let before = &text[..range.start];
            let line = 1 + before.matches('\n').count();
            match event {
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                    let is_console = &*info == "console";
                    block = Some(if is_console { Kind::Console } else { Kind::Listing });
                }
                Event::Start(Tag::CodeBlock(CodeBlockKind::Indented)) => {
                    block = Some(Kind::Listing)
                }
                Event::End(TagEnd::CodeBlock) => block = None,
                Event::Text(text) => match block {
                    Some(kind) => {
                        let lines = (line..).zip(text.lines());
                        items.extend(lines.map(|(line, text)| (line, kind, text.into())));
                    }
                    None => heading += &text,
                },
                Event::Start(Tag::Table(_)) => {
                    let headers = ["| you see |", "| symptom |", "| 你看到 |"];
                    in_symptoms = headers.iter().any(|it| text[range.clone()].starts_with(it));
                }
                Event::Code(code) => {
                    let row = before.rsplit('\n').next().unwrap_or_default();
                    let in_first_column = row.starts_with('|') && row.matches('|').count() == 1;
                    let is_symptom = in_symptoms && in_first_column;
                    let kind = if is_symptom { Kind::Symptom } else { Kind::Code };
                    items.push((line, kind, code.to_string()));
                    heading += &code;
                }
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    items.push((line, Kind::Link, dest_url.into()));
                }
                Event::Start(Tag::Heading { id, .. }) => (heading, given_id) = (String::new(), id),
                Event::Start(Tag::DefinitionListTitle) => heading.clear(),
                Event::End(TagEnd::Heading(_) | TagEnd::DefinitionListTitle) => {
                    let id = given_id.take().map_or_else(|| id_of(&heading), String::from);
                    items.push((line, Kind::Id, id));
                }
                _ => {}
            }
        }
        Page { path: path.into(), items }
    }

    pub fn all(&self, kind: Kind) -> impl Iterator<Item = &str> {
        self.items.iter().filter(move |item| item.1 == kind).map(|item| item.2.as_str())
    }
}

/// The id that mdBook gives to a heading, or to the first of several that are the same.
fn id_of(heading: &str) -> String {
    let is_dropped = |c: char| !(c.is_alphanumeric() || c.is_whitespace() || "_-".contains(c));
    heading.to_lowercase().replace(is_dropped, "").replace(char::is_whitespace, "-")
}
