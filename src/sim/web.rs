//! The simulated cloud over HTTP: calls and their answers, upgrades to a WebSocket, frames and pings.
//!
//! A call has a number until it is answered or abandoned; it may wait for a device meanwhile. A WebSocket that was
//! granted is a client like any other: it can be kicked, disabled and replaced by a second login.

use std::time::Duration;

use crate::base::lang::Phrase;
use crate::base::time::Time;
use crate::dialect::cloud::{Client, ClientId, CloudMessage};
use crate::dialect::{CallId, HttpAnswer, HttpRequest, Upgrade};
use crate::sim::{Body, CloudSim, Happening, Output, Who, texts};

/// A WebSocket that may be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// Its number. [`CloudSim::online`] or [`CloudSim::disconnect`] follows.
    pub id: ClientId,
    /// Whether pings of the client are answered with a pong.
    pub pong: bool,
}

/// A call that has no answer yet.
pub(super) struct Call {
    platform: usize,
    who: Who,
    method: String,
    path: String,
    since: Time,
}

/// Why a call has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Abandoned {
    /// Its client has gone.
    Left,
    /// The platform was silent for so long.
    Silence(Duration),
    /// The simulated cloud stops.
    Stopped,
}

impl CloudSim {
    /// A client wants to open a WebSocket. `Err` holds the answer that it gets instead.
    pub fn upgrade(&mut self, request: &HttpRequest<'_>, peer: &str, now: Time) -> Result<Granted, HttpAnswer> {
        let Some((index, endpoint)) = self.endpoint(request.endpoint) else { return Err(status(404)) };
        let who = anonymous(endpoint.name, peer);
        let path = request.path.to_owned();
        let Some(platform) = self.platforms.get_mut(index) else { return Err(status(404)) };
        let mut verdict = platform.cloud.upgrade(request, now);
        if let Upgrade::Accept { identity, .. } = &verdict {
            let identity = identity.clone();
            verdict = self.expired_upgrade(index, &identity, request, now).unwrap_or(verdict);
        }
        let Some(platform) = self.platforms.get(index) else { return Err(status(404)) };
        match verdict {
            Upgrade::Accept { role, identity, exclusive, pong } if !platform.disabled.contains(&identity) => {
                let id = ClientId(self.next_client);
                let client = Client { id, role, identity, exclusive, filters: Vec::new() };
                Ok(Granted { id: self.attach(index, client, who, Happening::Upgraded { path }, now), pong })
            }
            Upgrade::Accept { role, identity, .. } => {
                let who = Who { role: Some(role), identity, ..who };
                let (code, reason) = (String::new(), texts::DISABLED.into());
                let what = Happening::UpgradeRefused { path, status: 403, code, reason };
                self.tell_platform(now, index, Some(who), what);
                Err(status(403))
            }
            Upgrade::Refuse { answer, code, reason } => {
                let what = Happening::UpgradeRefused { path, status: answer.status, code, reason };
                self.tell_platform(now, index, Some(who), what);
                Err(answer)
            }
        }
    }

    /// A client calls. [`Output::Answer`] follows under the number, unless the call is abandoned before.
    pub fn http(&mut self, request: &HttpRequest<'_>, peer: &str, now: Time) -> CallId {
        let id = CallId(self.next_call);
        self.next_call += 1;
        match self.endpoint(request.endpoint) {
            Some((index, endpoint)) => {
                let who = anonymous(endpoint.name, peer);
                let (method, path) = (request.method.to_owned(), request.path.to_owned());
                self.calls.insert(id, Call { platform: index, who, method, path, since: now });
                self.with_cloud(index, now, |cloud, view| cloud.http(id, request, view));
            }
            None => self.outputs.push_back(Output::Answer(id, status(404))),
        }
        id
    }

    /// A call will not be answered any more.
    pub fn abandon(&mut self, id: CallId, why: Abandoned, now: Time) {
        let Some(Call { platform, who, method, path, .. }) = self.calls.remove(&id) else { return };
        let reason: Phrase = match why {
            Abandoned::Left => texts::LEFT_CALL.into(),
            Abandoned::Stopped => texts::STOPPED_CALL.into(),
            Abandoned::Silence(time) => texts::SILENT_CALL.with(&[&time.as_secs()]),
        };
        self.tell_platform(now, platform, Some(who), Happening::CallAbandoned { method, path, reason });
    }

    /// The platform answers a call. One that was abandoned, or answered already, has nobody to hear it.
    pub(super) fn answered(&mut self, index: usize, id: CallId, answer: HttpAnswer, now: Time) {
        if self.calls.get(&id).is_none_or(|call| call.platform != index) {
            return;
        }
        let Some(Call { who, method, path, since, .. }) = self.calls.remove(&id) else { return };
        let what = Happening::Called { method, path, status: answer.status, took: now.since(since) };
        self.tell_platform(now, index, Some(who), what);
        self.outputs.push_back(Output::Answer(id, answer));
    }

    /// A frame came over a WebSocket.
    pub fn frame(&mut self, id: &ClientId, payload: Vec<u8>, now: Time) {
        let Some((index, who)) = self.place(id) else { return };
        let what = Happening::Published { topic: String::new(), qos: 0, payload: Body::new(&payload) };
        self.tell_platform(now, index, Some(who), what);
        let message = CloudMessage { topic: String::new(), payload, qos: 0 };
        self.take_in(id, &message, now);
    }

    /// A client pinged.
    pub fn pinged(&mut self, id: &ClientId, now: Time) {
        if let Some(index) = self.attached.get(&id.0).map(|attached| attached.platform) {
            self.with_client(index, id, now, |cloud, client, view| cloud.pinged(client, view));
        }
    }

    /// A client answered a ping.
    pub fn ponged(&mut self, id: &ClientId, now: Time) {
        if let Some(index) = self.attached.get(&id.0).map(|attached| attached.platform) {
            self.with_client(index, id, now, |cloud, client, view| cloud.ponged(client, view));
        }
    }
}

fn status(status: u16) -> HttpAnswer {
    HttpAnswer { status, ..HttpAnswer::default() }
}

/// Somebody of whom only the address is known.
fn anonymous(endpoint: &'static str, peer: &str) -> Who {
    Who { endpoint, role: None, identity: String::new(), client_id: String::new(), peer: peer.to_owned() }
}
