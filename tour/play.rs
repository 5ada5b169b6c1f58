//! Playing one play: the lessons run as processes, and the stage shows what they say.

use std::{io, time::Duration};

use anstream::AutoStream;
use anstyle::{AnsiColor, Style};
use anyhow::{Context, Result, ensure};
use futures_util::StreamExt;
use tokio::{
    select,
    time::{Instant, timeout, timeout_at},
};

use crate::{
    cast::Cast,
    program::Play,
    speech::{Speech, listen_to},
    stage::{Role, Stage},
};

/// How long a server may take until it listens: 10 s.
const SERVER_DEADLINE: Duration = Duration::from_secs(10);

/// How long a client may run: 60 s. The longest takes a few seconds.
const CLIENT_DEADLINE: Duration = Duration::from_secs(60);

const SERVER: Style = AnsiColor::Cyan.on_default();
const CLIENT: Style = AnsiColor::Green.on_default();

pub type Screen = Stage<AutoStream<io::Stdout>>;

/// Plays one play: the server, then its client, then the server's end.
///
/// # Errors
/// If one of them fails or is too slow; or if nobody reads what is shown.
pub async fn perform(play: &Play, stage: &mut Screen, cast: &mut Cast) -> Result<()> {
    let mut speech = Speech::new();
    let mut arguments = Vec::new();
    if let Some(server) = play.server {
        let role = Role { name: told!("server"), style: SERVER };
        start(server, &["127.0.0.1:0".into()], &role, &mut speech, stage, cast)?;
        let url = timeout(SERVER_DEADLINE, url(&mut speech, stage)).await;
        let url = url.unwrap_or(Ok(None))?;
        arguments.push(url.with_context(|| format!("{server} does not listen"))?);
    }
    arguments.extend(play.arguments.iter().map(|argument| argument.to_string()));

    let client = play.client;
    // Nobody needs to say who speaks when there is only one.
    let name = if play.server.is_some() { told!("client") } else { String::new() };
    start(client, &arguments, &Role { name, style: CLIENT }, &mut speech, stage, cast)?;
    let deadline = Instant::now() + CLIENT_DEADLINE;
    let ended = loop {
        select! {
            Some((voice, bytes)) = speech.next() => stage.speak(voice, &bytes)?,
            ended = timeout_at(deadline, cast.last_status()) => break ended,
        }
    };

    cast.stop_politely().await;
    // The last words of both are in the pipes by now.
    while let Some((voice, bytes)) = speech.next().await {
        stage.speak(voice, &bytes)?;
    }
    let seconds = CLIENT_DEADLINE.as_secs();
    let status =
        ended.ok().with_context(|| format!("{client} has not ended within {seconds} s"))??;
    ensure!(status.success(), "{client} failed ({status})");
    Ok(())
}

/// Shows what a server says until it says its URL. `None` if it ends without.
async fn url(speech: &mut Speech, stage: &mut Screen) -> io::Result<Option<String>> {
    while let Some((voice, bytes)) = speech.next().await {
        stage.speak(voice, &bytes)?;
        if let Some(url) = bytes.strip_prefix(b"Listening on ") {
            return Ok(Some(String::from_utf8_lossy(url).trim_end().into()));
        }
    }
    Ok(None)
}

fn start(
    binary: &str,
    arguments: &[String],
    role: &Role,
    speech: &mut Speech,
    stage: &mut Screen,
    cast: &mut Cast,
) -> Result<()> {
    let (out, err) = cast.start_lesson(binary, arguments)?;
    speech.push(listen_to(out, stage.enter(role)));
    speech.push(listen_to(err, stage.enter(role)));
    Ok(())
}
