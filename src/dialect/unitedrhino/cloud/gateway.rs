//! Gateways: their sub-devices are bound, come and go, and have models (unitedrhino/things, `deviceGatewayMultiCreateLogic.go`;
//! page "网关子设备").

use serde_json::{Map, Value, json};

use super::device::{Carried, Refusal, because, done, refuse, with};
use super::roster::Model;
use super::{Platform, names};
use crate::base::lang::Text;
use crate::dialect::cloud::CloudView;
use crate::dialect::unitedrhino::topic::Channel;
use crate::dialect::unitedrhino::{read, sign};

const SIGNATURE: Text =
    Text::new("the signature of {} does not fit its secret (signed text: {})", "{} 的签名与密钥不符（签名内容：{}）");
const NO_METHOD: Text = Text::new("no method “{}” here", "该主题没有 method“{}”");

impl Platform {
    /// A request of a gateway on `$gateway/up/…`.
    pub(super) fn gateway_asks(
        &mut self,
        gateway: &str,
        channel: Channel,
        method: &str,
        root: &Map<String, Value>,
        view: &mut CloudView<'_>,
    ) -> Carried {
        if matches!(method, "notifyBind" | "getFound" | "change") {
            // The answer of a gateway to what it was told.
            return Ok(None);
        }
        let payload = root.get("payload").cloned().unwrap_or(json!({}));
        let devices = payload.get("devices").and_then(Value::as_array).cloned().unwrap_or_default();
        match (channel, method) {
            (Channel::TopoUp, "getTopo") => with("payload", json!({"devices": self.bound_to(gateway)})),
            (Channel::TopoUp, "bind") => self.each(devices, |all, sub| all.bind(gateway, sub)),
            (Channel::TopoUp, "unbind") => self.each(devices, |all, sub| {
                all.topology.entry(gateway.to_owned()).or_default().remove(&identity_of(sub));
                Ok(Map::new())
            }),
            (Channel::TopoUp, "register") => self.each(devices, Self::register_sub),
            (Channel::TopoUp, "found") => done(),
            (Channel::StatusUp, "online" | "offline") => {
                self.each(devices, |all, sub| all.sub_presence(gateway, sub, method == "online", view))
            }
            (Channel::SchemaUp, "getSchema") => self.schema(gateway, &payload),
            // Models are made at the console.
            (Channel::SchemaUp, "createSchema" | "deleteSchema") => Err(refuse(100_018)),
            _ => Err(because(100_013, NO_METHOD.with(&[&method]))),
        }
    }

    /// Carries something out for each sub-device; each comes back with its code.
    fn each(
        &mut self,
        devices: Vec<Value>,
        mut act: impl FnMut(&mut Self, &Value) -> Result<Map<String, Value>, Refusal>,
    ) -> Carried {
        if devices.is_empty() {
            return Err(refuse(100_006));
        }
        let (mut answered, mut first_fault) = (Vec::new(), None);
        for sub in devices {
            let text = |name: &str| sub.get(name).map(read::text).unwrap_or_default();
            let mut item = json!({"productID": text("productID"), "deviceName": text("deviceName"), "code": 200});
            let Some(members) = item.as_object_mut() else { continue };
            match act(self, &sub) {
                Ok(more) => members.extend(more),
                Err(Refusal { code, reason }) => {
                    members.insert("code".to_owned(), json!(code));
                    members.insert("msg".to_owned(), json!(reason.to_string()));
                    first_fault.get_or_insert(Refusal { code, reason });
                }
            }
            answered.push(item);
        }
        // One that stands alone and fails is the whole answer.
        match first_fault {
            Some(fault) if answered.len() == 1 => Err(fault),
            _ => with("payload", json!({"devices": answered})),
        }
    }

    fn bound_to(&self, gateway: &str) -> Vec<Value> {
        let subs = self.topology.get(gateway).into_iter().flatten().map(|sub| names(sub));
        subs.map(|(product, name)| json!({"productID": product, "deviceName": name})).collect()
    }

    /// Binds a sub-device that the gateway can sign for, with the sub-device's secret or, laxly, its own.
    fn bind(&mut self, gateway: &str, sub: &Value) -> Result<Map<String, Value>, Refusal> {
        let identity = identity_of(sub);
        let text = |name: &str| sub.get(name).map(read::text).unwrap_or_default();
        let known = self.known.devices.get(&identity).ok_or_else(|| refuse(100_009))?;
        if self.topology.iter().any(|(owner, subs)| owner != gateway && subs.contains(&identity)) {
            return Err(refuse(2_000_005));
        }
        let digest = sign::digest_of(&text("signMethod")).ok_or_else(|| refuse(100_006))?;
        let own = self.known.devices.get(gateway);
        let secrets = std::iter::once(known).chain(own).map(|device| device.secret.expose());
        let content = |documented| {
            sign::bind_content(&text("productID"), &text("deviceName"), &text("random"), &text("timestamp"), documented)
        };
        let given = text("signature");
        let fits = secrets.into_iter().any(|secret| {
            [false, true].into_iter().any(|documented| sign::token(digest, secret, &content(documented)) == given)
        });
        if !fits {
            return Err(because(100_006, SIGNATURE.with(&[&identity, &content(false)])));
        }
        self.topology.entry(gateway.to_owned()).or_default().insert(identity);
        Ok(Map::new())
    }

    fn register_sub(&mut self, sub: &Value) -> Result<Map<String, Value>, Refusal> {
        let known = self.known.devices.get(&identity_of(sub)).ok_or_else(|| refuse(100_009))?;
        Ok(Map::from_iter([("deviceSecret".to_owned(), json!(known.secret.expose()))]))
    }

    fn sub_presence(
        &mut self,
        gateway: &str,
        sub: &Value,
        online: bool,
        view: &mut CloudView<'_>,
    ) -> Result<Map<String, Value>, Refusal> {
        let identity = identity_of(sub);
        if !self.topology.get(gateway).is_some_and(|subs| subs.contains(&identity)) {
            return Err(refuse(2_000_006));
        }
        self.presence(&identity, online, view);
        Ok(Map::new())
    }

    /// The model of a product: that of the first of its devices that has one.
    pub(super) fn product_model(&self, product: &str) -> Option<&Model> {
        let mut devices = self.known.devices.iter().filter(|(id, _)| names(id).0 == product);
        devices.find_map(|(_, device)| device.model.as_ref())
    }

    /// The model of a product in the file's own form.
    fn schema(&self, gateway: &str, payload: &Value) -> Carried {
        let wanted = identity_of(payload);
        let model = match self.known.devices.get(&wanted) {
            Some(device) => device.model.as_ref(),
            None => {
                let product = payload.get("productID").map(read::text).unwrap_or_default();
                let product = if product.is_empty() { names(gateway).0.to_owned() } else { product };
                self.product_model(&product)
            }
        };
        let model = model.ok_or_else(|| refuse(100_009))?;
        let product = payload.get("productID").cloned().unwrap_or_else(|| json!(names(gateway).0));
        with("payload", json!({"productID": product, "schema": model.file}))
    }
}

/// `productID/deviceName` of an object that names a device.
pub(super) fn identity_of(sub: &Value) -> String {
    let text = |name: &str| sub.get(name).map(read::text).unwrap_or_default();
    format!("{}/{}", text("productID"), text("deviceName"))
}
