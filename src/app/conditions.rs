//! When an action makes sense, and the reason that is shown when it does not.

use crate::app::App;
use crate::base::lang::Text;

/// Always.
pub fn always(_: &App) -> Result<(), Text> {
    Ok(())
}

/// The tab has more than one area.
pub fn several_areas(app: &App) -> Result<(), Text> {
    if app.areas().len() > 1 { Ok(()) } else { Err(ONE_AREA) }
}

/// A connection was opened in this run.
pub fn connection_open(app: &App) -> Result<(), Text> {
    if app.connections.all().is_empty() { Err(NO_CONNECTION) } else { Ok(()) }
}

/// A message is shown that can be dismissed.
pub fn message_shown(app: &App) -> Result<(), Text> {
    if app.toast().is_some() { Ok(()) } else { Err(NO_MESSAGE) }
}

const ONE_AREA: Text = Text::new("there is only one area here", "这里只有一个区域");
const NO_CONNECTION: Text = Text::new("no connection is open", "没有打开的连接");
const NO_MESSAGE: Text = Text::new("no message is shown", "当前没有提示");
