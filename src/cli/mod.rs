//! L6: headless commands.
