//! L4: sockets of the simulated cloud.
