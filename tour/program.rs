//! The program of the tour: which lessons are played, and what to look at.

/// A server and its client, or one program alone.
pub struct Play {
    pub level: u8,
    pub title: &'static str,
    /// What to look at.
    pub look: &'static str,
    pub server: Option<&'static str>,
    /// The client; without a server, the program that is alone on stage.
    pub client: &'static str,
    /// What the client gets besides the server's URL.
    pub arguments: &'static [&'static str],
}

impl Play {
    pub fn binaries(&self) -> impl Iterator<Item = &'static str> {
        self.server.into_iter().chain([self.client])
    }
}

/// Marks what is said through `told!`.
macro_rules! english {
    ($sentence:literal) => {
        $sentence
    };
}

pub const PROGRAM: &[Play] = &[
    Play {
        level: 1,
        title: english!("an echo"),
        look: english!(
            "The client says hello, and the server sends it back. Two messages, one each\n\
               way: see who received which."
        ),
        server: Some("level1_echo_server"),
        client: "level1_echo_client",
        arguments: &[],
    },
    Play {
        level: 2,
        title: english!("a conversation"),
        look: english!(
            "One connection carries many messages. See how the two take turns, and that the\n\
               server notices when the client leaves."
        ),
        server: Some("level2_bidirectional_server"),
        client: "level2_bidirectional_client",
        arguments: &[],
    },
    Play {
        level: 2,
        title: english!("streaming"),
        look: english!(
            "The server recites a poem, one line a second. The client shows each line when\n\
               it comes, and does not wait for the whole."
        ),
        server: Some("level2_stream_server"),
        client: "level2_stream_client",
        arguments: &[],
    },
    Play {
        level: 2,
        title: english!("both at once"),
        look: english!(
            "The server ticks every second, unasked. The client sends at its own times.\n\
               Neither waits for the other."
        ),
        server: Some("level2_duplex_server"),
        client: "level2_duplex_client",
        arguments: &[],
    },
    Play {
        level: 3,
        title: english!("without `.await`"),
        look: english!(
            "This client wants the first line of the poem, and forgets to wait for it. See\n\
               what it gets instead."
        ),
        server: Some("level2_stream_server"),
        client: "level3_wrong_client",
        arguments: &[],
    },
    Play {
        level: 3,
        title: english!("with `.await`"),
        look: english!("The same client, corrected. One word makes the difference."),
        server: Some("level2_stream_server"),
        client: "level3_correct_client",
        arguments: &[],
    },
    Play {
        level: 3,
        title: english!("a pitfall"),
        look: english!(
            "A call that blocks stops everybody else. The wrong way and the right way, run\n\
               for real: compare the times."
        ),
        server: None,
        client: "level3_pitfalls",
        arguments: &["2"],
    },
    Play {
        level: 4,
        title: english!("a real-time translator"),
        look: english!(
            "The client sends a sentence. The server answers word by word, and the client's\n\
               line grows, as in a live preview."
        ),
        server: Some("level4_translate_server"),
        client: "level4_translate_client",
        arguments: &[],
    },
];
