//! L5: the terminal.
