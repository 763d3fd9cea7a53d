//! Which names are covered on a screen that others see.

use crate::app::App;

/// The fields of an identity that name a device, on any platform.
const NAMING: [&str; 3] = ["device_name", "did", "mac"];

impl App {
    /// The names of devices that may stand on the screen: those that messages named, and those of the connections.
    pub fn device_names(&self) -> Vec<&str> {
        let heard = self.store.devices().iter().map(|(_, device)| device.name());
        let known = self.connections.all().iter().flat_map(|connection| {
            let settings = &connection.settings;
            let fields = std::iter::once(&settings.identity).chain(&settings.devices);
            fields.flat_map(|fields| NAMING.iter().filter_map(|name| fields.get(name)))
        });
        heard.chain(known).collect()
    }
}
