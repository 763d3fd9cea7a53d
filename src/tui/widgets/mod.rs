//! Parts that several panes draw: inputs, lists.

pub mod input;
