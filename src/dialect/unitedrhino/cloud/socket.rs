//! The frames of an app inside its WebSocket, and the heartbeat (unitedrhino/core, `share/websocket/conn.go`).

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::roster::User;
use super::{Platform, log};
use crate::base::hex;
use crate::base::lang::Text;
use crate::base::random::Random;
use crate::base::time::Time;
use crate::dialect::cloud::{Client, ClientId, CloudMessage, CloudOutput, CloudView};
use crate::dialect::unitedrhino::{codes, subscribe};

/// How often the server pings.
const PING_EVERY: Duration = Duration::from_secs(10);
/// So many pings in a row without a sign of life end the connection.
const MOST_MISSED: u32 = 5;
/// The codes for which the server asks whether a subscription is allowed.
const CHECKED: [&str; 4] = ["devicePropertyReport", "devicePropertyReportV2", "deviceConn", "deviceOtaReport"];

const DEAD: Text = Text::new("no sign of life for {} pings", "连续 {} 次 ping 无响应");
const SUBSCRIBED: Text = Text::new("{} {}", "{} {}");
const SILENT: Text = Text::new("granted, and silent: {}", "订阅成功但收不到消息：{}");
const REFUSED: Text = Text::new("{}: {}", "{}：{}");

/// One WebSocket.
pub(super) struct Socket {
    /// Whose it is: the token of its user.
    user: String,
    /// The keys that it has subscribed.
    pub(super) subscribed: BTreeSet<String>,
    missed: u32,
    /// When it is pinged next.
    pub(super) ping_at: Time,
}

/// Code and words of an error.
type Error = (i64, &'static str);

impl Platform {
    /// The first frame: `connectID`, a counter of the server.
    pub(super) fn socket_opened(&mut self, client: &Client, view: &mut CloudView<'_>) {
        let user = self.known.users.iter().find(|user| user.name() == client.identity);
        let user = user.map(|user| user.token.expose().to_owned()).unwrap_or_default();
        let ping_at = view.now + PING_EVERY;
        self.sockets.insert(client.id.0, Socket { user, subscribed: BTreeSet::new(), missed: 0, ping_at });
        self.next_connection += 1;
        let mut random = Random::new(view.now.as_millis() ^ self.next_connection);
        let trace: Vec<u8> = [random.bits(), random.bits()].into_iter().flat_map(u64::to_be_bytes).collect();
        let handler = json!({"Traceparent": hex::encode(&trace), "connectID": self.next_connection.to_string()});
        say(view, client, &json!({"code": 200, "msg": "成功", "handler": handler}));
    }

    /// A sign of life.
    pub(super) fn alive(&mut self, client: &Client) {
        if let Some(socket) = self.sockets.get_mut(&client.id.0) {
            socket.missed = 0;
        }
    }

    /// Pings who is due, and gives up who has been silent for too long.
    pub(super) fn ping_sockets(&mut self, view: &mut CloudView<'_>) {
        for (id, socket) in self.sockets.iter_mut().filter(|(_, socket)| socket.ping_at <= view.now) {
            socket.ping_at = view.now + PING_EVERY;
            if socket.missed >= MOST_MISSED {
                view.out.push(CloudOutput::Kick(ClientId(*id), DEAD.with(&[&socket.missed])));
                continue;
            }
            socket.missed += 1;
            view.out.push(CloudOutput::Ping(ClientId(*id), view.now.as_secs().to_string().into_bytes()));
        }
    }

    /// A frame of an app. A type that is not known is passed over without a word.
    pub(super) fn frame(&mut self, client: &Client, payload: &[u8], view: &mut CloudView<'_>) {
        let Ok(Value::Object(frame)) = serde_json::from_slice(payload) else {
            return say(view, client, &json!({"code": 100_014, "msg": codes::message(100_014)}));
        };
        self.alive(client);
        let name = frame.get("type").and_then(Value::as_str).unwrap_or_default();
        let answered = match name {
            "" => Err((100_006, "")),
            "up.ping" => Ok(Some("down.pong")),
            "up.sub" => self.subscribe(client, &frame, view).map(|()| Some("down.subRet")),
            "up.unSub" => self.unsubscribe(client, &frame, view).map(|()| Some("down.unSubRet")),
            "up.control" if ["path", "method", "body"].iter().all(|name| frame.contains_key(*name)) => Ok(None),
            "up.control" => Err((100_006, "")),
            "down.pub" => Err((100_018, "")),
            _ => Ok(None),
        };
        match answered {
            Ok(Some(reply)) => say(view, client, &json!({"code": 200, "msg": "成功", "type": reply})),
            Ok(None) => {}
            Err((code, words)) => {
                let words = if words.is_empty() { codes::message(code) } else { words };
                log(view, "refused", &client.identity, code, REFUSED.with(&[&name, &words]));
                // An error carries the type of the request, not that of its answer.
                let mut error = json!({"code": code, "msg": words});
                if let (Some(members), false) = (error.as_object_mut(), name.is_empty()) {
                    members.insert("type".to_owned(), json!(name));
                    members.extend(frame.get("path").map(|path| ("path".to_owned(), path.clone())));
                }
                say(view, client, &error);
            }
        }
    }

    fn subscribe(
        &mut self,
        client: &Client,
        frame: &Map<String, Value>,
        view: &mut CloudView<'_>,
    ) -> Result<(), Error> {
        let (code, params) = subscription(frame)?;
        let Some(socket) = self.sockets.get(&client.id.0) else { return Ok(()) };
        let user = self.known.users.iter().find(|user| user.token.expose() == socket.user);
        let keys = match user.filter(|_| self.options.check_subscriptions && CHECKED.contains(&code.as_str())) {
            Some(user) => self.allowed(user, &code, &params)?,
            None => vec![subscribe::key(&code, &params)],
        };
        let text = Value::Object(params.clone()).to_string();
        log(view, "subscribed", &client.identity, 0, SUBSCRIBED.with(&[&code, &text]));
        if let Some(why) = subscribe::lint(&code, &params) {
            log(view, "silent", &client.identity, 0, SILENT.around([why]));
        }
        if let Some(socket) = self.sockets.get_mut(&client.id.0) {
            socket.subscribed.extend(keys);
        }
        Ok(())
    }

    /// The keys of a subscription that the user may make.
    fn allowed(&self, user: &User, code: &str, params: &Map<String, Value>) -> Result<Vec<String>, Error> {
        let text = |name: &str| params.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let own = |project: &str| user.projects.iter().any(|known| known == project);
        if let (Some(product), Some(device)) = (text("productID"), text("deviceName")) {
            let known = self.known.devices.get(&format!("{product}/{device}")).ok_or((100_009, ""))?;
            return if known.project.as_deref().is_none_or(own) {
                Ok(vec![subscribe::key(code, params)])
            } else {
                Err((100_012, ""))
            };
        }
        if params.get("shareDevice").and_then(Value::as_bool) == Some(true) {
            return Err((100_009, "未查询到:没有分享的设备"));
        }
        // A number is read as one here, though it never matches a push.
        let project = params.get("projectID").map(|id| id.as_str().map_or_else(|| id.to_string(), str::to_owned));
        match project.filter(|project| own(project)) {
            Some(_) => Ok(vec![subscribe::key(code, params)]),
            None => Err((100_012, "")),
        }
    }

    fn unsubscribe(
        &mut self,
        client: &Client,
        frame: &Map<String, Value>,
        _view: &mut CloudView<'_>,
    ) -> Result<(), Error> {
        let (code, params) = subscription(frame)?;
        if let Some(socket) = self.sockets.get_mut(&client.id.0) {
            socket.subscribed.remove(&subscribe::key(&code, &params));
        }
        Ok(())
    }
}

fn subscription(frame: &Map<String, Value>) -> Result<(String, Map<String, Value>), Error> {
    let body = frame.get("body").and_then(Value::as_object).ok_or((100_006, ""))?;
    let code = match body.get("code") {
        None => "",
        Some(code) => code.as_str().ok_or((100_007, ""))?,
    };
    let params = match body.get("params") {
        None | Some(Value::Null) => Map::new(),
        Some(params) => params.as_object().ok_or((100_007, ""))?.clone(),
    };
    Ok((code.to_owned(), params))
}

fn say(view: &mut CloudView<'_>, client: &Client, frame: &Value) {
    let message = CloudMessage { topic: String::new(), payload: frame.to_string().into_bytes(), qos: 0 };
    view.out.push(CloudOutput::Deliver(client.id.clone(), message));
}
