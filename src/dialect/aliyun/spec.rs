//! The platform in data: fields, operations, endpoints, roster tables.

use std::time::Duration;

use crate::base::lang::Text;
use crate::dialect::aliyun::{codes, sign, topic};
use crate::dialect::spec::{field, for_signing, secret, with_default};
use crate::dialect::{BackOff, EndpointSpec, FieldSpec, FieldType, OperationSpec, RoleSpec, RosterTable, Spec};
use crate::model::{Kind, OpKind, Role};

/// How long a device or an app waits for the cloud; the documents name no time.
pub const CLOUD_TIMEOUT: Duration = Duration::from_secs(5);

const PRODUCT_KEY: FieldSpec = field(
    "product_key",
    FieldType::Text,
    Text::new("Product key, from the product's page", "ProductKey，见产品详情页"),
);
const DEVICE_NAME: FieldSpec =
    field("device_name", FieldType::Text, Text::new("Device name, from the device's page", "DeviceName，见设备详情页"));
const DEVICE_SECRET: FieldSpec =
    secret("device_secret", Text::new("Device secret, from the device's page", "DeviceSecret，见设备详情页"));
const CLIENT_ID: FieldSpec = field(
    "client_id",
    FieldType::Text,
    Text::new(
        "The part of the client id before the first |; MAC or serial number are advised",
        "clientId 中第一个 | 之前的部分，建议用 MAC 或 SN",
    ),
);
const SIGN_METHOD: FieldSpec =
    field("sign_method", FieldType::Choice(sign::METHODS), Text::new("Digest of the signature", "签名算法 signmethod"));
const REGION: FieldSpec = with_default(
    field(
        "region",
        FieldType::Text,
        Text::new("Region of the instance, for the address", "实例所在地域，用于拼接接入地址"),
    ),
    "cn-shanghai",
);
const TIMESTAMP: FieldSpec = field(
    "timestamp",
    FieldType::Text,
    Text::new("now, none, or milliseconds; only salt", "now、none 或毫秒数，仅做混淆"),
);
const SECURE_MODE: FieldSpec = field(
    "secure_mode",
    FieldType::Choice(&["2", "3"]),
    Text::new(
        "2 for TLS, 3 for plain TCP; what the address says where it is not given",
        "2 为 TLS 直连，3 为 TCP 直连；不填则由地址决定",
    ),
);
const EXT_PARAMS: FieldSpec = field(
    "ext_params",
    FieldType::Text,
    Text::new(
        "Further extension parameters, such as _ss=1,ext=1,_v=1.0,lan=C",
        "其它扩展参数，例如 _ss=1,ext=1,_v=1.0,lan=C",
    ),
);
const PRODUCT_SECRET: FieldSpec = for_signing(secret(
    "product_secret",
    Text::new("Product secret, to register a device dynamically", "ProductSecret，用于动态注册"),
));
const RANDOM: FieldSpec = for_signing(field(
    "random",
    FieldType::Text,
    Text::new("Random text of a dynamic registration", "动态注册使用的随机串 random"),
));

static DEVICE_IDENTITY: [FieldSpec; 12] = [
    PRODUCT_KEY,
    DEVICE_NAME,
    DEVICE_SECRET,
    CLIENT_ID,
    with_default(SIGN_METHOD, sign::METHOD),
    SECURE_MODE,
    with_default(TIMESTAMP, "now"),
    REGION,
    EXT_PARAMS,
    with_default(
        field(
            "keep_alive_window",
            FieldType::Choice(&["now", "2018"]),
            Text::new(
                "Which window of keep-alive to judge by: now (30–1200 s) or that of 2018 (60–300 s)",
                "按哪个 KeepAlive 范围判断：now（30–1200 秒）或 2018（60–300 秒）",
            ),
        ),
        "now",
    ),
    PRODUCT_SECRET,
    RANDOM,
];

static APP_IDENTITY: [FieldSpec; 11] = [
    PRODUCT_KEY,
    DEVICE_NAME,
    DEVICE_SECRET,
    CLIENT_ID,
    with_default(SIGN_METHOD, "hmacsha1"),
    secret(
        "iot_token",
        Text::new("iotToken of the account that is bound to this channel", "绑定到此通道的账号的 iotToken"),
    ),
    SECURE_MODE,
    with_default(TIMESTAMP, "none"),
    REGION,
    EXT_PARAMS,
    with_default(
        field(
            "bind",
            FieldType::Choice(&["auto", "no"]),
            Text::new("Whether to bind the account right after the login", "登录后是否自动绑定账号"),
        ),
        "auto",
    ),
];

static APP_DEVICE: [FieldSpec; 2] = [PRODUCT_KEY, DEVICE_NAME];

const fn operation(op: OpKind, reply: Option<Kind>, help: Text) -> OperationSpec {
    OperationSpec { op, reply, timeout: CLOUD_TIMEOUT, help }
}

static APP_OPERATIONS: [OperationSpec; 2] = [
    operation(
        OpKind::Bind,
        Some(Kind::BindReply),
        Text::new(
            "Binds the account of an iotToken to this channel; pushes begin with it",
            "将 iotToken 对应账号绑定到此通道，绑定后才有推送",
        ),
    ),
    operation(OpKind::Unbind, Some(Kind::UnbindReply), Text::new("Removes the binding", "解除通道与账号的绑定")),
];

static DEVICE_OPERATIONS: [OperationSpec; 15] = [
    operation(
        OpKind::Report,
        Some(Kind::ReportReply),
        Text::new("Posts property values on event/property/post", "在 event/property/post 上报属性"),
    ),
    operation(
        OpKind::Event,
        Some(Kind::EventReply),
        Text::new("Posts an event on event/{identifier}/post", "在 event/{identifier}/post 上报事件"),
    ),
    operation(
        OpKind::Raw,
        Some(Kind::RawReply),
        Text::new("Sends bytes on model/up_raw", "在 model/up_raw 上透传数据"),
    ),
    operation(OpKind::DesiredGet, Some(Kind::DesiredGetReply), Text::new("Asks for desired values", "获取期望值")),
    operation(
        OpKind::DesiredDelete,
        Some(Kind::DesiredDeleteReply),
        Text::new("Clears desired values, of any version or of the one given", "清除期望值，可指定版本"),
    ),
    operation(
        OpKind::Pack,
        Some(Kind::PackReply),
        Text::new("Posts for several devices at once", "打包上报多个设备的属性和事件"),
    ),
    operation(
        OpKind::History,
        Some(Kind::HistoryReply),
        Text::new("Posts values with times of the past", "上报历史数据"),
    ),
    operation(
        OpKind::Topology,
        Some(Kind::TopologyReply),
        Text::new(
            "Gateway: add, delete, get, found, login or logout of a sub-device",
            "网关：子设备的添加、删除、查询、发现、上线、下线",
        ),
    ),
    operation(
        OpKind::Register,
        Some(Kind::RegisterReply),
        Text::new("Gateway: registers a sub-device and gets its secret", "网关：注册子设备并获取其密钥"),
    ),
    operation(
        OpKind::Tag,
        Some(Kind::TagReply),
        Text::new("Writes (update) or removes (delete) tags", "更新（update）或删除（delete）标签"),
    ),
    operation(OpKind::Config, Some(Kind::ConfigReply), Text::new("Asks for the remote configuration", "获取远程配置")),
    operation(
        OpKind::Ota,
        None,
        Text::new(
            "Tells the firmware version, the progress of an upgrade, or asks for one (get)",
            "上报固件版本（version）、升级进度（progress）或查询升级包（get）",
        ),
    ),
    operation(
        OpKind::Shadow,
        Some(Kind::ShadowReply),
        Text::new("Writes, reads or clears the shadow", "更新、获取或删除设备影子"),
    ),
    operation(OpKind::Ntp, Some(Kind::NtpReply), Text::new("Asks for the time", "NTP 对时")),
    operation(OpKind::Log, Some(Kind::LogReply), Text::new("Posts a line of the device's log", "上报设备日志")),
];

static ROLES: [RoleSpec; 2] = [
    RoleSpec {
        role: Role::App,
        identity: &APP_IDENTITY,
        device: &APP_DEVICE,
        server: None,
        operations: &APP_OPERATIONS,
        back_off: BackOff::Doubling,
        refusals: &[],
    },
    RoleSpec {
        role: Role::Device,
        identity: &DEVICE_IDENTITY,
        device: &[],
        server: None,
        operations: &DEVICE_OPERATIONS,
        back_off: BackOff::Doubling,
        refusals: &["460", "400", "429", "100000"],
    },
];

/// The listener of apps and devices alike.
pub const ENDPOINT: &str = "aliyun";

static ENDPOINTS: [EndpointSpec; 1] =
    [EndpointSpec { name: ENDPOINT, roles: &[Role::App, Role::Device], scheme: "mqtt", port: 21884, path: "" }];

static ROSTER: [RosterTable; 3] = [
    RosterTable { name: "product", required: &["product_key"], optional: &["product_secret", "model"], lists: &[] },
    RosterTable {
        name: "device",
        required: &["product_key", "device_name", "device_secret"],
        optional: &["model"],
        lists: &[],
    },
    RosterTable {
        name: "app",
        required: &["product_key", "device_name", "device_secret"],
        optional: &["iot_tokens", "devices"],
        lists: &["iot_tokens", "devices"],
    },
];

/// The platform in data.
pub static SPEC: Spec = Spec {
    name: "aliyun",
    aliases: &["alink"],
    title: Text::new("Aliyun IoT", "阿里云 IoT"),
    example: "report Power=true --product-key pk --device-name lamp",
    roles: &ROLES,
    endpoints: &ENDPOINTS,
    roster: &ROSTER,
    topics: topic::TOPICS,
    codes: codes::CODES,
    operator: &[OpKind::Set, OpKind::Get, OpKind::Invoke, OpKind::DesiredSet, OpKind::Raw, OpKind::Config, OpKind::Ota],
};
