//! iotdbg: a terminal debugger for the real-time channels of IoT clouds.
pub mod app;
pub mod base;
pub mod cli;
pub mod dialect;
pub mod link;
pub mod model;
pub mod profile;
#[cfg(feature = "cloud")]
pub mod serve;
pub mod session;
pub mod sim;
pub mod store;
pub mod tui;
