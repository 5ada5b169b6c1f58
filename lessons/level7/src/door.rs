//! Who is let in: every question that is asked before a WebSocket is opened.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use tokio_tungstenite::tungstenite::{handshake::server::Request, http::StatusCode};
use websocket_streaming::{ByteStream, Fair, Handler, Handshake, WebSocket, config};

use crate::{
    Allowance, Bounded, Full, Keep, Live, Metrics, Place, Proxies, Role, Session, Token,
    guesses::Useless,
    refusal::{A_PAGE, LATER, No, Refused},
};

/// A client that is let in.
pub(crate) struct Admitted<K> {
    pub socket: WebSocket,
    pub session: Session<K>,
    pub place: Place,
}

impl<K: Keep> Live<K> {
    // ANCHOR: let_in
    /// Reads the request, and answers it: with a page, a refusal, or a WebSocket.
    pub(crate) async fn let_in(
        self: &Arc<Self>,
        stream: Box<dyn ByteStream>,
        peer: SocketAddr,
    ) -> Result<Admitted<K>, Refused> {
        let allowance = Allowance::default();
        let stream = Bounded(Fair(stream), allowance.clone());
        let handshake = Handshake::read(stream).await.map_err(|reason| {
            Metrics::count(&self.metrics.no_handshake);
            ("no request", format!("{peer}: {reason}"))
        })?;
        let request = handshake.request();
        let address = self.address(peer.ip(), &handshake);
        // Whom the log is to name: else whoever may not say an address could blame another's.
        let whose = *address.as_ref().unwrap_or(&peer.ip());
        let answer = match address {
            Ok(address) if !handshake.is_for_a_websocket() => {
                // Before any limit: a full server must be able to say that it is well.
                let own = !Proxies::have_passed(request.headers()) && self.is_nearby(peer.ip());
                self.show(handshake, own).await;
                return Err((A_PAGE, address.to_string()));
            }
            Ok(address) => self.place_and_role(address, request),
            Err(no) => Err(no),
        };
        let (place, role) = match answer {
            Ok(answer) => answer,
            Err(No { kind, counter, status, header, text }) => {
                counter.inspect(|counter| Metrics::count(counter));
                handshake.refuse(status, header.as_slice(), text).await;
                return Err((kind, format!("{whose}: {status}")));
            }
        };
        let session = Session { live: self.clone(), address: place.address(), role, allowance };
        let size = Some(session.max_message_size());
        // Most are readers, who send next to nothing: 1 KiB each, not 4, is 30 MB less for 10,000.
        let config = config().read_buffer_size(1024).max_message_size(size).max_frame_size(size);
        let socket = handshake.accept(config).await;
        let socket = socket.map_err(|error| ("no handshake", format!("{peer}: {error}")))?;
        Ok(Admitted { socket, session, place })
    }

    /// From where? A proxy's word counts, and only a proxy's.
    fn address(&self, peer: IpAddr, handshake: &Handshake) -> Result<IpAddr, No<'_>> {
        match &self.settings.proxies {
            None => Ok(peer),
            Some(proxies) if proxies.include(peer) => {
                let client = Proxies::client(handshake.request().headers());
                if client.is_none() && handshake.is_for_a_websocket() {
                    self.journal.warn("a proxy that does not say who its clients are", || {
                        format!("{peer} sends no X-Forwarded-For; all of them count as one address")
                    });
                }
                Ok(client.unwrap_or(peer))
            }
            Some(_) => Err(No {
                kind: "refused, not through the proxy",
                counter: None,
                status: StatusCode::FORBIDDEN,
                header: None,
                text: "This server is reached through its proxy.\n",
            }),
        }
    }

    fn place_and_role(
        &self,
        address: IpAddr,
        request: &Request,
    ) -> Result<(Place, Option<Role>), No<'_>> {
        let metrics = &self.metrics;
        let no = |kind, counter, status, header, text| No { kind, counter, status, header, text };

        // How many? Not waited for: who is told to come back knows more than who hangs.
        if self.leaving.is_cancelled() {
            let (status, text) = (StatusCode::SERVICE_UNAVAILABLE, "This server is going away.\n");
            return Err(no("refused, going away", None, status, LATER, text));
        }
        let place = self.places.take(address).map_err(|full| match full {
            Full::InAll => {
                let (status, counter) = (StatusCode::SERVICE_UNAVAILABLE, &metrics.refused_full);
                no("refused, full", Some(counter), status, LATER, "All places are taken.\n")
            }
            Full::ForThisAddress => {
                let (status, counter) = (StatusCode::TOO_MANY_REQUESTS, &metrics.refused_address);
                let text = "Your address has too many connections.\n";
                no("refused, too many from one address", Some(counter), status, LATER, text)
            }
        })?;

        // Whose page?
        if !self.settings.origins.let_in(request) {
            let (status, counter) = (StatusCode::FORBIDDEN, &metrics.refused_origin);
            let text = "Pages of other sites may not connect to this server.\n";
            return Err(no("refused, a foreign page", Some(counter), status, None, text));
        }

        // Who? Programs say it here. Browsers cannot: theirs is the first message.
        let mut headers = request.headers().get_all("Authorization").iter().map(|it| it.as_bytes());
        let shown = match (headers.next(), headers.next()) {
            // What is not for us is a password for a proxy in front, as browsers send it.
            (header, None) if header.is_none_or(Token::is_not_in) => {
                return Ok((place, self.settings.tokens.of_a_stranger()));
            }
            (Some(header), None) => Token::from_header(header),
            // Which of two a proxy in front has looked at, nobody knows.
            _ => None,
        };
        let role = self.role(shown.as_ref(), address).map_err(|useless| match useless {
            Useless::Wrong => {
                let (status, ask) = (StatusCode::UNAUTHORIZED, ("WWW-Authenticate", "Bearer"));
                let text = "This token is not known here.\n";
                no("refused, a wrong token", None, status, Some(ask), text)
            }
            Useless::NotLookedAt => {
                let (status, wait) = (StatusCode::TOO_MANY_REQUESTS, ("Retry-After", "60"));
                let text = "Too many wrong tokens came from your address.\n";
                no("refused, too many wrong tokens", None, status, Some(wait), text)
            }
        })?;
        Ok((place, Some(role)))
    }
    // ANCHOR_END: let_in
}
