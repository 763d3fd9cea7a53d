//! What the stream is looked at with: the store, the connections, the time and the language.

use crate::app::{App, Connections};
use crate::base::lang::Lang;
use crate::base::time::Time;
use crate::dialect::{Context, Dialect};
use crate::model::{ConnectionId, MessageRef};
use crate::store::Store;

/// What a screen needs to know of the connection that a message belongs to.
#[derive(Clone, Copy)]
pub struct Peer<'a> {
    /// The name shown in the list.
    pub name: &'a str,
    /// The profile as `-p` takes it.
    pub profile: &'a str,
    /// One character that stands for the connection where there is no room for its name.
    pub glyph: &'a str,
    /// Its place in the order of colours.
    pub colour: usize,
    /// The platform.
    pub dialect: &'static dyn Dialect,
    /// What the platform needs to read its messages.
    pub context: Context<'a>,
}

/// Finds the connections by id, also those that were closed.
pub trait Peers {
    /// The connection, if it ever was open in this run, to be read in a language.
    fn peer(&self, id: ConnectionId, lang: Lang) -> Option<Peer<'_>>;
}

/// Everything outside the stream's own state that it is worked out from.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// The messages.
    pub store: &'a Store,
    /// The connections.
    pub peers: &'a dyn Peers,
    /// The time that rates refer to.
    pub now: Time,
    /// The reader's language.
    pub lang: Lang,
}

impl<'a> Scene<'a> {
    /// The connection of a message.
    pub fn peer_of(&self, message: &MessageRef<'_>) -> Option<Peer<'a>> {
        self.peers.peer(message.connection, self.lang)
    }

    /// The meaning of a message's code in the reader's language, if the platform explains it.
    pub fn meaning(&self, message: &MessageRef<'_>) -> Option<&'static str> {
        let code = message.code()?;
        let spec = self.peer_of(message)?.dialect.explain_code(&code)?;
        Some(spec.meaning.get(self.lang))
    }
}

impl Peers for Connections {
    fn peer(&self, id: ConnectionId, lang: Lang) -> Option<Peer<'_>> {
        self.get(id).map(|connection| Peer {
            name: &connection.name,
            profile: &connection.name,
            glyph: connection.glyph(),
            colour: connection.colour(),
            dialect: connection.dialect,
            context: connection.context(lang),
        })
    }
}

impl App {
    /// What the stream is looked at with.
    pub fn scene(&self) -> Scene<'_> {
        Scene { store: &self.store, peers: &self.connections, now: self.now, lang: self.lang }
    }
}
