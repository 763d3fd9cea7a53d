//! The platform in data: fields, operations, endpoints, roster tables.

use std::time::Duration;

use crate::base::lang::Text;
use crate::dialect::gizwits::{codes, plan, topic};
use crate::dialect::spec::{field, for_signing, operation, secret};
use crate::dialect::{BackOff, EndpointSpec, FieldSpec, FieldType, OperationSpec, RoleSpec, RosterTable, Spec};
use crate::model::{Kind, OpKind, Role};

/// How long an app waits for a device. No document names a time: clients wait 3 s for an acknowledgement, and the module
/// template spaces its reports by up to 6 s.
pub const DEVICE_TIMEOUT: Duration = Duration::from_secs(8);
/// How long a call over HTTP may take.
pub const HTTP_TIMEOUT: Duration = Duration::from_secs(10);

const API: FieldSpec = FieldSpec {
    default: Some(plan::API),
    ..field(
        "api",
        FieldType::Text,
        Text::new(
            "Address of the HTTP API; tells the address of the M2M server",
            "HTTP API 地址，M2M 服务器地址由它返回",
        ),
    )
};
const PRODUCT_KEY: FieldSpec =
    field("product_key", FieldType::Text, Text::new("Product key, 32 hex digits", "product_key，32 位十六进制"));
const DID: FieldSpec = field("did", FieldType::Text, Text::new("Device id, 22 characters", "设备 did，22 个字符"));
const MAC: FieldSpec =
    field("mac", FieldType::Text, Text::new("MAC address without separators", "设备 MAC 地址，不带分隔符"));
const PASSCODE: FieldSpec =
    secret("passcode", Text::new("Passcode, made by the device at registration", "passcode，设备注册时生成"));
const MODEL: FieldSpec = field(
    "model",
    FieldType::Path,
    Text::new("File with the product's data point definition (JSON)", "产品数据点定义文件（JSON）"),
);
const PRODUCT_SECRET: FieldSpec = secret(
    "product_secret",
    Text::new("Product secret, to bind by MAC (X-Gizwits-Signature)", "product_secret，按 MAC 绑定时签名用"),
);

static APP_IDENTITY: [FieldSpec; 12] = [
    field("appid", FieldType::Text, Text::new("Application id, from the application's page", "appid，见应用详情页")),
    field("uid", FieldType::Text, Text::new("User id, together with token", "用户 uid，与 token 一起填写")),
    secret("token", Text::new("User token instead of a login over HTTP", "用户 token，代替 HTTP 登录")),
    field(
        "username",
        FieldType::Text,
        Text::new("Name, e-mail or phone number, for login over HTTP", "用户名、邮箱或手机号，用于 HTTP 登录"),
    ),
    secret("password", Text::new("Password, for login over HTTP", "密码，用于 HTTP 登录")),
    field(
        "anonymous",
        FieldType::Bool,
        Text::new("Log in as an anonymous user over HTTP", "以匿名用户身份经 HTTP 登录"),
    ),
    field(
        "phone_id",
        FieldType::Text,
        Text::new(
            "What an anonymous user is known by; made up where not given",
            "匿名用户的标识 phone_id，不填则随机生成",
        ),
    ),
    API,
    PRODUCT_SECRET,
    for_signing(secret(
        "app_secret",
        Text::new("Application secret, for X-Gizwits-Application-Auth", "appsecret，用于 X-Gizwits-Application-Auth"),
    )),
    for_signing(field(
        "timestamp",
        FieldType::Integer,
        Text::new("X-Gizwits-Timestamp in Unix seconds [default: now]", "X-Gizwits-Timestamp（Unix 秒），默认当前时间"),
    )),
    for_signing(field(
        "client_id",
        FieldType::Text,
        Text::new("AppClientId: usr and up to 20 letters and digits", "AppClientId：usr 加至多 20 个字母数字"),
    )),
];

static APP_DEVICE: [FieldSpec; 5] = [DID, PRODUCT_KEY, MODEL, MAC, PASSCODE];

static DEVICE_IDENTITY: [FieldSpec; 7] = [
    DID,
    PASSCODE,
    PRODUCT_KEY,
    MAC,
    secret(
        "auth_key",
        Text::new(
            "Key of the newer login (sha256) instead of the passcode",
            "新登录方式（sha256）的 auth_key，代替 passcode",
        ),
    ),
    API,
    for_signing(field(
        "nonce",
        FieldType::Text,
        Text::new("signnonce of the newer login, 10 capitals", "新登录方式的 signnonce，10 个大写字母"),
    )),
];

static DEVICE_DEVICE: [FieldSpec; 1] = [MODEL];

static APP_OPERATIONS: [OperationSpec; 8] = [
    operation(
        OpKind::Set,
        None,
        DEVICE_TIMEOUT,
        Text::new(
            "Controls data points (0x0090); a later report shows the effect. With an acknowledgement 0x0093, answered by 0x0094",
            "控制数据点（0x0090），以随后的上报为准；带 ACK 时用 0x0093，设备以 0x0094 应答",
        ),
    ),
    operation(
        OpKind::Get,
        Some(Kind::GetReply),
        DEVICE_TIMEOUT,
        Text::new(
            "Queries the state (0x0090 action 02), answered by 0x0091 action 03. With an acknowledgement 0x0093 and 0x0094",
            "查询状态（0x0090 动作 02），设备以 0x0091 动作 03 应答；带 ACK 时用 0x0093、0x0094",
        ),
    ),
    operation(
        OpKind::Raw,
        None,
        DEVICE_TIMEOUT,
        Text::new("Sends bytes through to the device (action 05)", "透传数据到设备（动作 05）"),
    ),
    operation(
        OpKind::Log,
        Some(Kind::LogReply),
        DEVICE_TIMEOUT,
        Text::new(
            "Sets log level and LED switches (0x0010): bits=0x0105, or bit0=true …; answered by 0x0011",
            "设置日志级别与指示灯开关（0x0010）：bits=0x0105，或 bit0=true …；设备以 0x0011 确认",
        ),
    ),
    operation(
        OpKind::List,
        Some(Kind::ListReply),
        HTTP_TIMEOUT,
        Text::new("Lists the bound devices (GET /app/bindings)", "获取绑定列表（GET /app/bindings）"),
    ),
    operation(
        OpKind::Bind,
        Some(Kind::BindReply),
        HTTP_TIMEOUT,
        Text::new(
            "Binds a device: did=… passcode=… (POST /app/bindings), or mac=… product_key=… (POST /app/bind_mac)",
            "绑定设备：did=… passcode=…（POST /app/bindings），或 mac=… product_key=…（POST /app/bind_mac）",
        ),
    ),
    operation(
        OpKind::Unbind,
        Some(Kind::UnbindReply),
        HTTP_TIMEOUT,
        Text::new("Unbinds a device (DELETE /app/bindings)", "解绑设备（DELETE /app/bindings）"),
    ),
    operation(
        OpKind::Register,
        Some(Kind::RegisterReply),
        HTTP_TIMEOUT,
        Text::new(
            "Registers a user (POST /app/users): username=… password=…, or phone_id=… for an anonymous one",
            "注册用户（POST /app/users）：username=… password=…，匿名用户填 phone_id=…",
        ),
    ),
];

static DEVICE_OPERATIONS: [OperationSpec; 4] = [
    operation(
        OpKind::Report,
        None,
        DEVICE_TIMEOUT,
        Text::new(
            "Reports data points to every app (0x0091 action 04). With an acknowledgement 0x0093, answered by 0x0094",
            "向所有应用上报数据点（0x0091 动作 04）；带 ACK 时用 0x0093，应用以 0x0094 应答",
        ),
    ),
    operation(
        OpKind::Raw,
        None,
        DEVICE_TIMEOUT,
        Text::new("Sends bytes through to the apps (action 06)", "透传数据到应用（动作 06）"),
    ),
    operation(
        OpKind::Log,
        None,
        DEVICE_TIMEOUT,
        Text::new(
            "Writes a log line (0x0012): level=1|2|3 tag=… source=… content=…",
            "发送日志（0x0012）：level=1|2|3 tag=… source=… content=…",
        ),
    ),
    operation(
        OpKind::Register,
        Some(Kind::RegisterReply),
        HTTP_TIMEOUT,
        Text::new(
            "Registers the device anew (POST /dev/devices), or asks for its server: register provision",
            "重新注册设备（POST /dev/devices）；register provision 查询其服务器地址",
        ),
    ),
];

/// The wait between attempts: 0, 10, 20, 30 … s (App与云端通讯 v4.0.4, section 4.6); GAgent adds 10 s each time as well. The
/// document sets no end to it.
const BACK_OFF: BackOff = BackOff::Growing { by: Duration::from_secs(10), longest: Duration::from_secs(600) };

static ROLES: [RoleSpec; 2] = [
    RoleSpec {
        role: Role::App,
        identity: &APP_IDENTITY,
        device: &APP_DEVICE,
        server: Some(plan::SERVER),
        operations: &APP_OPERATIONS,
        back_off: BACK_OFF,
        refusals: &[],
    },
    RoleSpec {
        role: Role::Device,
        identity: &DEVICE_IDENTITY,
        device: &DEVICE_DEVICE,
        server: Some(plan::SERVER),
        operations: &DEVICE_OPERATIONS,
        back_off: BACK_OFF,
        refusals: &[],
    },
];

/// The listener of the M2M server, for apps and devices.
pub const MQTT_ENDPOINT: &str = "gizwits";
/// The listener of the HTTP API.
pub const HTTP_ENDPOINT: &str = "gizwits-http";
/// Where the simulated M2M server listens by default.
pub const MQTT_PORT: u16 = 22883;
/// Where the simulated HTTP API listens by default.
pub const HTTP_PORT: u16 = 22880;

static ROSTER: [RosterTable; 4] = [
    RosterTable { name: "app", required: &["appid"], optional: &["app_secret"], lists: &[] },
    RosterTable { name: "user", required: &["appid", "username", "password"], optional: &["uid", "token"], lists: &[] },
    RosterTable {
        name: "product",
        required: &["product_key"],
        optional: &["product_secret", "name", "model"],
        lists: &[],
    },
    RosterTable {
        name: "device",
        required: &["did", "passcode", "product_key", "mac"],
        optional: &["auth_key", "model", "bound_to"],
        lists: &["bound_to"],
    },
];

/// The platform in data.
pub static SPEC: Spec = Spec {
    name: "gizwits",
    aliases: &[],
    title: Text::new("Gizwits", "机智云"),
    example: "raw 0102 --did d1",
    roles: &ROLES,
    endpoints: &ENDPOINTS,
    roster: &ROSTER,
    topics: topic::TOPICS,
    codes: codes::CODES,
    operator: &[OpKind::Set, OpKind::Get, OpKind::Raw, OpKind::Log, OpKind::Ota],
};

static ENDPOINTS: [EndpointSpec; 2] = [
    EndpointSpec { name: MQTT_ENDPOINT, roles: BOTH, scheme: "mqtt", port: MQTT_PORT, path: "" },
    EndpointSpec { name: HTTP_ENDPOINT, roles: BOTH, scheme: "http", port: HTTP_PORT, path: "" },
];

const BOTH: &[Role] = &[Role::App, Role::Device];
