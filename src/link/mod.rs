//! L4: the client's sockets. A link owns one session and carries out what it wants.

mod connect;
mod stream;
mod texts;
mod tls;
mod trace;

pub use trace::Trace;
