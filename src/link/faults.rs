//! The errors of the MQTT client in words.

use rumqttc::mqttbytes::Error as Malformed;
use rumqttc::{ConnectReturnCode, ConnectionError, StateError};

use crate::base::lang::{Phrase, Text};
use crate::link::texts;

/// The return code, if the error is a CONNACK that refuses.
pub(super) fn refusal(error: &ConnectionError) -> Option<u8> {
    match error {
        ConnectionError::ConnectionRefused(code) => Some(match code {
            ConnectReturnCode::Success => 0,
            ConnectReturnCode::RefusedProtocolVersion => 1,
            ConnectReturnCode::BadClientId => 2,
            ConnectReturnCode::ServiceUnavailable => 3,
            ConnectReturnCode::BadUserNamePassword => 4,
            ConnectReturnCode::NotAuthorized => 5,
        }),
        ConnectionError::MqttState(StateError::Deserialization(Malformed::InvalidConnectReturnCode(code))) => {
            Some(*code)
        }
        _ => None,
    }
}

/// What a return code means, and what to do about it (MQTT 3.1.1, section 3.2.2.3).
pub(super) fn connack(code: u8) -> (Text, Option<Text>) {
    let index = usize::from(code).wrapping_sub(1);
    let meaning = texts::CONNACK_CODES.get(index).copied().unwrap_or(texts::CONNACK_OTHER);
    (meaning, texts::CONNACK_ADVICE.get(index).copied())
}

/// Why a connection ended.
pub(super) fn reason(error: &ConnectionError) -> Phrase {
    let io = match error {
        ConnectionError::MqttState(StateError::ConnectionAborted) => return texts::CLOSED_BY_PEER.into(),
        ConnectionError::MqttState(StateError::AwaitPingResp) => return texts::PING_UNANSWERED.into(),
        ConnectionError::NetworkTimeout | ConnectionError::FlushTimeout => {
            return texts::NO_ANSWER_IN.with(&[&super::connect::STAGE_LIMIT.as_secs()]);
        }
        ConnectionError::Io(error)
        | ConnectionError::MqttState(StateError::Io(error) | StateError::Deserialization(Malformed::Io(error))) => {
            error
        }
        ConnectionError::MqttState(other) => {
            return texts::PROTOCOL_ERROR.with(&[other]);
        }
        other => return texts::BROKEN.with(&[other]),
    };
    io_reason(io)
}

/// Why a socket failed.
pub(super) fn io_reason(io: &std::io::Error) -> Phrase {
    use std::io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    match io.kind() {
        UnexpectedEof | ConnectionReset | ConnectionAborted | BrokenPipe => texts::CLOSED_BY_PEER.into(),
        _ => texts::BROKEN.with(&[io]),
    }
}
