//! Debug builds only: ends the application badly when a test asks for it, to show that the terminal is given back.

use crossterm::event::{Event, KeyCode};

/// Names the bad end: `error`, `panic` on the loop's thread, or `panic elsewhere` on another one. It comes with F12.
const VARIABLE: &str = "IOTDBG_SABOTAGE";

/// Lets the wanted end happen where `event` is its key.
#[expect(clippy::panic, reason = "the bad end that a test asked for")]
pub fn on(event: &Event) -> anyhow::Result<()> {
    let Event::Key(key) = event else { return Ok(()) };
    if key.code != KeyCode::F(12) {
        return Ok(());
    }
    match std::env::var(VARIABLE).as_deref() {
        Ok("error") => anyhow::bail!("the error that was asked for"),
        Ok("panic") => panic!("the panic that was asked for"),
        Ok("panic elsewhere") => {
            // The thread is left to itself: its panic is all that is wanted of it.
            std::thread::spawn(|| panic!("the panic that was asked for"));
            Ok(())
        }
        _ => Ok(()),
    }
}
