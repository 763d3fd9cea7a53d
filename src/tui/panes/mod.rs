//! One file for every tab.

pub mod compose;
pub mod connections;
pub mod device;
pub mod events;
pub mod frames;
pub mod inspect;
pub mod overlay;
pub mod profiles;
pub mod sign;
mod split;
pub mod stream;
