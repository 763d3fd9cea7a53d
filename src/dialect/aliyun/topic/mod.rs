//! Every topic of the platform: its pattern, what travels on it, and who may publish and subscribe.
//!
//! One table gives the [`Channel`]s, the `Spec`'s topic list and the reader, so they cannot disagree. Sources: the
//! platform's page on MQTT access (数据格式), the page on the app channel (长连接服务), and, where neither has a topic, the
//! vendor's device SDKs and help pages.

mod address;

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::dialect::TopicSpec;
use crate::model::{Kind, Role};

pub use address::{inner, parse};

const APP: &[Role] = &[Role::App];
const DEVICE: &[Role] = &[Role::Device];
const CLOUD: &[Role] = &[Role::Cloud];
/// Both ends use the very same topic.
const BOTH: &[Role] = &[Role::Device, Role::Cloud];
const SEED: &str = "MQTT access (数据格式)";
const CHANNEL: &str = "app channel (长连接服务)";
const SDK: &str = "vendor device SDKs";

macro_rules! channels {
    ($($(#[$doc:meta])* $variant:ident $kind:ident $publishers:ident $subscribers:ident $source:ident $pattern:literal;)*) => {
        /// What a topic is for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Channel {
            $($(#[$doc])* $variant,)*
        }

        impl Channel {
            /// Every channel.
            pub const ALL: &'static [Channel] = &[$(Channel::$variant,)*];

            /// The whole pattern, with `{…}` for a variable level and `{…#}` for one or more of them at the end.
            pub const fn pattern(self) -> &'static str {
                match self { $(Channel::$variant => $pattern,)* }
            }

            /// What its messages are.
            pub const fn kind(self) -> Kind {
                match self { $(Channel::$variant => Kind::$kind,)* }
            }

            fn spec(self) -> Option<&'static TopicSpec> {
                TOPICS.iter().find(|spec| spec.pattern == self.pattern())
            }

            /// The channel of a topic below `/sys/{product_key}/{device_name}/` without a variable level.
            fn of_sys(tail: &str) -> Option<Channel> {
                static TAILS: OnceLock<HashMap<&'static str, Channel>> = OnceLock::new();
                let tails = TAILS.get_or_init(|| {
                    let all = Channel::ALL.iter();
                    all.filter_map(|channel| Some((strip_sys(channel.pattern())?, *channel))).collect()
                });
                tails.get(tail).copied()
            }
        }

        /// The topics for the `Spec`.
        pub static TOPICS: &[TopicSpec] = &[$(TopicSpec {
            pattern: $pattern,
            kind: Kind::$kind,
            publishers: $publishers,
            subscribers: $subscribers,
            source: $source,
        },)*];
    };
}

const SYS: &str = "/sys/{product_key}/{device_name}/";

fn strip_sys(pattern: &str) -> Option<&str> {
    pattern.strip_prefix(SYS).filter(|tail| !tail.contains('{'))
}

channels! {
    /// A device posts properties.
    PropertyPost Report DEVICE CLOUD SEED "/sys/{product_key}/{device_name}/thing/event/property/post";
    /// Confirmation of a property post.
    PropertyPostReply ReportReply CLOUD DEVICE SEED "/sys/{product_key}/{device_name}/thing/event/property/post_reply";
    /// The cloud sets properties.
    PropertySet Set CLOUD DEVICE SEED "/sys/{product_key}/{device_name}/thing/service/property/set";
    /// A device's answer to a set.
    PropertySetReply SetReply DEVICE CLOUD SEED "/sys/{product_key}/{device_name}/thing/service/property/set_reply";
    /// The cloud asks for properties; they are reported by a post.
    PropertyGet Get CLOUD DEVICE SEED "/sys/{product_key}/{device_name}/thing/service/property/get";
    /// A device's answer to a get, which the cloud ignores.
    PropertyGetReply GetReply DEVICE CLOUD SDK "/sys/{product_key}/{device_name}/thing/service/property/get_reply";
    /// Many values at once.
    BatchPost Pack DEVICE CLOUD SDK "/sys/{product_key}/{device_name}/thing/event/property/batch/post";
    /// Confirmation of a batch.
    BatchPostReply PackReply CLOUD DEVICE SDK "/sys/{product_key}/{device_name}/thing/event/property/batch/post_reply";
    /// Values with times of the past.
    HistoryPost History DEVICE CLOUD SDK "/sys/{product_key}/{device_name}/thing/event/property/history/post";
    /// Confirmation of a history post.
    HistoryPostReply HistoryReply CLOUD DEVICE SDK "/sys/{product_key}/{device_name}/thing/event/property/history/post_reply";
    /// A gateway posts for several devices.
    PackPost Pack DEVICE CLOUD SDK "/sys/{product_key}/{device_name}/thing/event/property/pack/post";
    /// Confirmation of a pack.
    PackPostReply PackReply CLOUD DEVICE SDK "/sys/{product_key}/{device_name}/thing/event/property/pack/post_reply";
    /// A device posts an event.
    EventPost Event DEVICE CLOUD SEED "/sys/{product_key}/{device_name}/thing/event/{identifier}/post";
    /// Confirmation of an event.
    EventPostReply EventReply CLOUD DEVICE SEED "/sys/{product_key}/{device_name}/thing/event/{identifier}/post_reply";
    /// The cloud calls a service and does not wait.
    Service Invoke CLOUD DEVICE SEED "/sys/{product_key}/{device_name}/thing/service/{identifier}";
    /// A device's answer to such a call.
    ServiceReply InvokeReply DEVICE CLOUD SEED "/sys/{product_key}/{device_name}/thing/service/{identifier}_reply";
    /// The cloud calls and waits.
    RrpcRequest Invoke CLOUD DEVICE SEED "/sys/{product_key}/{device_name}/rrpc/request/{message_id}";
    /// A device's answer, in time.
    RrpcResponse InvokeReply DEVICE CLOUD SEED "/sys/{product_key}/{device_name}/rrpc/response/{message_id}";
    /// The same over any topic; the answer goes back on the same one.
    ExtRrpc Invoke BOTH BOTH SDK "/ext/rrpc/{message_id}/{topic#}";
    /// Bytes of the user's own format, up.
    UpRaw Raw DEVICE CLOUD SEED "/sys/{product_key}/{device_name}/thing/model/up_raw";
    /// Confirmation.
    UpRawReply RawReply CLOUD DEVICE SEED "/sys/{product_key}/{device_name}/thing/model/up_raw_reply";
    /// Bytes of the user's own format, down.
    DownRaw Raw CLOUD DEVICE SEED "/sys/{product_key}/{device_name}/thing/model/down_raw";
    /// A device's answer to them.
    DownRawReply RawReply DEVICE CLOUD SEED "/sys/{product_key}/{device_name}/thing/model/down_raw_reply";
    /// A device asks for its desired values.
    DesiredGet DesiredGet DEVICE CLOUD SDK "/sys/{product_key}/{device_name}/thing/property/desired/get";
    /// The desired values.
    DesiredGetReply DesiredGetReply CLOUD DEVICE SDK "/sys/{product_key}/{device_name}/thing/property/desired/get_reply";
    /// A device clears desired values.
    DesiredDelete DesiredDelete DEVICE CLOUD SDK "/sys/{product_key}/{device_name}/thing/property/desired/delete";
    /// Confirmation.
    DesiredDeleteReply DesiredDeleteReply CLOUD DEVICE SDK "/sys/{product_key}/{device_name}/thing/property/desired/delete_reply";
    /// Tags of a device are written.
    TagUpdate Tag DEVICE CLOUD SDK "/sys/{product_key}/{device_name}/thing/deviceinfo/update";
    /// Confirmation.
    TagUpdateReply TagReply CLOUD DEVICE SDK "/sys/{product_key}/{device_name}/thing/deviceinfo/update_reply";
    /// Tags of a device are removed.
    TagDelete Tag DEVICE CLOUD SDK "/sys/{product_key}/{device_name}/thing/deviceinfo/delete";
    /// Confirmation.
    TagDeleteReply TagReply CLOUD DEVICE SDK "/sys/{product_key}/{device_name}/thing/deviceinfo/delete_reply";
    /// A device asks for its thing model.
    TemplateGet Model DEVICE CLOUD SDK "/sys/{product_key}/{device_name}/thing/dsltemplate/get";
    /// The thing model.
    TemplateGetReply ModelReply CLOUD DEVICE SDK "/sys/{product_key}/{device_name}/thing/dsltemplate/get_reply";
    /// A device asks for a part of its thing model.
    TslGet Model DEVICE CLOUD SDK "/sys/{product_key}/{device_name}/thing/dynamicTsl/get";
    /// That part.
    TslGetReply ModelReply CLOUD DEVICE SDK "/sys/{product_key}/{device_name}/thing/dynamicTsl/get_reply";
    /// A device asks for its configuration.
    ConfigGet Config DEVICE CLOUD SDK "/sys/{product_key}/{device_name}/thing/config/get";
    /// The configuration.
    ConfigGetReply ConfigReply CLOUD DEVICE SDK "/sys/{product_key}/{device_name}/thing/config/get_reply";
    /// A configuration is pushed.
    ConfigPush Config CLOUD DEVICE SDK "/sys/{product_key}/{device_name}/thing/config/push";
    /// A device's answer.
    ConfigPushReply ConfigReply DEVICE CLOUD SDK "/sys/{product_key}/{device_name}/thing/config/push_reply";
    /// A device asks what it is to log.
    LogConfigGet Config DEVICE CLOUD SDK "/sys/{product_key}/{device_name}/thing/config/log/get";
    /// What it is to log.
    LogConfigGetReply ConfigReply CLOUD DEVICE SDK "/sys/{product_key}/{device_name}/thing/config/log/get_reply";
    /// What it is to log has changed.
    LogConfigPush Config CLOUD DEVICE SDK "/sys/{product_key}/{device_name}/thing/config/log/push";
    /// Lines of a device's log.
    LogPost Log DEVICE CLOUD SDK "/sys/{product_key}/{device_name}/thing/log/post";
    /// Confirmation.
    LogPostReply LogReply CLOUD DEVICE SDK "/sys/{product_key}/{device_name}/thing/log/post_reply";
    /// How the radio of a device does.
    DiagPost Push DEVICE CLOUD SDK "/sys/{product_key}/{device_name}/_thing/diag/post";
    /// Confirmation.
    DiagPostReply Ack CLOUD DEVICE SDK "/sys/{product_key}/{device_name}/_thing/diag/post_reply";
    /// Notices of the SDK itself.
    SdkService Push DEVICE CLOUD SDK "/sys/{product_key}/{device_name}/_thing/service/post";
    /// Notices of binding to a device's SDK.
    SdkNotify Push CLOUD DEVICE SDK "/sys/{product_key}/{device_name}/_thing/event/notify";
    /// A device forgets whom it is bound to.
    Reset Push DEVICE CLOUD SDK "/sys/{product_key}/{device_name}/thing/reset";
    /// Confirmation.
    ResetReply Ack CLOUD DEVICE SDK "/sys/{product_key}/{device_name}/thing/reset_reply";
    /// A file is announced.
    FileInit Push DEVICE CLOUD SDK "/sys/{product_key}/{device_name}/thing/file/upload/mqtt/init";
    /// Confirmation.
    FileInitReply Ack CLOUD DEVICE SDK "/sys/{product_key}/{device_name}/thing/file/upload/mqtt/init_reply";
    /// A piece of a file, in binary.
    FileSend Raw DEVICE CLOUD SDK "/sys/{product_key}/{device_name}/thing/file/upload/mqtt/send";
    /// Confirmation.
    FileSendReply Ack CLOUD DEVICE SDK "/sys/{product_key}/{device_name}/thing/file/upload/mqtt/send_reply";
    /// A device tells how far a job is.
    JobUpdate Push DEVICE CLOUD SDK "/sys/{product_key}/{device_name}/thing/job/update";
    /// Confirmation.
    JobUpdateReply Ack CLOUD DEVICE SDK "/sys/{product_key}/{device_name}/thing/job/update_reply";
    /// A job waits.
    JobNotify Push CLOUD DEVICE SDK "/sys/{product_key}/{device_name}/thing/job/notify";
    /// A device asks for jobs.
    JobGet Push DEVICE CLOUD SDK "/sys/{product_key}/{device_name}/thing/job/get";
    /// The jobs.
    JobGetReply Ack CLOUD DEVICE SDK "/sys/{product_key}/{device_name}/thing/job/get_reply";
    /// A device is told to fetch its address anew.
    BootstrapNotify Push CLOUD DEVICE SDK "/sys/{product_key}/{device_name}/thing/bootstrap/notify";
    /// Its answer.
    BootstrapNotifyReply Ack DEVICE CLOUD SDK "/sys/{product_key}/{device_name}/thing/bootstrap/notify_reply";
    /// A tunnel to a device is opened or closed.
    TunnelNotify Push CLOUD DEVICE SDK "/sys/{product_key}/{device_name}/secure_tunnel/notify";
    /// A gateway adds sub-devices.
    TopoAdd Topology DEVICE CLOUD SDK "/sys/{product_key}/{device_name}/thing/topo/add";
    /// Confirmation.
    TopoAddReply TopologyReply CLOUD DEVICE SDK "/sys/{product_key}/{device_name}/thing/topo/add_reply";
    /// A gateway removes sub-devices.
    TopoDelete Topology DEVICE CLOUD SDK "/sys/{product_key}/{device_name}/thing/topo/delete";
    /// Confirmation.
    TopoDeleteReply TopologyReply CLOUD DEVICE SDK "/sys/{product_key}/{device_name}/thing/topo/delete_reply";
    /// A gateway asks for its sub-devices.
    TopoGet Topology DEVICE CLOUD SDK "/sys/{product_key}/{device_name}/thing/topo/get";
    /// The list of sub-devices.
    TopoGetReply TopologyReply CLOUD DEVICE SDK "/sys/{product_key}/{device_name}/thing/topo/get_reply";
    /// A gateway is told to add sub-devices.
    TopoAddNotify Topology CLOUD DEVICE SDK "/sys/{product_key}/{device_name}/thing/topo/add/notify";
    /// Its answer.
    TopoAddNotifyReply TopologyReply DEVICE CLOUD SDK "/sys/{product_key}/{device_name}/thing/topo/add/notify_reply";
    /// The platform's list of sub-devices has changed.
    TopoChange Topology CLOUD DEVICE SDK "/sys/{product_key}/{device_name}/thing/topo/change";
    /// The gateway's answer.
    TopoChangeReply TopologyReply DEVICE CLOUD SDK "/sys/{product_key}/{device_name}/thing/topo/change_reply";
    /// Devices that a gateway has found.
    ListFound Topology DEVICE CLOUD SDK "/sys/{product_key}/{device_name}/thing/list/found";
    /// Confirmation.
    ListFoundReply TopologyReply CLOUD DEVICE SDK "/sys/{product_key}/{device_name}/thing/list/found_reply";
    /// A gateway registers sub-devices.
    SubRegister Register DEVICE CLOUD SDK "/sys/{product_key}/{device_name}/thing/sub/register";
    /// Their secrets.
    SubRegisterReply RegisterReply CLOUD DEVICE SDK "/sys/{product_key}/{device_name}/thing/sub/register_reply";
    /// A gateway registers sub-devices with the product's secret.
    ProxyRegister Register DEVICE CLOUD SDK "/sys/{product_key}/{device_name}/thing/proxy/provisioning/product_register";
    /// Their secrets.
    ProxyRegisterReply RegisterReply CLOUD DEVICE SDK "/sys/{product_key}/{device_name}/thing/proxy/provisioning/product_register_reply";
    /// A gateway may take new sub-devices for a while.
    GatewayPermit Topology CLOUD DEVICE SDK "/sys/{product_key}/{device_name}/thing/gateway/permit";
    /// A sub-device is disabled.
    Disable Topology CLOUD DEVICE SDK "/sys/{product_key}/{device_name}/thing/disable";
    /// The gateway's answer.
    DisableReply TopologyReply DEVICE CLOUD SDK "/sys/{product_key}/{device_name}/thing/disable_reply";
    /// A sub-device is enabled.
    Enable Topology CLOUD DEVICE SDK "/sys/{product_key}/{device_name}/thing/enable";
    /// The gateway's answer.
    EnableReply TopologyReply DEVICE CLOUD SDK "/sys/{product_key}/{device_name}/thing/enable_reply";
    /// A sub-device is deleted.
    Delete Topology CLOUD DEVICE SDK "/sys/{product_key}/{device_name}/thing/delete";
    /// The gateway's answer.
    DeleteReply TopologyReply DEVICE CLOUD SDK "/sys/{product_key}/{device_name}/thing/delete_reply";
    /// A sub-device logs in over its gateway.
    CombineLogin Topology DEVICE CLOUD SDK "/ext/session/{product_key}/{device_name}/combine/login";
    /// Confirmation.
    CombineLoginReply TopologyReply CLOUD DEVICE SDK "/ext/session/{product_key}/{device_name}/combine/login_reply";
    /// A sub-device logs out.
    CombineLogout Topology DEVICE CLOUD SDK "/ext/session/{product_key}/{device_name}/combine/logout";
    /// Confirmation.
    CombineLogoutReply TopologyReply CLOUD DEVICE SDK "/ext/session/{product_key}/{device_name}/combine/logout_reply";
    /// Several sub-devices log in.
    CombineBatchLogin Topology DEVICE CLOUD SDK "/ext/session/{product_key}/{device_name}/combine/batch_login";
    /// Confirmation.
    CombineBatchLoginReply TopologyReply CLOUD DEVICE SDK "/ext/session/{product_key}/{device_name}/combine/batch_login_reply";
    /// Several sub-devices log out.
    CombineBatchLogout Topology DEVICE CLOUD SDK "/ext/session/{product_key}/{device_name}/combine/batch_logout";
    /// Confirmation.
    CombineBatchLogoutReply TopologyReply CLOUD DEVICE SDK "/ext/session/{product_key}/{device_name}/combine/batch_logout_reply";
    /// A sub-device was thrown out, or its message refused.
    ExtError Push CLOUD DEVICE SDK "/ext/error/{product_key}/{device_name}";
    /// A device tells its firmware version.
    OtaInform Ota DEVICE CLOUD SDK "/ota/device/inform/{product_key}/{device_name}";
    /// An upgrade waits for a device.
    OtaUpgrade Ota CLOUD DEVICE SDK "/ota/device/upgrade/{product_key}/{device_name}";
    /// How far an upgrade is.
    OtaProgress Ota DEVICE CLOUD SDK "/ota/device/progress/{product_key}/{device_name}";
    /// The older way to ask for an upgrade.
    OtaRequest Ota BOTH BOTH SDK "/ota/device/request/{product_key}/{device_name}";
    /// A device asks for an upgrade.
    FirmwareGet Ota DEVICE CLOUD SDK "/sys/{product_key}/{device_name}/thing/ota/firmware/get";
    /// The upgrade, or none.
    FirmwareGetReply OtaReply CLOUD DEVICE SDK "/sys/{product_key}/{device_name}/thing/ota/firmware/get_reply";
    /// A device writes or reads its shadow.
    ShadowUpdate Shadow DEVICE CLOUD SDK "/shadow/update/{product_key}/{device_name}";
    /// The shadow.
    ShadowGet ShadowReply CLOUD DEVICE SDK "/shadow/get/{product_key}/{device_name}";
    /// A device asks for the time.
    NtpRequest Ntp DEVICE CLOUD SDK "/ext/ntp/{product_key}/{device_name}/request";
    /// The time.
    NtpResponse NtpReply CLOUD DEVICE SDK "/ext/ntp/{product_key}/{device_name}/response";
    /// The secret of a device that registers itself.
    ExtRegister RegisterReply CLOUD DEVICE SDK "/ext/register";
    /// The token of a device that registers itself without a name of its own.
    ExtRegnwl RegisterReply CLOUD DEVICE SDK "/ext/regnwl";
    /// The platform measures the way to a device.
    Probe Ping BOTH BOTH SDK "/ext/network/probe/{message_id}";
    /// To every device of a product.
    Broadcast Push CLOUD DEVICE SDK "/broadcast/{product_key}/{name#}";
    /// An app binds its account.
    AppBind Bind APP CLOUD CHANNEL "/sys/{product_key}/{device_name}/app/up/account/bind";
    /// Confirmation.
    AppBindReply BindReply CLOUD APP CHANNEL "/sys/{product_key}/{device_name}/app/down/account/bind_reply";
    /// An app removes the binding.
    AppUnbind Unbind APP CLOUD CHANNEL "/sys/{product_key}/{device_name}/app/up/account/unbind";
    /// Confirmation.
    AppUnbindReply UnbindReply CLOUD APP CHANNEL "/sys/{product_key}/{device_name}/app/down/account/unbind_reply";
    /// Properties of a bound device have changed.
    AppProperties Report CLOUD APP CHANNEL "/sys/{product_key}/{device_name}/app/down/thing/properties";
    /// A bound device posted an event.
    AppEvents Event CLOUD APP CHANNEL "/sys/{product_key}/{device_name}/app/down/thing/events";
    /// A bound device came or went.
    AppStatus Online CLOUD APP CHANNEL "/sys/{product_key}/{device_name}/app/down/thing/status";
    /// A gateway has added a sub-device, or not.
    AppTopo Topology CLOUD APP CHANNEL "/sys/{product_key}/{device_name}/app/down/thing/topo/add/status";
    /// How far the upgrade of a bound device is.
    AppOta Ota CLOUD APP CHANNEL "/sys/{product_key}/{device_name}/app/down/ota/device/forward";
    /// The answer to a post of the app itself.
    AppPostReply ReportReply CLOUD APP SDK "/sys/{product_key}/{device_name}/app/down/thing/event/property/post_reply";
    /// Bytes of a bound device.
    AppDownRaw Raw CLOUD APP SDK "/sys/{product_key}/{device_name}/app/down/thing/model/down_raw";
    /// The radio of a bound device.
    AppWifiStatus Push CLOUD APP SDK "/sys/{product_key}/{device_name}/app/down/thing/wifi/status/notify";
    /// A bound device found its network.
    AppWifiConnect Push CLOUD APP SDK "/sys/{product_key}/{device_name}/app/down/thing/wifi/connect/event/notify";
    /// Notices of the platform: bound, unbound.
    AppNotify Push CLOUD APP SDK "/sys/{product_key}/{device_name}/app/down/_thing/event/notify";
    /// The outcome of a service that was called over HTTP.
    AppServiceReply InvokeReply CLOUD APP SDK "/sys/{product_key}/{device_name}/app/down/thing/service/invoke/reply";
    /// Any other request of an app.
    AppUp Push APP CLOUD SDK "/sys/{product_key}/{device_name}/app/up/{name#}";
    /// Any other message to an app.
    AppDown Push CLOUD APP SDK "/sys/{product_key}/{device_name}/app/down/{name#}";
    /// A topic of the user's own.
    User Push BOTH BOTH SDK "/{product_key}/{device_name}/user/{suffix#}";
}

impl Channel {
    /// The channel on which a request of this channel is answered; `None` where nothing answers.
    pub const fn reply(self) -> Option<Channel> {
        Some(match self {
            Channel::PropertyPost => Channel::PropertyPostReply,
            Channel::PropertySet => Channel::PropertySetReply,
            Channel::BatchPost => Channel::BatchPostReply,
            Channel::HistoryPost => Channel::HistoryPostReply,
            Channel::PackPost => Channel::PackPostReply,
            Channel::EventPost => Channel::EventPostReply,
            Channel::Service => Channel::ServiceReply,
            Channel::RrpcRequest => Channel::RrpcResponse,
            Channel::ExtRrpc => Channel::ExtRrpc,
            Channel::UpRaw => Channel::UpRawReply,
            Channel::DownRaw => Channel::DownRawReply,
            Channel::DesiredGet => Channel::DesiredGetReply,
            Channel::DesiredDelete => Channel::DesiredDeleteReply,
            Channel::TagUpdate => Channel::TagUpdateReply,
            Channel::TagDelete => Channel::TagDeleteReply,
            Channel::TemplateGet => Channel::TemplateGetReply,
            Channel::TslGet => Channel::TslGetReply,
            Channel::ConfigGet => Channel::ConfigGetReply,
            Channel::ConfigPush => Channel::ConfigPushReply,
            Channel::LogConfigGet => Channel::LogConfigGetReply,
            Channel::LogPost => Channel::LogPostReply,
            Channel::DiagPost => Channel::DiagPostReply,
            Channel::Reset => Channel::ResetReply,
            Channel::FileInit => Channel::FileInitReply,
            Channel::FileSend => Channel::FileSendReply,
            Channel::JobUpdate => Channel::JobUpdateReply,
            Channel::JobGet => Channel::JobGetReply,
            Channel::BootstrapNotify => Channel::BootstrapNotifyReply,
            Channel::TopoAdd => Channel::TopoAddReply,
            Channel::TopoDelete => Channel::TopoDeleteReply,
            Channel::TopoGet => Channel::TopoGetReply,
            Channel::TopoAddNotify => Channel::TopoAddNotifyReply,
            Channel::TopoChange => Channel::TopoChangeReply,
            Channel::ListFound => Channel::ListFoundReply,
            Channel::SubRegister => Channel::SubRegisterReply,
            Channel::ProxyRegister => Channel::ProxyRegisterReply,
            Channel::Disable => Channel::DisableReply,
            Channel::Enable => Channel::EnableReply,
            Channel::Delete => Channel::DeleteReply,
            Channel::CombineLogin => Channel::CombineLoginReply,
            Channel::CombineLogout => Channel::CombineLogoutReply,
            Channel::CombineBatchLogin => Channel::CombineBatchLoginReply,
            Channel::CombineBatchLogout => Channel::CombineBatchLogoutReply,
            Channel::FirmwareGet => Channel::FirmwareGetReply,
            Channel::ShadowUpdate => Channel::ShadowGet,
            Channel::NtpRequest => Channel::NtpResponse,
            Channel::AppBind => Channel::AppBindReply,
            Channel::AppUnbind => Channel::AppUnbindReply,
            _ => return None,
        })
    }

    /// Whether its payload is the user's own format, or binary.
    pub const fn is_raw(self) -> bool {
        matches!(
            self,
            Channel::UpRaw
                | Channel::UpRawReply
                | Channel::DownRaw
                | Channel::DownRawReply
                | Channel::FileSend
                | Channel::User
                | Channel::Broadcast
                | Channel::Probe
                | Channel::AppDownRaw
        )
    }

    /// Whether the platform subscribes it on behalf of a device that says `_ss=1` (help page 197770).
    pub const fn is_subscribed_for(self) -> bool {
        matches!(
            self,
            Channel::PropertyPostReply
                | Channel::EventPostReply
                | Channel::HistoryPostReply
                | Channel::BatchPostReply
                | Channel::PackPostReply
                | Channel::PropertySet
                | Channel::PropertyGet
                | Channel::Service
                | Channel::RrpcRequest
                | Channel::ExtRrpc
                | Channel::UpRawReply
                | Channel::DownRaw
                | Channel::DesiredGetReply
                | Channel::DesiredDeleteReply
                | Channel::TagUpdateReply
                | Channel::TagDeleteReply
                | Channel::TemplateGetReply
                | Channel::TslGetReply
                | Channel::ConfigGetReply
                | Channel::ConfigPush
                | Channel::LogConfigGetReply
                | Channel::LogConfigPush
                | Channel::LogPostReply
                | Channel::TopoAddReply
                | Channel::TopoDeleteReply
                | Channel::TopoGetReply
                | Channel::TopoAddNotify
                | Channel::TopoChange
                | Channel::ListFoundReply
                | Channel::SubRegisterReply
                | Channel::Disable
                | Channel::Enable
                | Channel::Delete
                | Channel::CombineLoginReply
                | Channel::CombineLogoutReply
                | Channel::CombineBatchLoginReply
                | Channel::CombineBatchLogoutReply
                | Channel::ExtError
                | Channel::OtaUpgrade
                | Channel::FirmwareGetReply
                | Channel::ShadowGet
                | Channel::NtpResponse
        )
    }

    /// Whether a role may publish to it.
    pub fn published_by(self, role: Role) -> bool {
        self.spec().is_some_and(|spec| spec.publishers.contains(&role))
    }

    /// Whether a role may subscribe to it.
    pub fn subscribed_by(self, role: Role) -> bool {
        self.spec().is_some_and(|spec| spec.subscribers.contains(&role))
    }

    /// The whole topic; `variable` stands in the variable level of those that have one.
    pub fn topic(self, product: &str, device: &str, variable: &str) -> String {
        let mut out = String::new();
        let mut rest = self.pattern();
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let (name, behind) = after.split_once('}').unwrap_or((after, ""));
            out.push_str(match name {
                "product_key" => product,
                "device_name" => device,
                _ => variable,
            });
            rest = behind;
        }
        out.push_str(rest);
        out
    }

    /// The filter that holds every topic of this channel for one device.
    pub fn filter(self, product: &str, device: &str) -> String {
        let filter = self.topic(product, device, if self.pattern().contains("#}") { "#" } else { "+" });
        // A wildcard takes a whole level, so `{identifier}_reply` cannot be said; and nothing may follow a `#`.
        let end = filter.find('#').map_or(filter.len(), |at| at + 1);
        filter.get(..end).unwrap_or(&filter).replace("+_reply", "+")
    }
}
