//! The Stream tab: topic tree, message list, filter.

pub mod filter_box;
pub mod list;
pub mod requests;
pub mod scene;
pub mod state;
pub mod tree;

#[cfg(test)]
pub(crate) mod testing;

pub use filter_box::FilterBox;
pub use list::List;
pub use requests::Requests;
pub use scene::{Peer, Peers, Scene};
pub use state::{KEYS, StreamState};
pub use tree::Tree;
