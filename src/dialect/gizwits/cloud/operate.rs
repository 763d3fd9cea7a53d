//! What a person does at the platform's console: set, get, raw bytes, log switches, firmware push.
//!
//! Where the device acknowledges, that is the outcome; a set without acknowledgement (`ack=false`) is observed in the next
//! report that carries its values.

use serde_json::{Map, Value};

use super::{Platform, connected, log};
use crate::base::lang::{Phrase, Text};
use crate::base::time::Time;
use crate::dialect::cloud::{CloudOutput, CloudView, Operate, operator};
use crate::dialect::gizwits::spec::DEVICE_TIMEOUT;
use crate::dialect::gizwits::{codes, topic, write};
use crate::model::{RequestKey, RequestState, ThingModel};

/// The AppClientId of the console; no client can log in under it while the console asks, and 23 characters are not
/// exceeded.
pub const CLIENT_ID: &str = "usrIotdbgConsole";

const UNKNOWN_OPERATION: Text = Text::new(
    "“{}” is none of set, get, raw, log, ota, kick, disable, enable",
    "“{}”不是 set、get、raw、log、ota、kick、disable、enable 之一",
);
const NO_MODEL: Text = Text::new(
    "the product of device {} has no data point definition in the roster",
    "名册中设备 {} 的产品没有数据点定义",
);
const NO_VALUES: Text = Text::new("give at least one identifier=value", "至少给出一个 标识符=值");
const BAD_OTA: Text = Text::new("type is 1 (Wi-Fi) or 2 (MCU)", "type 为 1（Wi-Fi）或 2（MCU）");
const TIMED_OUT: Text = Text::new("no answer within {} s", "{} 秒内没有收到应答");

/// What a request of the operator waits for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Wanted {
    /// 0x0094 with this sn.
    Ack(u32),
    /// The state of the device: in the 0x0094 with this sn, or in whatever the device sends next.
    State(u32),
    /// A report that carries these values.
    Values(Map<String, Value>),
    /// 0x0011.
    LogReply,
}

/// A request of the operator that has no outcome yet.
pub(super) struct Asked {
    pub(super) did: String,
    pub(super) wanted: Wanted,
    pub(super) deadline: Time,
}

impl Platform {
    /// Begins an action of the operator.
    pub(super) fn operator_asks(&mut self, operate: &Operate, view: &mut CloudView<'_>) -> Result<(), Phrase> {
        let did = self.named(&operate.device)?;
        let arguments = &operate.arguments;
        let sn = self.fresh_sn();
        let (frame, wanted) = match operate.operation.as_str() {
            "set" => {
                let mut values = arguments.clone();
                let ack = values.shift_remove("ack").is_none_or(|ack| ack != Value::Bool(false));
                if values.is_empty() {
                    return Err(NO_VALUES.into());
                }
                let p0 = write::control(self.definition(&did)?, &values, true).map_err(|fault| fault.phrase())?;
                if ack {
                    (write::with_ack(sn, &p0), Some(Wanted::Ack(sn)))
                } else {
                    (write::transparent(&p0), Some(Wanted::Values(values)))
                }
            }
            "get" => {
                let p0 = write::query(self.definition(&did)?, &[]);
                (write::with_ack(sn, &p0), Some(Wanted::State(sn)))
            }
            "raw" => (write::transparent(&write::custom(&operator::raw_bytes(arguments)?)), None),
            "log" => {
                let bits = write::log_bits(arguments).map_err(|fault| fault.phrase())?;
                (write::log_switches(bits), Some(Wanted::LogReply))
            }
            "ota" => return self.push_firmware(operate.key, &did, arguments, view),
            other => return Err(UNKNOWN_OPERATION.with(&[&other])),
        };
        if !self.reached(operate.key, &did, view) {
            return Ok(());
        }
        self.send_down(&did, &frame, view);
        view.out.push(CloudOutput::Operated(operate.key, RequestState::Sent));
        match wanted {
            Some(wanted) => {
                let deadline = view.now + DEVICE_TIMEOUT;
                self.asked.insert(operate.key, Asked { did, wanted, deadline });
            }
            None => operator::finish(view, operate.key, None),
        }
        Ok(())
    }

    /// 0x0211 on the server's own topic; the module answers by fetching the firmware over HTTP, if it wants.
    fn push_firmware(
        &mut self,
        key: RequestKey,
        did: &str,
        arguments: &Map<String, Value>,
        view: &mut CloudView<'_>,
    ) -> Result<(), Phrase> {
        let which = match arguments.get("type") {
            None => 2,
            Some(which) => which.as_u64().and_then(|which| u8::try_from(which).ok()).ok_or(BAD_OTA)?,
        };
        if !matches!(which, 1 | 2) {
            return Err(BAD_OTA.into());
        }
        if self.reached(key, did, view) {
            super::publish(view, topic::server_answer(did), write::server(0x0211, &[which]));
            view.out.push(CloudOutput::Operated(key, RequestState::Sent));
            operator::finish(view, key, None);
        }
        Ok(())
    }

    /// Whether the device is online; tells the refusal where it is not.
    fn reached(&self, key: RequestKey, did: &str, view: &mut CloudView<'_>) -> bool {
        if connected(did, view).is_some() {
            return true;
        }
        let message = Some(codes::message("9042").to_owned());
        let state = RequestState::Refused { code: Some("9042".to_owned()), message };
        view.out.push(CloudOutput::Operated(key, state));
        false
    }

    /// A device acknowledged a request of the operator.
    pub(super) fn acknowledged(
        &mut self,
        did: &str,
        sn: u32,
        state: Option<Map<String, Value>>,
        view: &mut CloudView<'_>,
    ) {
        let found = self.asked.iter().find_map(|(key, asked)| {
            let fits = asked.did == did
                && match asked.wanted {
                    Wanted::Ack(wanted) => wanted == sn,
                    // An acknowledgement without the state is followed by it.
                    Wanted::State(wanted) => wanted == sn && state.is_some(),
                    Wanted::Values(_) | Wanted::LogReply => false,
                };
            fits.then_some(*key)
        });
        if let Some(key) = found {
            self.asked.remove(&key);
            operator::finish(view, key, state.map(|state| Value::Object(state).to_string()));
        }
    }

    /// A device confirmed the log switches.
    pub(super) fn log_confirmed(&mut self, did: &str, view: &mut CloudView<'_>) {
        let found = self
            .asked
            .iter()
            .find(|(_, asked)| asked.did == did && asked.wanted == Wanted::LogReply)
            .map(|(key, _)| *key);
        if let Some(key) = found {
            self.asked.remove(&key);
            operator::finish(view, key, None);
        }
    }

    /// A device told its state.
    pub(super) fn observed(&mut self, did: &str, values: &Map<String, Value>, view: &mut CloudView<'_>) {
        let done: Vec<RequestKey> = self
            .asked
            .iter()
            .filter(|(_, asked)| asked.did == did)
            .filter(|(_, asked)| match &asked.wanted {
                Wanted::State(_) => true,
                Wanted::Values(wanted) => wanted.iter().all(|(name, value)| values.get(name) == Some(value)),
                Wanted::Ack(_) | Wanted::LogReply => false,
            })
            .map(|(key, _)| *key)
            .collect();
        for key in done {
            let Some(asked) = self.asked.remove(&key) else { continue };
            match asked.wanted {
                Wanted::State(_) => operator::finish(view, key, Some(Value::Object(values.clone()).to_string())),
                _ => view.out.push(CloudOutput::Operated(key, RequestState::Observed)),
            }
        }
    }

    /// Ends the requests whose time is over.
    pub(super) fn give_up(&mut self, view: &mut CloudView<'_>) {
        let now = view.now;
        let due: Vec<RequestKey> =
            self.asked.iter().filter(|(_, asked)| asked.deadline <= now).map(|(key, _)| *key).collect();
        for key in due {
            let Some(asked) = self.asked.remove(&key) else { continue };
            log(view, "timeout", &asked.did, "", TIMED_OUT.with(&[&DEVICE_TIMEOUT.as_secs()]));
            view.out.push(CloudOutput::Operated(key, RequestState::silence()));
        }
    }

    fn definition(&self, did: &str) -> Result<&ThingModel, Phrase> {
        self.known.model(did).ok_or_else(|| NO_MODEL.with(&[&did]))
    }

    /// A did or a MAC address; nothing where there is one device only.
    fn named(&self, wanted: &str) -> Result<String, Phrase> {
        operator::device(wanted, self.known.devices.keys(), |did| {
            self.known.devices.get(did).is_some_and(|device| device.mac.eq_ignore_ascii_case(wanted))
        })
    }
}
