//! What a person or a script asks iotdbg to do on a platform, before a dialect turns it into bytes.

use serde_json::{Map, Value};

use crate::base::lang::Text;

macro_rules! operations {
    ($($(#[$doc:meta])* $variant:ident $name:literal $en:literal $zh:literal;)*) => {
        /// An operation. Which ones a dialect and role has is told by its `Spec`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum OpKind {
            $($(#[$doc])* $variant,)*
        }

        impl OpKind {
            /// Every operation, in the order in which lists show them.
            pub const ALL: &'static [OpKind] = &[$(OpKind::$variant,)*];

            /// The name used on the command line, in JSON and in saved requests.
            pub const fn name(self) -> &'static str {
                match self { $(OpKind::$variant => $name,)* }
            }

            /// The name shown to people.
            pub const fn title(self) -> Text {
                match self { $(OpKind::$variant => Text::new($en, $zh),)* }
            }
        }
    };
}

operations! {
    /// Set properties of a device (`params`).
    Set "set" "Set properties" "设置属性";
    /// Ask for property values (`identifiers`).
    Get "get" "Get properties" "获取属性";
    /// Set desired values (`params`).
    DesiredSet "desired" "Set desired values" "设置期望值";
    /// Ask for desired values (`identifiers`).
    DesiredGet "desired-get" "Get desired values" "获取期望值";
    /// Clear desired values (`params`: identifier → version or null).
    DesiredDelete "desired-delete" "Delete desired values" "删除期望值";
    /// Report property values (`params`).
    Report "report" "Report properties" "上报属性";
    /// Report an event (`name`, `params`).
    Event "event" "Report an event" "上报事件";
    /// Call a service (`name`, `params`).
    Invoke "invoke" "Call a service" "调用服务";
    /// Bind an account or a device.
    Bind "bind" "Bind" "绑定";
    /// Remove a binding.
    Unbind "unbind" "Unbind" "解绑";
    /// Subscribe inside the application protocol (`name`, `params`).
    Subscribe "subscribe" "Subscribe" "订阅";
    /// End such a subscription (`name`, `params`, as it was subscribed).
    Unsubscribe "unsubscribe" "Unsubscribe" "取消订阅";
    /// Send bytes of the user's own format (`raw`).
    Raw "raw" "Send raw data" "透传数据";
    /// Post several devices' values and events at once (`params`, as the platform writes them).
    Pack "pack" "Pack post" "打包上报";
    /// Post values with times of the past (`params`, as the platform writes them).
    History "history" "History post" "历史上报";
    /// Gateway topology (`name`: the action; `params`, as the platform writes them).
    Topology "topology" "Topology" "拓扑管理";
    /// Firmware: a device tells its version (`name` = `version`; `params`: `version`, perhaps `module`) or how far an
    /// upgrade has come (`name` = `progress`; `params`: `step` as a number, 0 to 100, or from -1 for a failure, `desc`,
    /// perhaps `module`). Received by a device: an upgrade waits for it (`params`: `version`, perhaps `module` …).
    Ota "ota" "Firmware upgrade" "固件升级";
    /// Remote configuration: a device asks for it. Received by a device: it is pushed (`params`).
    Config "config" "Remote configuration" "远程配置";
    /// Tags of a device (`name`: `update` or `delete`; `params`: key → value).
    Tag "tag" "Device tags" "设备标签";
    /// Device shadow (`name`: `update`, `get` or `delete`; `params`: reported values).
    Shadow "shadow" "Device shadow" "设备影子";
    /// A device asks for the time.
    Ntp "ntp" "Time synchronization" "时间同步";
    /// List the devices that an account sees.
    List "list" "List devices" "设备列表";
    /// Register an account or a device with the platform (`name`: what, where there are several; `params`).
    Register "register" "Register" "注册";
    /// A device writes a log line (`params`: `level`, `tag`, `source`, `content`); an app says what a device logs
    /// (`params`, as the platform names the switches).
    Log "log" "Device log" "设备日志";
}

impl OpKind {
    /// Reads the name used on the command line, or that of the message it makes (`desired_get`, `desired_set`).
    pub fn parse(name: &str) -> Option<OpKind> {
        let name = name.replace('_', "-");
        let name = if name == "desired-set" { OpKind::DesiredSet.name() } else { &name };
        OpKind::ALL.iter().copied().find(|op| op.name() == name)
    }
}

/// An operation with its arguments.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// What to do.
    pub op: OpKind,
    /// The device it is about, as the platform names it, where the connection knows several; `None` means the only one.
    pub device: Option<String>,
    /// The event, service or action.
    pub name: Option<String>,
    /// Values by identifier, as bare JSON values.
    pub params: Map<String, Value>,
    /// Identifiers asked for.
    pub identifiers: Vec<String>,
    /// Bytes, for [`OpKind::Raw`].
    pub raw: Vec<u8>,
    /// Whether the peer is asked to acknowledge, where the platform leaves the choice. Without effect elsewhere.
    pub ack: bool,
}

impl Request {
    /// An operation without arguments.
    pub fn new(op: OpKind) -> Self {
        Request {
            op,
            device: None,
            name: None,
            params: Map::new(),
            identifiers: Vec::new(),
            raw: Vec::new(),
            ack: false,
        }
    }
}
