//! L3: connection profiles.
