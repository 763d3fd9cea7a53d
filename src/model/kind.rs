//! What a message *is*, in terms that hold for every platform.

use crate::base::lang::Text;

/// Which party of a request a kind belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Asks for something; a reply may follow.
    Request,
    /// Answers a request.
    Reply,
    /// Tells something; nobody has to answer.
    Notice,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident $name:literal $part:ident $en:literal $zh:literal;)*) => {
        /// The kind of a message. The names are those of `decode` and `tail` (`INTERFACE.md`, "Small print").
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
        #[repr(u8)]
        pub enum Kind {
            $($(#[$doc])* $variant,)*
        }

        impl Kind {
            /// Every kind, in the order of declaration.
            pub const ALL: &'static [Kind] = &[$(Kind::$variant,)*];

            /// The name used in JSON and in filters.
            pub const fn name(self) -> &'static str {
                match self { $(Kind::$variant => $name,)* }
            }

            /// The name shown to people, short enough for a column.
            pub const fn title(self) -> Text {
                match self { $(Kind::$variant => Text::new($en, $zh),)* }
            }

            /// Whether it asks, answers or tells.
            pub const fn part(self) -> Part {
                match self { $(Kind::$variant => Part::$part,)* }
            }
        }
    };
}

kinds! {
    /// Not a message that the dialect knows.
    #[default]
    Unknown "unknown" Notice "unknown" "未知";
    /// A device reports property values.
    Report "report" Request "report" "属性上报";
    /// The cloud confirms a report.
    ReportReply "report_reply" Reply "report reply" "上报应答";
    /// Properties are to be set.
    Set "set" Request "set" "属性设置";
    /// The outcome of a set.
    SetReply "set_reply" Reply "set reply" "设置应答";
    /// Property values are asked for.
    Get "get" Request "get" "属性获取";
    /// Property values as asked for.
    GetReply "get_reply" Reply "get reply" "获取应答";
    /// Desired values are set.
    DesiredSet "desired_set" Request "desired set" "期望值设置";
    /// The outcome of setting desired values.
    DesiredSetReply "desired_set_reply" Reply "desired set reply" "期望值设置应答";
    /// A device asks for its desired values.
    DesiredGet "desired_get" Request "desired get" "期望值获取";
    /// The desired values of a device.
    DesiredGetReply "desired_get_reply" Reply "desired get reply" "期望值获取应答";
    /// A device clears desired values that it has taken.
    DesiredDelete "desired_delete" Request "desired delete" "期望值删除";
    /// The outcome of clearing desired values.
    DesiredDeleteReply "desired_delete_reply" Reply "desired delete reply" "期望值删除应答";
    /// A device reports an event.
    Event "event" Request "event" "事件上报";
    /// The cloud confirms an event.
    EventReply "event_reply" Reply "event reply" "事件应答";
    /// A service (action) of a device is called.
    Invoke "invoke" Request "invoke" "服务调用";
    /// The outcome of a service call.
    InvokeReply "invoke_reply" Reply "invoke reply" "服务应答";
    /// An account or a device is bound.
    Bind "bind" Request "bind" "绑定";
    /// The outcome of a bind.
    BindReply "bind_reply" Reply "bind reply" "绑定应答";
    /// A binding is removed.
    Unbind "unbind" Request "unbind" "解绑";
    /// The outcome of an unbind.
    UnbindReply "unbind_reply" Reply "unbind reply" "解绑应答";
    /// A subscription inside the application protocol.
    Subscribe "subscribe" Request "subscribe" "订阅";
    /// The outcome of such a subscription.
    SubscribeReply "subscribe_reply" Reply "subscribe reply" "订阅应答";
    /// The end of such a subscription.
    Unsubscribe "unsubscribe" Request "unsubscribe" "取消订阅";
    /// The outcome of ending it.
    UnsubscribeReply "unsubscribe_reply" Reply "unsubscribe reply" "取消订阅应答";
    /// A push of the platform that is nothing more specific.
    Push "push" Notice "push" "推送";
    /// A device came online or went offline.
    Online "online" Notice "online state" "上下线";
    /// A bare acknowledgement.
    Ack "ack" Reply "ack" "确认";
    /// Firmware upgrade.
    Ota "ota" Notice "ota" "固件升级";
    /// The answer to a firmware message.
    OtaReply "ota_reply" Reply "ota reply" "固件升级应答";
    /// Remote configuration.
    Config "config" Notice "config" "远程配置";
    /// The configuration as asked for, or the answer to a pushed one.
    ConfigReply "config_reply" Reply "config reply" "远程配置应答";
    /// Gateway topology: sub-devices added, removed, listed, logged in or out.
    Topology "topology" Request "topology" "拓扑";
    /// The answer to a topology request.
    TopologyReply "topology_reply" Reply "topology reply" "拓扑应答";
    /// Many values or events in one message.
    Pack "pack" Request "pack post" "打包上报";
    /// The answer to a pack.
    PackReply "pack_reply" Reply "pack reply" "打包应答";
    /// Values with times of the past.
    History "history" Request "history post" "历史上报";
    /// The answer to a history post.
    HistoryReply "history_reply" Reply "history reply" "历史应答";
    /// Bytes of the user's own format.
    Raw "raw" Request "raw" "透传";
    /// The answer to raw bytes.
    RawReply "raw_reply" Reply "raw reply" "透传应答";
    /// A log line of a device, or what a device is to log.
    Log "log" Notice "log" "日志";
    /// A device confirms what it is to log.
    LogReply "log_reply" Reply "log reply" "日志设置应答";
    /// Tags of a device are written or removed.
    Tag "tag" Request "tag" "标签";
    /// Confirmation of that.
    TagReply "tag_reply" Reply "tag reply" "标签应答";
    /// A device asks for its thing model.
    Model "model" Request "model" "物模型";
    /// The thing model.
    ModelReply "model_reply" Reply "model reply" "物模型应答";
    /// Device shadow.
    Shadow "shadow" Notice "shadow" "影子";
    /// Answer to that.
    ShadowReply "shadow_reply" Reply "shadow reply" "影子应答";
    /// Network time.
    Ntp "ntp" Notice "ntp" "对时";
    /// The time as asked for.
    NtpReply "ntp_reply" Reply "ntp reply" "对时应答";
    /// Registration of a device or an account.
    Register "register" Request "register" "注册";
    /// The outcome of a registration.
    RegisterReply "register_reply" Reply "register reply" "注册应答";
    /// The devices of an account are asked for.
    List "list" Request "list" "设备列表";
    /// The devices of an account.
    ListReply "list_reply" Reply "list reply" "设备列表应答";
    /// A control packet of the protocol below the messages.
    Packet "packet" Notice "packet" "控制报文";
    /// Keep-alive question of the application protocol.
    Ping "ping" Request "ping" "心跳";
    /// Keep-alive answer.
    Pong "pong" Reply "pong" "心跳应答";
}

impl Kind {
    /// Reads the name used in JSON and in filters.
    pub fn parse(name: &str) -> Option<Kind> {
        Kind::ALL.iter().copied().find(|kind| kind.name() == name)
    }

    /// Whether messages of this kind answer a request.
    pub const fn is_reply(self) -> bool {
        matches!(self.part(), Part::Reply)
    }
}
