//! The scenes in which an exercise is judged: those of its header, and more.
//!
//! Both are read by people and by the judge, so that the two cannot disagree. A transcript is a
//! block of lines such as `    200 ms  client  "Hello"`. The paragraph before it says what it is
//! about; if that begins with "At the same time", its client comes while the one before is there.

use super::due::Line;

#[derive(Clone, Debug)]
pub struct Scene {
    /// What it is about; of one that the header shows, which it is.
    pub title: String,
    /// Whether the header shows it.
    pub shown: bool,
    /// One transcript for each connection. The first begins at 0 ms, others with their first line.
    pub connections: Vec<Vec<Line>>,
}

/// The scenes of an exercise, in the order in which they are played, or what is wrong with them.
pub fn scenes(source: &str, more: &str) -> Result<Vec<Scene>, String> {
    let header = source.lines().map_while(|line| line.strip_prefix("//!"));
    let mut scenes = read(header, true)?;
    if scenes.is_empty() {
        return Err(told!("there is none"));
    }
    let count = scenes.len();
    for (number, scene) in (1..).zip(&mut scenes) {
        scene.title =
            if count == 1 { String::new() } else { told!(", transcript {} of {}", number, count) };
    }
    let mut more = read(more.lines(), false)?;
    for scene in &mut more {
        scene.title = told!(scene.title.as_str());
    }
    if !more.is_empty() {
        // Whatever the others have left behind, this must still be right.
        let title = told!("The first client of the header comes again, after all the others:");
        let again = Scene { title, shown: false, ..scenes[0].clone() };
        scenes.extend(more);
        scenes.push(again);
    }
    Ok(scenes)
}

fn read<'a>(lines: impl Iterator<Item = &'a str>, shown: bool) -> Result<Vec<Scene>, String> {
    let mut scenes: Vec<Scene> = Vec::new();
    let mut paragraph = String::new();
    let mut inside = false;
    for (number, text) in (1..).zip(lines) {
        let was_inside = inside;
        inside = looks_like_a_line(text);
        if !inside {
            match text.trim() {
                "" if was_inside => paragraph.clear(),
                "" => paragraph.push('\n'),
                text if paragraph.ends_with('\n') => paragraph = text.into(),
                text => paragraph = format!("{paragraph} {text}").trim_start().into(),
            }
            continue;
        }
        let damaged = || told!("line {} cannot be read: {}", number, text.trim());
        let line = Line::parse(text.trim()).ok_or_else(damaged)?;
        if !was_inside {
            let title = paragraph.trim().to_string();
            match scenes.last_mut() {
                Some(scene) if title.starts_with("At the same time") => {
                    scene.connections.push(Vec::new());
                }
                _ => scenes.push(Scene { title, shown, connections: vec![Vec::new()] }),
            }
        }
        let scene = scenes.last_mut().and_then(|scene| scene.connections.last_mut());
        let Some(transcript) = scene else { continue };
        if transcript.last().is_some_and(|before| before.ms > line.ms) {
            return Err(told!("line {} is earlier than the line before it", number));
        }
        transcript.push(line);
    }
    Ok(scenes)
}

/// Whether this is meant for a line of a transcript, and is not prose: `    200 ms  …`.
fn looks_like_a_line(text: &str) -> bool {
    let rest = text.trim_start().trim_start_matches(|c: char| c.is_ascii_digit());
    let has_number = rest.len() < text.trim_start().len();
    has_number && rest.starts_with(" ms") && (text.starts_with("    ") || rest.starts_with(" ms  "))
}
