//! What the lessons say while they run, in the order in which they say it.

use std::time::Duration;

use futures_util::{
    StreamExt,
    stream::{self, BoxStream, SelectAll},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    time::sleep,
};

use crate::stage::VoiceId;

/// How long each pipe rests after a line. What the other side said meanwhile comes first then.
const BREATH: Duration = Duration::from_millis(1);

/// All that is said. `SelectAll` is fair: who was ready first is heard first.
pub type Speech = SelectAll<BoxStream<'static, (VoiceId, Vec<u8>)>>;

/// What comes through a pipe, as it comes, but never more than a line at a time. On a busy machine
/// several may be waiting, and what the other side said belongs between them.
pub fn listen_to<P>(pipe: P, voice: VoiceId) -> BoxStream<'static, (VoiceId, Vec<u8>)>
where
    P: AsyncRead + Send + Unpin + 'static,
{
    let next_line = move |mut pipe: BufReader<P>| async move {
        sleep(BREATH).await;
        // An error is an end, too: nothing more will come.
        let bytes = pipe.fill_buf().await.ok()?;
        let line = bytes.split_inclusive(|&byte| byte == b'\n').next()?.to_vec();
        pipe.consume(line.len());
        Some(((voice, line), pipe))
    };
    stream::unfold(BufReader::new(pipe), next_line).boxed()
}

#[cfg(test)]
mod tests {
    use anstyle::Style;
    use tokio::{io::AsyncWriteExt, time::timeout};

    use super::*;
    use crate::stage::{Role, Stage};

    #[tokio::test(start_paused = true)]
    async fn an_answer_is_heard_before_the_next_line_that_waits() {
        let mut stage = Stage::new(Vec::new(), false);
        let role = Role { name: String::new(), style: Style::new() };
        let (mut server, server_pipe) = tokio::io::duplex(64);
        let (mut client, client_pipe) = tokio::io::duplex(64);
        let mut speech = Speech::new();
        speech.push(listen_to(server_pipe, stage.enter(&role)));
        speech.push(listen_to(client_pipe, stage.enter(&role)));

        // Silence at first, so that both are being waited for.
        timeout(Duration::from_secs(1), speech.next()).await.unwrap_err();
        server.write_all(b"one\ntwo\nthr").await.unwrap();
        let mut heard = vec![speech.next().await.unwrap().1];
        client.write_all(b"answer\n").await.unwrap();
        for _ in 0..3 {
            heard.push(speech.next().await.unwrap().1);
        }
        assert_eq!(heard, [&b"one\n"[..], b"answer\n", b"two\n", b"thr"]);
        drop((server, client));
        assert!(speech.next().await.is_none());
    }
}
