//! What is in `deploy` fits together, and fits the server: without docker, systemd or nginx.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
    time::Duration,
};

use level7::{Options, Settings};
use support::project;

const FOLDER: &str = "lessons/level7/deploy";

fn file(name: &str) -> String {
    fs::read_to_string(project().join(FOLDER).join(name)).expect("a file of the course")
}

/// The arguments after the program's name, however a file breaks its lines.
fn words(text: &str) -> Vec<String> {
    text.replace("\\\n", " ").split_whitespace().map(String::from).collect()
}

/// What systemd starts.
fn unit() -> Vec<String> {
    let unit = file("live-server.service");
    let (_, rest) = unit.split_once("\nExecStart=").expect("it starts something");
    let command = rest.split("\n#").next().expect("it ends");
    words(command)
}

/// What compose starts: the items of the first list that is called `command` and has some.
fn compose() -> Vec<String> {
    let compose = file("compose.yaml");
    let (_, rest) = compose.split_once("    command:\n").expect("it starts something");
    let items = rest.lines().map(str::trim).take_while(|line| line.starts_with(['-', '#']));
    let items = items.filter_map(|line| line.strip_prefix("- ")).map(String::from);
    ["live_server".into()].into_iter().chain(items).collect()
}

/// What the manual says, each time it starts a server.
fn manual() -> Vec<Vec<String>> {
    let manual = file("README.md");
    let commands = manual.split("$ live_server 127.0.0.1:877").skip(1);
    commands.map(|it| words(&format!("x {}", it.split("```").next().expect("it")))).collect()
}

/// The server with these arguments, and a token where they say.
fn settings(arguments: &[String]) -> Settings {
    static TOKEN: OnceLock<PathBuf> = OnceLock::new();
    let token = TOKEN.get_or_init(|| {
        let token = Path::new(env!("CARGO_TARGET_TMPDIR")).join("deploy.token");
        fs::write(&token, "a-token-for-this-test-alone").expect("a file");
        token
    });
    let token = token.to_str().expect("a path");
    let places = ["%d/writer.token", "/run/secrets/writer_token", "secrets/writer.token"];
    let place = |it: &String| places.iter().fold(it.clone(), |it, old| it.replace(old, token));
    let arguments: Vec<_> = arguments.iter().map(place).collect();
    let options = Options::parse(arguments).expect("arguments that the server knows");
    assert!(options.nats().expect("no password").is_some(), "it is to share its log");
    let address = if options.address.starts_with('1') { "127.0.0.1:1" } else { "0.0.0.0:1" };
    options.settings(address.parse().expect("an address")).expect("settings that are safe")
}

/// The number after `name`, in a file like nginx's or systemd's.
fn number(text: &str, name: &str) -> u64 {
    let lines = text.lines().map(str::trim).filter_map(|line| line.strip_prefix(name));
    let digits =
        |line: &str| line.chars().skip_while(|it| !it.is_ascii_digit()).collect::<String>();
    let lines: Vec<String> = lines.map(digits).collect();
    let [line] = &lines[..] else { panic!("{name:?} is there {} times", lines.len()) };
    let end = line.find(|it: char| !it.is_ascii_digit()).unwrap_or(line.len());
    line[..end].parse().expect("a number")
}

#[test]
fn every_server_in_deploy_is_started_with_arguments_that_it_knows() {
    assert_eq!(manual().len(), 2);
    for arguments in [vec![unit(), compose()], manual()].concat() {
        let settings = settings(&arguments);
        assert!(settings.proxies.is_some(), "all come through nginx: {arguments:?}");
        assert!(settings.tokens.writer.is_some());
    }
}

#[test]
fn the_servers_believe_the_proxy_that_compose_starts() {
    let compose = file("compose.yaml");
    let trusted = compose.split("--trust=").nth(1).and_then(|it| it.lines().next());
    let network = compose.split("subnet: ").nth(1).and_then(|it| it.split([',', ' ']).next());
    assert_eq!(trusted.expect("it trusts somebody"), network.expect("it has a network"));
}

/// nginx looks names up when it starts, and then never again.
#[test]
fn nginx_knows_the_servers_of_compose_by_addresses_that_nobody_else_is_given() {
    let (compose, backends) = (file("compose.yaml"), file("compose/backends.conf"));
    let addresses: Vec<&str> =
        compose.split("ipv4_address: ").skip(1).filter_map(|it| it.split(' ').next()).collect();
    let servers = backends.lines().filter_map(|line| line.trim().strip_prefix("server "));
    let servers: Vec<&str> = servers.filter_map(|it| it.split(":8765").next()).collect();
    assert_eq!(addresses.len(), 2);
    assert_eq!(servers, addresses);
    // Others get the upper half of the network.
    assert!(compose.contains("ip_range: 172.28.7.128/25"));
    for address in addresses {
        let last = address.strip_prefix("172.28.7.").and_then(|it| it.parse::<u8>().ok());
        assert!(last.is_some_and(|it| it < 128), "{address}");
    }
}

#[test]
fn nginx_waits_for_longer_than_the_server_does_between_its_pings() {
    let pulse = settings(&unit()).pulse;
    for name in ["proxy_read_timeout", "proxy_send_timeout"] {
        let timeout = Duration::from_secs(number(&file("nginx.conf"), name));
        assert!(timeout > 2 * pulse, "{name}: {timeout:?}, and a ping every {pulse:?}");
    }
}

#[test]
fn the_limits_of_systemd_and_compose_leave_room_for_all_connections_and_for_the_goodbye() {
    let settings = settings(&unit());
    let files = (settings.connections + settings.at_the_door) as u64;
    let stop = settings.goodbye.as_secs() + 4;
    let (unit, compose) = (file("live-server.service"), file("compose.yaml"));
    assert!(number(&unit, "LimitNOFILE=") > files);
    assert!(number(&unit, "TimeoutStopSec=") > stop);
    let server = compose.split("live-a:").nth(1).and_then(|it| it.split("live-b:").next());
    let server = server.expect("it starts two servers");
    assert!(number(server, "nofile:") > files);
    assert!(number(server, "stop_grace_period:") > stop);
    // It lets the goodbyes through. If it depended on the servers, compose would end it before them.
    let (_, nginx) = compose.split_once("  nginx:\n").expect("it starts nginx");
    let nginx = nginx.split("\nnetworks:").next().expect("it ends");
    assert!(number(nginx, "stop_grace_period:") > stop);
    assert!(nginx.contains("stop_signal: SIGQUIT") && !nginx.contains("depends_on:"));
}

/// As a service, its standard output is a socket, which nginx cannot open, and another file names it.
#[cfg(unix)]
#[test]
fn what_the_manual_does_to_nginx_s_configuration_makes_it_fit_for_a_service() {
    let manual = file("README.md");
    let command = manual.lines().find_map(|line| line.strip_prefix("$ sed "));
    let (command, _) = command.and_then(|it| it.split_once(" | ")).expect("it is in the manual");
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", &format!("sed {command}")]).current_dir(project().join(FOLDER));
    let output = shell.output().expect("a shell");
    let made = String::from_utf8(output.stdout).expect("text");
    let settings = made.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    let settings: Vec<&str> = settings.collect();
    assert!(settings.contains(&"access_log /var/log/nginx/live.log no_query;"), "{made}");
    assert!(!settings.iter().any(|it| it.starts_with("pid ") || it.contains("/dev/")), "{made}");
}

#[test]
fn a_password_for_the_broker_comes_from_a_file() {
    let nats = |arguments: &[&str]| {
        let arguments = [&["live_server"], arguments].concat();
        Options::parse(arguments).expect("arguments that the server knows").nats()
    };
    let seen = nats(&["--nats", "nats://somebody:secret@127.0.0.1"]).expect_err("all could see it");
    assert!(seen.to_string().contains("--nats-file") && !seen.to_string().contains("secret"));
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("nats.url");
    fs::write(&file, "nats://somebody:secret@127.0.0.1\n").expect("a file");
    let (url, stream) = nats(&["--nats-file", file.to_str().expect("a path")])
        .expect("a file that can be read")
        .expect("a broker");
    assert_eq!((&*url, &*stream), ("nats://somebody:secret@127.0.0.1", "live"));
}
