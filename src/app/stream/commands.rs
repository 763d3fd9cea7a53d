//! A message as a command or a script of other people's tools. No secret stands in it: the login is asked of iotdbg when
//! the command runs, so that it is fresh, too.

use crate::base::hex;
use crate::base::lang::Text;
use crate::base::shell::quoted;
use crate::dialect::http::is_call_topic;
use crate::model::MessageRef;

/// Whose command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tool {
    /// `mosquitto_pub`.
    Mosquitto,
    /// `mqttx pub`.
    Mqttx,
    /// `curl`.
    Curl,
    /// Python with paho-mqtt.
    Python,
}

/// The payload as text, if it can stand in a command as it is.
fn text_of<'m>(message: &MessageRef<'m>) -> Option<&'m str> {
    // A control character would not survive every shell and every terminal.
    std::str::from_utf8(message.payload).ok().filter(|text| !text.chars().any(char::is_control))
}

/// Writes the command that sends a message again as the login of a profile; `Err` where the tool cannot.
pub fn write(tool: Tool, message: &MessageRef<'_>, profile: &str) -> Result<String, Text> {
    let call = is_call_topic(message.topic);
    match tool {
        Tool::Curl if call => Ok(curl(message, profile)),
        Tool::Curl => Err(NO_CURL),
        _ if call => Err(ONLY_CURL),
        Tool::Mosquitto => Ok(mosquitto(message, profile)),
        Tool::Mqttx => Ok(mqttx(message, profile)),
        Tool::Python => Ok(python(message, profile)),
    }
}

fn login(profile: &str) -> String {
    format!("eval \"$(iotdbg sign -p {} --as env)\"\n", quoted(profile))
}

fn mosquitto(message: &MessageRef<'_>, profile: &str) -> String {
    let (before, payload) = match text_of(message) {
        Some(text) => (String::new(), format!("-m {}", quoted(text))),
        None => (format!("printf %s {} | xxd -r -p | ", hex::encode(message.payload)), "-s".to_owned()),
    };
    let retain = if message.retain { " -r" } else { "" };
    format!(
        "{}{before}mosquitto_pub -h \"$IOTDBG_HOST\" -p \"$IOTDBG_PORT\" $IOTDBG_TLS -V \"$IOTDBG_VERSION\" -i \"$IOTDBG_CLIENT_ID\" -u \"$IOTDBG_USERNAME\" -P \"$IOTDBG_PASSWORD\" -t {} -q {}{retain} {payload}\n",
        login(profile),
        quoted(message.topic),
        message.qos,
    )
}

fn mqttx(message: &MessageRef<'_>, profile: &str) -> String {
    let payload = match text_of(message) {
        Some(text) => format!("-m {}", quoted(text)),
        None => format!("--format hex -m {}", hex::encode(message.payload)),
    };
    let retain = if message.retain { " -r" } else { "" };
    format!(
        "{}mqttx pub -h \"$IOTDBG_HOST\" -p \"$IOTDBG_PORT\" -l \"$IOTDBG_SCHEME\" -V 3.1.1 -i \"$IOTDBG_CLIENT_ID\" -u \"$IOTDBG_USERNAME\" -P \"$IOTDBG_PASSWORD\" -t {} -q {}{retain} {payload}\n",
        login(profile),
        quoted(message.topic),
        message.qos,
    )
}

fn curl(message: &MessageRef<'_>, profile: &str) -> String {
    let (method, path) = message.topic.split_once(' ').unwrap_or(("GET", message.topic));
    let body = if message.payload.is_empty() {
        String::new()
    } else {
        format!(" -H 'Content-Type: application/json' -d {}", quoted(&String::from_utf8_lossy(message.payload)))
    };
    format!("iotdbg sign -p {} --call {} | curl -K - -i -X {method}{body}\n", quoted(profile), quoted(path))
}

fn python(message: &MessageRef<'_>, profile: &str) -> String {
    // A literal of JSON is one of Python.
    let literal = |text: &str| serde_json::Value::from(text).to_string();
    let payload = match std::str::from_utf8(message.payload) {
        Ok(text) => literal(text),
        Err(_) => format!("bytes.fromhex({})", literal(&hex::encode(message.payload))),
    };
    let retain = if message.retain { ", retain=True" } else { "" };
    format!(
        "import json, subprocess\nimport paho.mqtt.client as mqtt  # pip install paho-mqtt\n\nlogin = json.loads(subprocess.check_output([\"iotdbg\", \"sign\", \"-p\", {}, \"--json\"]))\nclient = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=login[\"client_id\"], protocol=mqtt.MQTTv311)\nclient.username_pw_set(login[\"username\"], login[\"password\"])\nif login[\"tls\"]:\n    client.tls_set()\nclient.connect(login[\"host\"], login[\"port\"])\nclient.loop_start()\nclient.publish({}, {payload}, qos={}{retain}).wait_for_publish()\nclient.disconnect()\nclient.loop_stop()\n",
        literal(profile),
        literal(message.topic),
        message.qos,
    )
}

const NO_CURL: Text = Text::new(
    "curl cannot give an MQTT client id, which the platform checks; take mosquitto_pub, mqttx or Python",
    "curl 无法设置平台要校验的 MQTT client id，请改用 mosquitto_pub、mqttx 或 Python",
);
const ONLY_CURL: Text =
    Text::new("this message went over HTTP: curl can send it (u)", "该消息经 HTTP 发送，请用 curl（u）");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::stream::testing::envelope;
    use crate::model::{Batch, ConnectionId, Direction};

    fn written(tool: Tool, topic: &str, payload: &[u8]) -> Result<String, Text> {
        let mut batch = Batch::new(ConnectionId(1));
        batch.push(envelope(0, Direction::Out), topic, payload);
        write(tool, &batch.message(0).unwrap(), "my lamp")
    }

    #[test]
    fn commands_ask_for_the_login_and_quote_what_a_shell_would_read() {
        for (tool, name) in [(Tool::Mosquitto, "mosquitto_pub"), (Tool::Mqttx, "mqttx pub")] {
            let text = written(tool, "$sys/p1/it's", br#"{"a":"$HOME"}"#).unwrap();
            assert!(text.starts_with("eval \"$(iotdbg sign -p 'my lamp' --as env)\"\n"), "{text}");
            assert!(text.contains(name) && text.contains(r#"-m '{"a":"$HOME"}'"#), "{text}");
            assert!(text.contains(r"-t '$sys/p1/it'\''s'"), "{text}");
        }
        assert!(
            written(Tool::Mosquitto, "t", b"\xff\x00").unwrap().contains("printf %s ff00 | xxd -r -p | mosquitto_pub")
        );
        assert!(written(Tool::Mqttx, "t", b"\xff").unwrap().contains("--format hex -m ff"));
        let script = written(Tool::Python, "t", "温\n".as_bytes()).unwrap();
        assert!(script.contains("client.publish(\"t\", \"温\\n\", qos="), "{script}");
        assert!(written(Tool::Python, "t", b"\xff").unwrap().contains("bytes.fromhex(\"ff\")"));
    }

    #[test]
    fn curl_is_for_calls_and_the_others_for_messages() {
        assert_eq!(written(Tool::Curl, "a/b", b"x"), Err(NO_CURL));
        assert_eq!(written(Tool::Mosquitto, "POST /app/bindings", b"{}"), Err(ONLY_CURL));
        let text = written(Tool::Curl, "POST /app/bindings", b"{}").unwrap();
        assert!(
            text.starts_with("iotdbg sign -p 'my lamp' --call /app/bindings | curl -K - -i -X POST -H")
                && text.ends_with(" -d '{}'\n")
        );
    }
}
