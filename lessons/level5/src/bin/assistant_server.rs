//! Level 5: an assistant that streams its answers, with a stop button.
//!
//!     cargo run -p level5 --bin assistant_server     (ELIZA answers)
//!     cargo run -p level5 --bin assistant_client     (in a second terminal, or open the page)
//!
//!     cargo run -p level5 --bin assistant_server -- --command 'tr a-z A-Z'
//!     cargo run -p level5 --bin assistant_server -- --model http://127.0.0.1:11434/v1 --model-name qwen3

use std::env;

use clap::Arg;
use level5::{
    assistant::Assistant,
    command::Program,
    eliza::Eliza,
    model::{Conversation, Model},
};
use websocket_streaming::{Failure, cli, listen, say, serve, shutdown_signal};

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let (address, assistant) = arguments()?;
    let shutdown = shutdown_signal();
    let listener = listen(&address).await?;
    say!("The page: http://{}/", listener.local_addr()?);
    serve(listener, assistant, shutdown).await;
    Ok(())
}

/// Where to listen, and who answers.
fn arguments() -> Result<(String, Assistant), Failure> {
    let mut matches = cli::server_command(include_str!("assistant_server.rs"))
        .arg(
            Arg::new("ADDRESS")
                .help("Where to listen; port 0 takes any that is free")
                .default_value(cli::DEFAULT_ADDRESS),
        )
        .arg(
            Arg::new("COMMAND")
                .long("command")
                .help("A program that answers: it reads the question and prints the answer"),
        )
        .arg(
            Arg::new("URL")
                .long("model")
                .help("A model's server that speaks as OpenAI's does; its key is in MODEL_API_KEY")
                .requires("NAME")
                .conflicts_with("COMMAND"),
        )
        .arg(Arg::new("NAME").long("model-name").help("The model's name there").requires("URL"))
        .get_matches();
    let mut value = |name| matches.remove_one::<String>(name);
    let address = value("ADDRESS").expect("it has a default");
    let assistant = match (value("COMMAND"), value("URL"), value("NAME")) {
        (Some(line), ..) => Assistant::new(move || Program(line.clone())),
        (None, Some(url), Some(name)) => {
            let model = Model::new(&url, &name, env::var("MODEL_API_KEY").ok())?;
            Assistant::new(move || Conversation::with(model.clone()))
        }
        _ => Assistant::new(Eliza::default).open_to_files(),
    };
    Ok((address, assistant))
}
