//! L4: the application without a terminal.
pub mod stream;
