//! One file for every tab.

pub mod connections;
pub mod overlay;
pub mod stream;
