//! L3: one side of one conversation, without I/O and without a clock.
//!
//! A [`Session`] is a plain value. Commands of a person, events of a socket and times go in; [`Action`]s for the socket
//! and [`Notice`]s for people come out. It owns the request table, the outbox, the back-off and the simulated thing.

pub mod port;
pub mod thing;

pub use port::{Action, Command, LinkEvent, Outgoing, Reconnect, SessionConfig, Ticket};
