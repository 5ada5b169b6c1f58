//! What the server's command line says.

use std::{ffi::OsString, net::SocketAddr, path::PathBuf, time::Duration};

use anyhow::{Context, Result, bail};
use clap::{ArgMatches, Command};

use crate::{DevCert, Origins, Proxies, Settings, Token, Tokens, flags::flags, tls};

/// What the server was told.
#[derive(Debug)]
pub struct Options {
    /// Where to listen.
    pub address: String,
    matches: ArgMatches,
}

impl Options {
    /// What was given on the command line; ends the program where that makes no sense.
    pub fn of(command: Command) -> Options {
        Options::from(flags(command).get_matches())
    }

    /// From these arguments, the program's name first.
    ///
    /// # Errors
    /// What clap says.
    pub fn parse(
        arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>,
    ) -> Result<Options> {
        let command = flags(Command::new("live_server"));
        Ok(Options::from(command.try_get_matches_from(arguments)?))
    }

    fn from(mut matches: ArgMatches) -> Options {
        let address = matches.remove_one("ADDRESS").expect("it has a default");
        Options { address, matches }
    }

    /// The settings for a server that listens at this address.
    ///
    /// # Errors
    /// A file that is not what it should be, or a combination that is not safe.
    pub fn settings(&self, address: SocketAddr) -> Result<Settings> {
        let given = &self.matches;
        let token = |name| given.get_one(name).map(|file: &PathBuf| Token::from_file(file));
        let many = |name| given.get_many::<String>(name).unwrap_or_default().cloned();
        let number = |name| *given.get_one::<u32>(name).expect("it has a default");
        let time = |name| *given.get_one::<Duration>(name).expect("it has a default");

        let tls = match (
            given.get_one::<PathBuf>("cert"),
            given.get_one::<PathBuf>("key"),
            self.dev_cert()?,
        ) {
            (_, _, Some(made)) => Some(tls::server(&made.cert, &made.key)?),
            (Some(cert), Some(key), _) => Some(tls::server(cert, key)?),
            _ => None,
        };
        let origins = match given.contains_id("origin") {
            true => Origins::these(many("origin"))?,
            false => Origins::own(address, tls.is_some()),
        };
        let settings = Settings {
            tls,
            tokens: Tokens {
                reader: token("reader-token-file").transpose()?,
                writer: token("writer-token-file").transpose()?,
            },
            origins,
            proxies: given
                .get_flag("behind-proxy")
                .then(|| Proxies::at(many("trust")))
                .transpose()?,
            connections: number("connections") as usize,
            per_address: number("per-address") as usize,
            at_the_door: number("at-the-door") as usize,
            wrong_tokens: number("wrong-tokens"),
            messages: number("messages"),
            handshake: time("handshake"),
            login: time("login"),
            pulse: time("pulse"),
            goodbye: time("goodbye"),
        };
        settings.check(address, given.contains_id("dev-cert"))?;
        Ok(settings)
    }

    /// The broker's address and the stream's name, if a broker is to keep the log.
    ///
    /// # Errors
    /// If the file cannot be read, or a password is where others can see it.
    pub fn nats(&self) -> Result<Option<(String, String)>> {
        let stream: &String = self.matches.get_one("stream").expect("it has a default");
        let url = match self.matches.get_one::<PathBuf>("nats-file") {
            Some(file) => {
                let url = std::fs::read_to_string(file);
                url.with_context(|| format!("{}: no URL", file.display()))?.trim().to_string()
            }
            None => match self.matches.get_one::<String>("nats") {
                Some(url) if url.contains('@') => bail!(
                    "every user of this machine can see a password in --nats: put the URL into a \
                     file, and give --nats-file"
                ),
                Some(url) => url.clone(),
                None => return Ok(None),
            },
        };
        Ok(Some((url, stream.clone())))
    }

    /// The certificate for this machine, if one is wished for.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn dev_cert(&self) -> Result<Option<DevCert>> {
        let folder = self.matches.get_one("dev-cert");
        folder.map(|folder: &PathBuf| DevCert::in_folder(folder)).transpose()
    }
}
