//! L3: bounded memory for messages, and views on it.
