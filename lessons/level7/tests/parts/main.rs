//! The parts of the server, each by itself: which origins, whose addresses, how many, which tokens.

mod commands;
mod limits;
mod renewal;

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use level6::Log;
use level7::{
    Full, ID_WINDOW, Keep, MAX_IDS, Memory, Origins, Places, Proxies, Rate, Request, Role, Token,
    Tokens,
};
use tokio::time::{Instant, advance, sleep};
use tokio_tungstenite::tungstenite::{
    handshake::server,
    http::{HeaderMap, HeaderName},
};

fn address(text: &str) -> SocketAddr {
    text.parse().expect("an address")
}

fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

fn request(headers: &[(&'static str, &str)]) -> server::Request {
    let mut request = server::Request::new(());
    *request.headers_mut() = headers_of(headers);
    request
}

fn headers_of(headers: &[(&'static str, &str)]) -> HeaderMap {
    let parsed = headers.iter().map(|(name, value)| {
        (HeaderName::from_static(name), value.parse().expect("a header's value"))
    });
    let mut map = HeaderMap::new();
    for (name, value) in parsed {
        map.append(name, value);
    }
    map
}

#[test]
fn only_pages_of_these_origins_may_connect_and_programs() {
    let own = Origins::own(address("127.0.0.1:8765"), false);
    let let_in = |origins: &Origins, origin| origins.let_in(&request(&[("origin", origin)]));
    assert!(own.let_in(&request(&[])), "a program has none");
    for good in ["http://localhost:8765", "http://127.0.0.1:8765", "http://[::1]:8765"] {
        assert!(let_in(&own, good), "{good}");
    }
    for bad in [
        "",
        "null",
        "http://localhost",
        "http://localhost:8766",
        "https://localhost:8765",
        "http://localhost:8765/",
        "http://localhost:8765.evil.example",
        "http://evil.example:8765",
        "localhost:8765",
    ] {
        assert!(!let_in(&own, bad), "{bad}");
    }
    let two = request(&[("origin", "http://localhost:8765"), ("origin", "https://evil.example")]);
    assert!(!own.let_in(&two));
    // What `Host` says, the page's owner can choose.
    let rebound = request(&[("host", "evil.example:8765"), ("origin", "http://evil.example:8765")]);
    assert!(!own.let_in(&rebound));

    let wish = ["https://Example.org:443/", "http://other.example:8080"].map(String::from);
    let wished = Origins::these(wish).expect("two origins");
    assert_eq!(wished.list(), "https://example.org, http://other.example:8080");
    assert!(let_in(&wished, "https://example.org"));
    assert!(!let_in(&wished, "http://localhost:8765"), "only these, and no more its own");
    for bad in
        ["*", "null", "example.org", "ftp://example.org", "https://", "https://a/b", "https://*.a"]
    {
        assert!(Origins::these([bad.to_string()]).is_err(), "{bad}");
    }
}

#[test]
fn a_tls_server_of_a_public_address_has_a_page_of_its_own() {
    assert_eq!(
        Origins::own(address("192.0.2.7:443"), true).list(),
        "https://localhost, https://127.0.0.1, https://[::1], https://192.0.2.7"
    );
}

#[test]
fn of_what_a_proxy_passes_on_only_its_own_word_counts() {
    let said = |lines: &[&str]| {
        let headers: Vec<_> = lines.iter().map(|line| ("x-forwarded-for", *line)).collect();
        Proxies::client(&headers_of(&headers))
    };
    assert_eq!(said(&[]), None);
    assert_eq!(said(&["192.0.2.1"]), Some(ip("192.0.2.1")));
    assert_eq!(said(&["6.6.6.6, 192.0.2.1"]), Some(ip("192.0.2.1")));
    assert_eq!(said(&["192.0.2.1", "6.6.6.6,2001:db8::1"]), Some(ip("2001:db8::1")));
    assert_eq!(said(&["192.0.2.1:4711"]), Some(ip("192.0.2.1")));
    assert_eq!(said(&["192.0.2.1, unknown"]), None);

    let near = Proxies::at([]).expect("none");
    assert!(near.include(ip("127.0.0.1")) && near.include(ip("::1")));
    assert!(near.include(ip("::ffff:127.0.0.1")) && !near.include(ip("10.0.0.1")));
    let far =
        Proxies::at(["10.0.0.7", "172.16.0.0/12", "2001:db8::/32", "0.0.0.0/32"].map(String::from));
    let far = far.expect("four networks");
    for (peer, due) in [
        ("10.0.0.7", true),
        ("10.0.0.8", false),
        ("172.31.255.255", true),
        ("172.32.0.0", false),
        ("::ffff:172.16.0.1", true),
        ("2001:db8:1::1", true),
        ("2001:db9::1", false),
    ] {
        assert_eq!(far.include(ip(peer)), due, "{peer}");
    }
    let half = Proxies::at(["128.0.0.0/1".to_string()]).expect("a network");
    assert!(half.include(ip("192.0.2.1")) && !half.include(ip("2001:db8::1")));
    // The last two are everybody.
    for bad in
        ["", "10.0.0", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x", "a.example", "0.0.0.0/0", "::/0"]
    {
        assert!(Proxies::at([bad.to_string()]).is_err(), "{bad}");
    }
}

#[test]
fn places_are_counted_in_all_and_for_each_address_and_given_back() {
    let places = Places::new(5, 2);
    let take = |address| places.take(ip(address));
    let (_a, b) = (take("192.0.2.1").expect("a place"), take("192.0.2.1").expect("a place"));
    assert_eq!(take("192.0.2.1").err(), Some(Full::ForThisAddress));
    assert_eq!(take("::ffff:192.0.2.1").err(), Some(Full::ForThisAddress), "written otherwise");
    // A customer has all addresses of a network.
    let _c = take("2001:db8::1").expect("a place");
    let _d = take("2001:db8::2").expect("a place");
    assert_eq!(take("2001:db8::ffff:1").err(), Some(Full::ForThisAddress));
    let _e = take("2001:db8:0:1::1").expect("another network");
    assert_eq!((take("198.51.100.1").err(), places.taken()), (Some(Full::InAll), 5));
    drop(b);
    assert_eq!(places.taken(), 4);
    assert!(take("192.0.2.1").is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_rate_allows_a_burst_and_then_so_many_a_second() {
    let mut rate = Rate::new(10);
    let take =
        |rate: &mut Rate| std::iter::from_fn(|| rate.allows_one_more().then_some(())).count();
    assert_eq!(take(&mut rate), 10);
    advance(Duration::from_millis(99)).await;
    assert_eq!(take(&mut rate), 0);
    advance(Duration::from_millis(251)).await;
    assert_eq!(take(&mut rate), 3);
    // Whoever was silent for a day has saved up no more than one second.
    advance(Duration::from_secs(86_400)).await;
    assert_eq!(take(&mut rate), 10);
}

#[tokio::test(start_paused = true)]
async fn an_id_is_remembered_for_two_minutes_and_with_a_bound() {
    let log = Log::new("a");
    let memory = Memory::new(log.clone());
    let keep = async |id: &str| memory.append(id, "x").await.expect("it is kept");
    let start = Instant::now();
    assert_eq!((keep("a").await, keep("b").await, keep("a").await), (1, 2, 1));
    sleep(ID_WINDOW - Duration::from_millis(1)).await;
    assert_eq!((keep("a").await, start.elapsed() < ID_WINDOW), (1, true));
    sleep(Duration::from_millis(1)).await;
    assert_eq!(keep("a").await, 3);

    // As many as may be: the oldest is forgotten, and no other.
    let memory = Memory::new(Log::with_capacity("b", 1, 1));
    let keep = async |id: String| memory.append(&id, "").await.expect("it is kept");
    for number in 1..=MAX_IDS as u64 {
        assert_eq!(keep(number.to_string()).await, number);
    }
    assert_eq!(keep("2".into()).await, 2);
    let last = keep("another".into()).await;
    assert_eq!((keep("1".into()).await, keep("another".into()).await), (last + 1, last));
}

#[tokio::test]
async fn a_log_that_has_ended_keeps_nothing() {
    let log = Log::new("a");
    log.end(None);
    assert!(Memory::new(log).append("a", "x").await.is_err());
}

fn token(text: &str) -> Token {
    Token::checked(text).expect("a token")
}

#[test]
fn who_may_what() {
    let (reader, writer) = (token("the-token-of-readers"), token("the-token-of-writers"));
    let shown = |text: &str| Token::from_header(format!("Bearer {text}").as_bytes()).expect("one");
    let both = Tokens { reader: Some(reader.clone()), writer: Some(writer.clone()) };
    assert_eq!(both.of_a_stranger(), None);
    assert_eq!(both.role(&shown("the-token-of-readers")), Some(Role::Reader));
    assert_eq!(both.role(&shown("the-token-of-writers")), Some(Role::Writer));
    for wrong in ["", "the-token-of-reader", "the-token-of-readers1", "The-token-of-readers"] {
        assert_eq!(both.role(&shown(wrong)), None, "{wrong}");
    }
    let public = Tokens { reader: None, writer: Some(writer) };
    assert_eq!(public.of_a_stranger(), Some(Role::Reader));
    let closed = Tokens { reader: Some(reader), writer: None };
    assert_eq!(closed.of_a_stranger(), None);
    assert_eq!(Tokens::default().of_a_stranger(), Some(Role::Writer));
    // Without any tokens, a token is wrong all the same.
    assert_eq!(Tokens::default().role(&shown("")), None);
}

#[test]
fn a_token_is_read_from_a_header_and_shown_by_nothing() {
    for bad in ["", "Bearer", "Basic dXNlcjp4", "the-token-of-readers"] {
        assert!(Token::from_header(bad.as_bytes()).is_none(), "{bad}");
    }
    assert!(Token::from_header(b"Bearer \xff").is_none());
    let secret = token("the-token-of-readers");
    let header = secret.header().expect("a header");
    assert_eq!(header, "Bearer the-token-of-readers");
    let login = Request::Login { token: secret.clone() };
    let tokens = Tokens { reader: Some(secret.clone()), writer: None };
    for shown in
        [format!("{secret:?}"), format!("{header:?}"), format!("{login:?}"), format!("{tokens:?}")]
    {
        assert!(!shown.contains("the-token"), "{shown}");
    }
}

#[test]
fn a_word_that_can_be_guessed_or_is_no_word_is_no_token() {
    assert_eq!(format!("{:?}", Token::checked("  the-token-of-readers\n").is_ok()), "true");
    for bad in ["", "secret", "fifteen-letters", "the token of readers", "das-Töken-der-Leser"] {
        let error = format!("{:#}", Token::checked(bad).expect_err("no token"));
        assert!(bad.is_empty() || !error.contains(bad), "{error}");
    }
}
