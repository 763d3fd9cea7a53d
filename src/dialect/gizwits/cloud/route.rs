//! What clients publish: between app and device it is passed on as it is, requests to the server are answered.

use super::{Platform, admit, connected, log, operate, publish};
use crate::base::hex;
use crate::base::lang::Text;
use crate::dialect::cloud::{Client, CloudMessage, CloudOutput, CloudView};
use crate::dialect::gizwits::frame::{self, command};
use crate::dialect::gizwits::topic::{self, Channel};
use crate::dialect::gizwits::{read, write};
use crate::model::Role;

const NOT_A_FRAME: Text = Text::new("{}: {}", "{}：{}");
const OFFLINE: Text = Text::new("the device {} is offline: nobody received this", "设备 {} 离线，消息无人接收");
const UNHEARD: Text = Text::new("a request to the server that is not answered here: {}", "此处不应答的服务器请求：{}");
const APPS: Text = Text::new("{} apps listen to device {}", "有 {} 个应用在监听设备 {}");
const FIRMWARE: Text = Text::new("the device asks for firmware: there is none", "设备查询固件：没有可用固件");

impl Platform {
    /// A client published.
    pub(super) fn passed(&mut self, client: &Client, message: &CloudMessage, view: &mut CloudView<'_>) {
        let Some(address) = topic::parse(&message.topic) else {
            return log(view, "unheard", &client.identity, "", UNHEARD.with(&[&message.topic]));
        };
        let subject = address.subject(&message.topic).to_owned();
        match address.channel {
            Channel::ServerRequest => self.server_asked(client, &message.payload, view),
            Channel::App2Dev | Channel::App2Module => {
                self.look_at(client, message, view);
                if connected(&subject, view).is_none() {
                    log(view, "offline", &subject, "9042", OFFLINE.with(&[&subject]));
                }
                view.out.push(CloudOutput::Publish(message.clone()));
            }
            Channel::Broadcast | Channel::Dev2App => {
                let to_console = address.client(&message.topic) == operate::CLIENT_ID;
                self.told(&subject, message, to_console, view);
                if !to_console {
                    view.out.push(CloudOutput::Publish(message.clone()));
                }
            }
            Channel::ServerAnswer | Channel::ServerNotice => {}
        }
    }

    /// Tells the operator's log what is wrong with a message; it is passed on nevertheless.
    fn look_at(&self, client: &Client, message: &CloudMessage, view: &mut CloudView<'_>) {
        if let Some(fault) = read::first_fault(&message.topic, &message.payload) {
            let what = NOT_A_FRAME.around([crate::base::lang::Phrase::verbatim(&message.topic), fault]);
            log(view, "invalid", &client.identity, "", what);
        }
    }

    /// A device spoke: its state is kept, and whoever at the console waits for it hears.
    fn told(&mut self, did: &str, message: &CloudMessage, to_console: bool, view: &mut CloudView<'_>) {
        if let Some(fault) = read::first_fault(&message.topic, &message.payload) {
            log(
                view,
                "invalid",
                did,
                "",
                NOT_A_FRAME.around([crate::base::lang::Phrase::verbatim(&message.topic), fault]),
            );
        }
        for frame in read::frames(&message.topic, &message.payload) {
            let values = self.known.model(did).and_then(|model| read::state(model, &frame));
            if let Some(values) = &values {
                let held = self.device(did);
                held.values.extend(values.clone());
                held.updated = Some(view.now);
            }
            let (found, payload) = frame;
            match found.sn(payload) {
                Some(sn) if to_console && found.command == command::ACK => self.acknowledged(did, sn, values, view),
                // The console acknowledges what it is asked to.
                Some(sn) if to_console => self.send_down(did, &write::ack(sn, &[]), view),
                _ if found.command == command::LOG_CONFIRM && to_console => self.log_confirmed(did, view),
                _ => {
                    if let Some(values) = values {
                        self.observed(did, &values, view);
                    }
                }
            }
        }
    }

    /// A client asked the server itself (no document; GAgent).
    fn server_asked(&mut self, client: &Client, payload: &[u8], view: &mut CloudView<'_>) {
        let Some(Ok(frame)) = frame::frames(payload, true).next() else {
            let shown = hex::encode(payload.get(..payload.len().min(32)).unwrap_or_default());
            return log(view, "invalid", &client.identity, "", UNHEARD.with(&[&shown]));
        };
        let own = match client.role {
            Role::App => admit::user_and_client(client).1.to_owned(),
            Role::Device | Role::Cloud => client.identity.clone(),
        };
        match frame.command {
            // How many apps are there?
            0x020f => {
                let did = client.identity.as_str();
                let apps = view.clients.values().filter(|other| {
                    other.role == Role::App && self.known.is_bound(admit::user_and_client(other).0, did)
                });
                let count = u16::try_from(apps.count()).unwrap_or(u16::MAX);
                log(view, "asked", did, "", APPS.with(&[&count, &did]));
                publish(view, topic::server_answer(&own), write::server(0x0210, &count.to_be_bytes()));
            }
            // Whether there is firmware: an empty answer.
            0x0205 => {
                log(view, "asked", &own, "", FIRMWARE);
                publish(view, topic::server_answer(&own), write::server(0x0206, &[]));
            }
            other => log(view, "unheard", &own, "", UNHEARD.with(&[&format!("0x{other:04x}")])),
        }
    }
}
