//! A platform made up for tests: one app endpoint and one device endpoint, `dev/NAME/…` topics, and a bridge.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::base::lang::{Phrase, Text};
use crate::base::time::Time;
use crate::dialect::cloud::{Admission, Client, CloudMessage, CloudOutput, CloudView, Connect, Denial, Operate};
use crate::dialect::{Cloud, EndpointSpec, Spec};
use crate::model::{RequestKey, RequestState, Role};
use crate::sim::{CloudSim, Platform};

/// The made-up platform in data.
pub(crate) static TOY: Spec = Spec {
    name: "toy",
    aliases: &["plaything"],
    title: Text::same("Toy"),
    roles: &[],
    endpoints: &[
        EndpointSpec { name: "toy-app", role: Role::App, scheme: "mqtt", port: 0 },
        EndpointSpec { name: "toy-device", role: Role::Device, scheme: "mqtt", port: 0 },
    ],
    roster: &[],
    topics: &[],
    codes: &[],
    operator: &[],
};

/// The password of everybody.
pub(crate) const PASSWORD: &[u8] = b"open sesame";

/// Lets everybody in who knows [`PASSWORD`]. A user name `code:N` is refused with CONNACK N. Devices publish
/// `dev/NAME/post`, which apps get as `dev/NAME/note`; apps publish `dev/NAME/set`, which the device gets as
/// `dev/NAME/command`; the device answers on `dev/NAME/answer`. `dev/NAME/forbidden` closes the connection.
#[derive(Default)]
pub(crate) struct Toy {
    waiting: BTreeMap<String, (RequestKey, Time)>,
}

/// A simulated cloud with the made-up platform only.
pub(crate) fn toy_cloud() -> CloudSim {
    CloudSim::with_platforms(vec![Platform::new(&TOY, None, Box::new(Toy::default()))])
}

fn denial(reason: &str, close: bool) -> Denial {
    Denial { reason: Phrase::verbatim(reason), code: "T1".into(), close }
}

impl Cloud for Toy {
    fn admit(&mut self, connect: &Connect<'_>, _: Time) -> Admission {
        if let Some(code) = connect.username.strip_prefix("code:").and_then(|code| code.parse().ok()) {
            return Admission::Refuse { connack: code, code: "T0".into(), reason: Phrase::verbatim("as asked") };
        }
        if connect.password != PASSWORD {
            return Admission::Refuse { connack: 4, code: "T4".into(), reason: Phrase::verbatim("wrong password") };
        }
        let device = connect.endpoint == "toy-device";
        Admission::Accept {
            role: if device { Role::Device } else { Role::App },
            identity: connect.username.to_owned(),
            exclusive: device,
            auto_subscribe: Vec::new(),
        }
    }

    fn may_subscribe(&self, client: &Client, filter: &str) -> Result<(), Denial> {
        if client.filters.len() >= 3 {
            return Err(denial("too many", false));
        }
        let mine = match client.role {
            Role::Device => filter.starts_with(&format!("dev/{}/", client.identity)) && !filter.ends_with("/note"),
            _ => filter.starts_with("dev/") || filter.starts_with("$sys/"),
        };
        if mine { Ok(()) } else { Err(denial("not yours", false)) }
    }

    fn may_publish(&self, client: &Client, topic: &str) -> Result<(), Denial> {
        if topic.ends_with("/forbidden") {
            return Err(denial("forbidden", true));
        }
        if client.role == Role::Device && !topic.starts_with(&format!("dev/{}/", client.identity)) {
            return Err(denial("not yours", false));
        }
        Ok(())
    }

    fn online(&mut self, client: &Client, view: &mut CloudView<'_>) {
        self.presence(client, "online", view);
    }

    fn offline(&mut self, client: &Client, view: &mut CloudView<'_>) {
        self.presence(client, "offline", view);
    }

    fn receive(&mut self, client: &Client, message: &CloudMessage, view: &mut CloudView<'_>) {
        let mut copy = message.clone();
        let Some((stem, last)) = message.topic.rsplit_once('/') else { return };
        match last {
            "post" => copy.topic = format!("{stem}/note"),
            "set" => copy.topic = format!("{stem}/command"),
            "answer" => {
                if let Some((key, _)) = self.waiting.remove(&client.identity) {
                    let state = RequestState::Replied { code: Some("0".into()), message: None };
                    view.out.push(CloudOutput::Operated(key, state));
                }
                copy.topic = format!("{stem}/answered");
            }
            _ => {}
        }
        view.out.push(CloudOutput::Publish(copy));
    }

    fn operate(&mut self, operate: &Operate, view: &mut CloudView<'_>) -> Result<(), Phrase> {
        if operate.operation != "set" {
            return Err(Phrase::verbatim("only set"));
        }
        let payload = Value::Object(operate.arguments.clone()).to_string().into_bytes();
        let topic = format!("dev/{}/command", operate.device);
        view.out.push(CloudOutput::Publish(CloudMessage { topic, payload, qos: 1 }));
        view.out.push(CloudOutput::Operated(operate.key, RequestState::Sent));
        self.waiting.insert(operate.device.clone(), (operate.key, view.now + Duration::from_millis(500)));
        Ok(())
    }

    fn next_timeout(&self) -> Option<Time> {
        self.waiting.values().map(|(_, due)| *due).min()
    }

    fn handle_timeout(&mut self, view: &mut CloudView<'_>) {
        let due: Vec<String> =
            self.waiting.iter().filter(|(_, (_, due))| *due <= view.now).map(|(name, _)| name.clone()).collect();
        for name in due {
            if let Some((key, _)) = self.waiting.remove(&name) {
                view.out.push(CloudOutput::Operated(key, RequestState::silence()));
            }
        }
    }

    fn device_state(&self, device: &str) -> Option<Value> {
        device.starts_with("p1/").then(|| json!({ "name": device }))
    }
}

impl Toy {
    fn presence(&self, client: &Client, state: &str, view: &mut CloudView<'_>) {
        if client.role == Role::Device {
            let topic = format!("$sys/{}/lifecycle", client.identity);
            view.out.push(CloudOutput::Publish(CloudMessage { topic, payload: state.into(), qos: 1 }));
        }
    }
}
