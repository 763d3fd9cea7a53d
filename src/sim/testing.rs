//! A platform made up for tests: an app, a device, an HTTP and a WebSocket endpoint, `dev/NAME/…` topics, and a bridge.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::base::lang::{Phrase, Text};
use crate::base::time::Time;
use crate::dialect::cloud::{
    Admission, Client, CloudMessage, CloudOutput, CloudView, Connect, Denial, Manners, Operate,
};
use crate::dialect::{CallId, Cloud, EndpointSpec, HttpAnswer, HttpRequest, Spec, Upgrade};
use crate::model::{RequestKey, RequestState, Role};
use crate::sim::{CloudSim, Platform};

/// The made-up platform in data.
pub(crate) static TOY: Spec = Spec {
    name: "toy",
    aliases: &["plaything"],
    title: Text::same("Toy"),
    example: "",
    roles: &[],
    endpoints: &[
        EndpointSpec { name: "toy-app", roles: &[Role::App], scheme: "mqtt", port: 0, path: "" },
        EndpointSpec { name: "toy-device", roles: &[Role::Device], scheme: "mqtt", port: 0, path: "" },
        EndpointSpec { name: "toy-http", roles: &[Role::App, Role::Device], scheme: "http", port: 0, path: "" },
        EndpointSpec { name: "toy-ws", roles: &[Role::App], scheme: "ws", port: 0, path: "/ws" },
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
/// `dev/NAME/command`; the device answers on `dev/NAME/answer`. `dev/NAME/forbidden` closes the connection. A device `old…`
/// has a keep-alive of 1 s and gets no SUBACK 0x80.
///
/// `POST /ask/NAME` sends its body to the device as `dev/NAME/command` and is answered with what the device answers;
/// `/never` is not answered; everything else at once with what was received. A WebSocket says who it is with the
/// parameter `user`, its password with the header or parameter `token`; `only` makes it exclusive, `pong` gives it pongs.
/// One that is called `socket…` sees every post, and what it sends comes back, but for `ping me`, `kick me` and `fill me`.
#[derive(Default)]
pub(crate) struct Toy {
    waiting: BTreeMap<String, (RequestKey, Time)>,
    asking: BTreeMap<String, CallId>,
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
            manners: if connect.username.starts_with("old") {
                Manners { keep_alive: Some(1), silent_suback: true }
            } else {
                Manners::default()
            },
        }
    }

    fn upgrade(&mut self, request: &HttpRequest<'_>, _: Time) -> Upgrade {
        let token = request.header("token").or_else(|| request.parameter("token"));
        if request.path != "/ws" || token.map(str::as_bytes) != Some(PASSWORD) {
            let answer = HttpAnswer::json(401, &json!({ "code": 1_000_007, "msg": "尚未登录" }));
            return Upgrade::Refuse { answer, code: "1000007".into(), reason: Phrase::verbatim("wrong token") };
        }
        Upgrade::Accept {
            role: Role::App,
            identity: request.parameter("user").unwrap_or_default().to_owned(),
            exclusive: request.parameter("only").is_some(),
            pong: request.parameter("pong").is_some(),
        }
    }

    fn http(&mut self, id: CallId, request: &HttpRequest<'_>, view: &mut CloudView<'_>) {
        if let Some(device) = request.path.strip_prefix("/ask/") {
            let topic = format!("dev/{device}/command");
            view.out.push(CloudOutput::Publish(CloudMessage { topic, payload: request.body.to_vec(), qos: 1 }));
            self.asking.insert(device.to_owned(), id);
        } else if request.path == "/unfit" {
            let headers = vec![("no good".to_owned(), "\n".to_owned())];
            view.out.push(CloudOutput::Answer(id, HttpAnswer { status: 200, headers, body: Vec::new() }));
        } else if request.path != "/never" {
            let body = json!({
                "endpoint": request.endpoint,
                "method": request.method,
                "path": request.path,
                "query": request.query,
                "note": request.header("x-note"),
                "body": String::from_utf8_lossy(request.body),
            });
            view.out.push(CloudOutput::Answer(id, HttpAnswer::json(200, &body)));
        }
    }

    fn pinged(&mut self, client: &Client, view: &mut CloudView<'_>) {
        self.heard("pinged", client, view);
    }

    fn ponged(&mut self, client: &Client, view: &mut CloudView<'_>) {
        self.heard("ponged", client, view);
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
        if message.topic.is_empty() {
            return self.frame(client, message, view);
        }
        let mut copy = message.clone();
        let Some((stem, last)) = message.topic.rsplit_once('/') else { return };
        match last {
            "post" => {
                copy.topic = format!("{stem}/note");
                for client in view.clients.values().filter(|client| client.identity.starts_with("socket")) {
                    let copy = CloudMessage { topic: String::new(), ..message.clone() };
                    view.out.push(CloudOutput::Deliver(client.id.clone(), copy));
                }
            }
            "set" => copy.topic = format!("{stem}/command"),
            "answer" => {
                if let Some(id) = self.asking.remove(&client.identity) {
                    let body = message.payload.clone();
                    view.out.push(CloudOutput::Answer(id, HttpAnswer { status: 202, headers: Vec::new(), body }));
                }
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
    fn frame(&self, client: &Client, message: &CloudMessage, view: &mut CloudView<'_>) {
        let mut say = |payload: Vec<u8>| {
            let message = CloudMessage { topic: String::new(), payload, qos: 0 };
            view.out.push(CloudOutput::Deliver(client.id.clone(), message));
        };
        match message.payload.as_slice() {
            b"ping me" => view.out.push(CloudOutput::Ping(client.id.clone(), b"1750000000".to_vec())),
            b"kick me" => {
                say(b"bye".to_vec());
                view.out.push(CloudOutput::Kick(client.id.clone(), Phrase::verbatim("as asked")));
            }
            b"fill me" => (0..40).for_each(|_| say(vec![b'x'; 4 << 20])),
            other => say(other.to_vec()),
        }
    }

    fn heard(&self, event: &'static str, client: &Client, view: &mut CloudView<'_>) {
        let (identity, what) = (client.identity.clone(), Phrase::verbatim("heard"));
        view.out.push(CloudOutput::Log { event, identity, code: String::new(), what });
    }

    fn presence(&self, client: &Client, state: &str, view: &mut CloudView<'_>) {
        if client.role == Role::Device {
            let topic = format!("$sys/{}/lifecycle", client.identity);
            view.out.push(CloudOutput::Publish(CloudMessage { topic, payload: state.into(), qos: 1 }));
        }
    }
}
