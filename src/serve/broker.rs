//! The embedded broker (rmqtt): sessions, acknowledgements, keep-alive. Every decision is the simulated cloud's.
//!
//! The broker listens on a loopback port of its own, which only the door ([`crate::serve::door`]) knows a name for: a
//! client id is let in if the door has just given it out. No message of a client is routed by the broker; the hook on
//! its way in gives it to the simulated cloud and tells the broker to let it go (PUBACK is sent all the same). What the
//! simulated cloud sends is put into the session of its receiver.

use std::net::{Ipv4Addr, SocketAddr};
use std::num::{NonZeroU16, NonZeroU32};
use std::sync::{Arc, Weak};
use std::time::Duration;

use async_trait::async_trait;
use rmqtt::codec::types::QoS;
use rmqtt::codec::v5::SubscribeAckReason;
use rmqtt::context::ServerContext;
use rmqtt::hook::{Handler, HookResult, Parameter, ReturnType, Type};
use rmqtt::net::Builder;
use rmqtt::server::MqttServer;
use rmqtt::session::Session;
use rmqtt::types::{AuthResult, PublishAclResult, Reason, SubscribeAclResult};
use tokio::task::JoinHandle;

use crate::base::lang::Phrase;
use crate::dialect::cloud::CloudMessage;
use crate::serve::hub::Hub;
use crate::serve::link::Link;
use crate::serve::texts;

/// The broker in its task.
pub(super) struct Broker {
    /// Where the door connects to.
    pub address: SocketAddr,
    /// Ends when aborted; the listener closes with it.
    pub task: JoinHandle<()>,
}

/// Messages that a session may hold; larger than what the hub lets pass, so the broker itself drops nothing.
const QUEUE: usize = 200_000;

impl Broker {
    /// Starts the broker on a free loopback port. `Err` holds the words of whatever failed.
    pub async fn start(hub: &Arc<Hub>) -> Result<Broker, String> {
        let context = ServerContext::new().busy_check_enable(false).build().await;
        let register = context.extends.hook_mgr().register();
        for kind in HOOKS {
            register.add(*kind, Box::new(Hooks { hub: Arc::downgrade(hub), context: context.clone() })).await;
        }
        register.start().await;
        let listener = Builder::new()
            .name("iotdbg")
            .laddr(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
            .nodelay(true)
            .allow_anonymous(false)
            .max_packet_size(256 * 1024 * 1024)
            .keepalive_backoff(0.75)
            .max_inflight(NonZeroU16::new(1_000).unwrap_or(NonZeroU16::MIN))
            .max_mqueue_len(QUEUE)
            .mqueue_rate_limit(NonZeroU32::MAX, Duration::from_secs(1))
            .message_expiry_interval(Duration::ZERO)
            .bind()
            .and_then(rmqtt::net::Listener::tcp)
            .map_err(|fault| fault.to_string())?;
        let address = listener.local_addr().map_err(|fault| fault.to_string())?;
        let server = MqttServer::new(context).listener_by_id(listener, 1).build();
        let task = tokio::spawn(async move {
            // Accepts until it is aborted; faults of single connections do not end it.
            let _ = server.run().await;
        });
        Ok(Broker { address, task })
    }
}

const HOOKS: &[Type] = &[
    Type::ClientAuthenticate,
    Type::ClientConnected,
    Type::ClientDisconnected,
    Type::ClientSubscribeCheckAcl,
    Type::ClientUnsubscribe,
    Type::MessagePublishCheckAcl,
    Type::MessageDelivered,
    Type::MessageDropped,
];

struct Hooks {
    /// Not held: the broker's context refers to itself and outlives its task.
    hub: Weak<Hub>,
    context: ServerContext,
}

impl Hooks {
    fn link(&self, name: &str) -> Option<(Arc<Hub>, Arc<Link>)> {
        let hub = self.hub.upgrade()?;
        let link = hub.link(name)?;
        Some((hub, link))
    }

    async fn connected(&self, session: &Session) {
        let entry = self.context.extends.shared().await.entry(session.id.clone());
        if let (Some((hub, link)), Some(tx)) = (self.link(&session.id.client_id), entry.tx()) {
            hub.online(&link, session.id.clone(), tx);
        }
    }

    async fn publish(&self, session: &Session, publish: &rmqtt::types::Publish) -> PublishAclResult {
        let Some((hub, link)) = self.link(&session.id.client_id) else {
            return PublishAclResult::rejected(true, None);
        };
        let message = CloudMessage {
            topic: publish.topic.to_string(),
            payload: publish.payload.to_vec(),
            qos: number(publish.qos),
        };
        let close = match hub.publish(&link, &message) {
            Ok(slow) => {
                if let Some(receiver) = slow {
                    receiver.relief().await;
                }
                false
            }
            Err(denial) => denial.close,
        };
        // "Rejected" to the broker means: do not route. The acknowledgement is sent nevertheless.
        PublishAclResult::rejected(close, None)
    }
}

#[async_trait]
impl Handler for Hooks {
    async fn hook(&self, param: &Parameter, acc: Option<HookResult>) -> ReturnType {
        let result = match param {
            Parameter::ClientAuthenticate(info) => {
                let known = self.link(info.client_id()).is_some();
                let verdict = if known { AuthResult::Allow(false, None) } else { AuthResult::NotAuthorized };
                Some(HookResult::AuthResult(verdict))
            }
            Parameter::ClientConnected(session) => {
                self.connected(session).await;
                None
            }
            Parameter::ClientDisconnected(session, reason) => {
                if let Some((hub, link)) = self.link(&session.id.client_id) {
                    hub.gone(&link, words(reason));
                }
                None
            }
            Parameter::ClientSubscribeCheckAcl(session, subscribe) => {
                let qos = subscribe.opts.qos();
                // What the simulated cloud did not grant is not delivered, whatever the answer says.
                let granted = self.link(&session.id.client_id).is_some_and(|(hub, link)| {
                    let verdict = hub.subscribe(&link, &subscribe.topic_filter, number(qos));
                    verdict.is_ok() || link.manners.silent_suback
                });
                let verdict = if granted {
                    SubscribeAclResult::new_success(qos, None)
                } else {
                    SubscribeAclResult::new_failure(SubscribeAckReason::NotAuthorized)
                };
                Some(HookResult::SubscribeAclResult(verdict))
            }
            Parameter::ClientUnsubscribe(session, unsubscribe) => {
                if let Some((hub, link)) = self.link(&session.id.client_id) {
                    hub.unsubscribe(&link, &unsubscribe.topic_filter);
                }
                None
            }
            Parameter::MessagePublishCheckAcl(session, publish) => {
                Some(HookResult::PublishAclResult(self.publish(session, publish).await))
            }
            Parameter::MessageDelivered(session, _, publish) => {
                // A repetition (DUP) was counted when it was sent for the first time.
                if !publish.dup
                    && let Some((_, link)) = self.link(&session.id.client_id)
                {
                    link.delivered(publish.payload.len());
                }
                None
            }
            Parameter::MessageDropped(Some(to), _, publish, _) => {
                if let Some((_, link)) = self.link(&to.client_id) {
                    link.dropped(publish.payload.len());
                }
                None
            }
            _ => acc,
        };
        (true, result)
    }
}

const fn number(qos: QoS) -> u8 {
    match qos {
        QoS::AtMostOnce => 0,
        QoS::AtLeastOnce => 1,
        QoS::ExactlyOnce => 2,
    }
}

/// Why a session ended, in words. Of several reasons the first is the cause, the others follow from it.
fn words(reason: &Reason) -> Phrase {
    match reason {
        Reason::ConnectRemoteClose => texts::LEFT.into(),
        Reason::ConnectDisconnect(_) => texts::SAID_GOODBYE.into(),
        Reason::ConnectKeepaliveTimeout => texts::KEEP_ALIVE.into(),
        Reason::Reasons(reasons) => reasons.first().map_or_else(|| texts::LEFT.into(), words),
        other => texts::BROKER.with(&[other]),
    }
}
