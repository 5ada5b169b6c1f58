//! Tokens: who has one may read, or read and write. They are compared in constant time, and shown
//! to nobody.

use std::{fmt, fs, path::Path};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

/// The shortest token that a server takes, in bytes: 16. A shorter one can be guessed.
pub const SHORTEST_TOKEN: usize = 16;

// ANCHOR: Token
/// A secret word. It has no `Display`, and its `Debug` hides it: what cannot be printed cannot get
/// into a log by mistake.
#[derive(Clone, Deserialize, Serialize)]
#[serde(transparent)]
pub struct Token(String);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(hidden)")
    }
}

impl Token {
    /// Whether they are the same. Takes as long for one that begins right as for one that does
    /// not: else, with many attempts and a clock, it could be found out letter by letter. (Its
    /// length is no secret.)
    pub(crate) fn is(&self, other: &Token) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

/// What somebody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Read the log.
    Reader,
    /// Read, and publish.
    Writer,
}

/// The tokens that a server knows.
#[derive(Clone, Debug, Default)]
pub struct Tokens {
    /// Whoever has it may read; without it everybody may.
    pub reader: Option<Token>,
    /// Whoever has it may read and publish; without any tokens everybody may.
    pub writer: Option<Token>,
}

impl Tokens {
    /// What one may do that has shown no token.
    pub fn of_a_stranger(&self) -> Option<Role> {
        match (&self.reader, &self.writer) {
            (None, None) => Some(Role::Writer),
            (None, Some(_)) => Some(Role::Reader),
            (Some(_), _) => None,
        }
    }

    /// What one may do that has shown this token; `None` if it is none of ours.
    pub fn role(&self, shown: &Token) -> Option<Role> {
        // Both are always compared, so that time says nothing about which one it was.
        let is = |ours: &Option<Token>| ours.as_ref().is_some_and(|ours| ours.is(shown));
        match (is(&self.reader), is(&self.writer)) {
            (_, true) => Some(Role::Writer),
            (true, false) => Some(Role::Reader),
            (false, false) => None,
        }
    }
}
// ANCHOR_END: Token

impl Token {
    /// The token in a file: all of it but white space at both ends.
    ///
    /// In a file, and not in an argument: every user of the machine can read the arguments of every
    /// program (`ps`), and shells keep them in a history.
    ///
    /// # Errors
    /// If the file cannot be read, or what is in it is no token.
    pub fn from_file(path: &Path) -> Result<Token> {
        let name = path.display();
        let text = fs::read_to_string(path)
            .with_context(|| format!("cannot read the token file {name}"))?;
        Token::checked(&text).with_context(|| format!("the token file {name}"))
    }

    /// The text as a token.
    ///
    /// # Errors
    /// If it is none, as a sentence that does not show it.
    pub fn checked(text: &str) -> Result<Token> {
        let text = text.trim();
        if text.len() < SHORTEST_TOKEN {
            bail!(
                "a token of fewer than {SHORTEST_TOKEN} characters can be guessed; make one with: \
                 head -c 24 /dev/urandom | base64"
            );
        }
        // So it can stand in a header as it is.
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            bail!("a token has no spaces, and only letters, digits and signs of ASCII");
        }
        Ok(Token(text.into()))
    }

    /// Whether an `Authorization` header has another scheme than `Bearer`, such as `Basic`, and
    /// something after it. That is meant for a proxy in front, which may pass it on: whoever has it
    /// has shown no token, neither a right one nor a wrong one. Browsers send such a password with
    /// each request, and can say nothing else there.
    ///
    /// A bare token is none of these: its program has forgotten the scheme, and is to hear of it.
    pub fn is_not_in(value: &[u8]) -> bool {
        let text = std::str::from_utf8(value).ok();
        let parts = text.and_then(|text| text.trim().split_once(' '));
        parts.is_some_and(|(scheme, _)| !scheme.eq_ignore_ascii_case("bearer"))
    }

    /// What comes after `Bearer ` in an `Authorization` header (RFC 6750).
    pub fn from_header(value: &[u8]) -> Option<Token> {
        let (scheme, token) = std::str::from_utf8(value).ok()?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| Token(token.trim().into()))
    }

    /// The header for a handshake, marked as secret: `Debug` does not show it.
    pub fn header(&self) -> Result<tokio_tungstenite::tungstenite::http::HeaderValue> {
        let mut value = format!("Bearer {}", self.0).parse().ok().context("no header")?;
        tokio_tungstenite::tungstenite::http::HeaderValue::set_sensitive(&mut value, true);
        Ok(value)
    }
}
