//! L4: sockets of the client.
