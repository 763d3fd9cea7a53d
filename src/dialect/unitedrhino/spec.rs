//! The platform in data: fields, operations, endpoints, roster tables.

use crate::base::lang::Text;
use crate::dialect::spec::{field, for_signing, operation, secret, with_default};
use crate::dialect::unitedrhino::write::{APP_TIMEOUT, CLOUD_TIMEOUT};
use crate::dialect::unitedrhino::{codes, sign, topic};
use crate::dialect::{BackOff, EndpointSpec, FieldSpec, FieldType, OperationSpec, RoleSpec, RosterTable, Spec};
use crate::model::{Kind, OpKind, Role};

/// What an app subscribes of each device where the profile does not say.
pub const CODES: &str = "devicePropertyReportV2,deviceConn,deviceEventReport,deviceActionReport,deviceOtaReport";
/// The listener of devices.
pub const MQTT: &str = "unitedrhino";
/// The listener of apps: WebSocket and HTTP.
pub const WEBSOCKET: &str = "unitedrhino-ws";
/// Where apps upgrade to a WebSocket (page "websocket开发").
pub const CONNECT_PATH: &str = "/api/v1/system/common/websocket/connect";

const PRODUCT_ID: FieldSpec = field(
    "product_id",
    FieldType::Text,
    Text::new("Product id, from the product's page", "产品 ID（productID），见产品详情"),
);
const DEVICE_NAME: FieldSpec = field(
    "device_name",
    FieldType::Text,
    Text::new("Device name, from the device's page", "设备名称（deviceName），见设备详情"),
);

static DEVICE_IDENTITY: [FieldSpec; 10] = [
    PRODUCT_ID,
    DEVICE_NAME,
    secret(
        "device_secret",
        Text::new("Device secret (base64), from the device's page", "设备密钥（base64），见设备详情"),
    ),
    with_default(
        field(
            "sign_method",
            FieldType::Choice(sign::METHODS),
            Text::new("Digest, named at the end of the password", "签名算法，写在 password 末尾"),
        ),
        sign::METHOD,
    ),
    for_signing(field(
        "connid",
        FieldType::Text,
        Text::new("Random text of this connection; chosen where not given", "本次连接的随机串，不填则自动生成"),
    )),
    for_signing(field(
        "expires_at",
        FieldType::Integer,
        Text::new(
            "Expiry in Unix seconds; ten days from now where not given; the server does not check it",
            "过期时间（Unix 秒），默认十天后；服务器并不检查",
        ),
    )),
    for_signing(with_default(
        field("sdk_app_id", FieldType::Text, Text::new("A constant that is not checked", "固定常量，服务器不检查")),
        sign::SDK_APP_ID,
    )),
    for_signing(field(
        "legacy",
        FieldType::Bool,
        Text::new("Client id without &, as older devices have it", "clientID 不含 &（旧版设备）"),
    )),
    for_signing(secret(
        "product_secret",
        Text::new("Product secret, to register a device dynamically", "产品密钥，用于动态注册"),
    )),
    for_signing(field(
        "nonce",
        FieldType::Integer,
        Text::new("Random number of a dynamic registration", "动态注册使用的随机数 nonce"),
    )),
];

static APP_IDENTITY: [FieldSpec; 10] = [
    secret(
        "token",
        Text::new("Token of the user; not needed beside account and password", "用户 token；填写账号与密码时可不填"),
    ),
    field("account", FieldType::Text, Text::new("Account, to log in over HTTP", "账号，用于 HTTP 登录")),
    secret("password", Text::new("Password of the account", "账号密码")),
    field("app_code", FieldType::Text, Text::new("The app that the user is in (app-code)", "用户所在应用（app-code）")),
    field("project_id", FieldType::Text, Text::new("The project (project-id)", "项目（project-id）")),
    with_default(
        field("tenant_code", FieldType::Text, Text::new("The tenant (tenant-code)", "租户（tenant-code）")),
        "default",
    ),
    field(
        "api",
        FieldType::Text,
        Text::new(
            "Address of the HTTP API where it is not that of the WebSocket, such as https://host:7777",
            "HTTP API 地址，与 WebSocket 不同时填写，例如 https://host:7777",
        ),
    ),
    with_default(
        field(
            "auth",
            FieldType::Choice(&["header", "query"]),
            Text::new("Where the token stands: in header fields or in the address", "token 放在请求头还是地址参数中"),
        ),
        "header",
    ),
    with_default(
        field(
            "codes",
            FieldType::Text,
            Text::new(
                "The codes that are subscribed for each device, or none",
                "为每个设备订阅的 code，none 表示不订阅",
            ),
        ),
        CODES,
    ),
    with_default(
        field(
            "scope",
            FieldType::Choice(&["device", "project"]),
            Text::new("Whether devices one by one or the whole project are subscribed", "按设备订阅，或订阅整个项目"),
        ),
        "device",
    ),
];

static APP_DEVICE: [FieldSpec; 2] = [PRODUCT_ID, DEVICE_NAME];

static APP_OPERATIONS: [OperationSpec; 5] = [
    operation(
        OpKind::Set,
        Some(Kind::SetReply),
        APP_TIMEOUT,
        Text::new("Sets properties over HTTP, property-control-send", "HTTP property-control-send 设置属性"),
    ),
    operation(
        OpKind::Get,
        Some(Kind::GetReply),
        APP_TIMEOUT,
        Text::new(
            "Asks the device to report, over HTTP, property-get-report-send",
            "HTTP property-get-report-send 请求设备上报",
        ),
    ),
    operation(
        OpKind::Invoke,
        Some(Kind::InvokeReply),
        APP_TIMEOUT,
        Text::new("Calls an action over HTTP, action-send", "HTTP action-send 调用行为"),
    ),
    operation(
        OpKind::Subscribe,
        Some(Kind::SubscribeReply),
        CLOUD_TIMEOUT,
        Text::new("up.sub: a code with its parameters", "up.sub：按 code 与参数订阅"),
    ),
    operation(
        OpKind::Unsubscribe,
        Some(Kind::UnsubscribeReply),
        CLOUD_TIMEOUT,
        Text::new("up.unSub, with the same code and parameters", "up.unSub：参数须与订阅时一致"),
    ),
];

static DEVICE_OPERATIONS: [OperationSpec; 12] = [
    operation(
        OpKind::Report,
        Some(Kind::ReportReply),
        CLOUD_TIMEOUT,
        Text::new("Reports properties (report)", "上报属性（report）"),
    ),
    operation(
        OpKind::Event,
        Some(Kind::EventReply),
        CLOUD_TIMEOUT,
        Text::new("Posts an event (eventPost)", "上报事件（eventPost）"),
    ),
    operation(
        OpKind::DesiredGet,
        Some(Kind::DesiredGetReply),
        CLOUD_TIMEOUT,
        Text::new("Asks for the values that the platform holds (getStatus)", "获取平台侧最新值（getStatus）"),
    ),
    operation(
        OpKind::Pack,
        Some(Kind::PackReply),
        CLOUD_TIMEOUT,
        Text::new("Reports in bulk, with sub-devices (packReport)", "批量上报，可含子设备（packReport）"),
    ),
    operation(
        OpKind::Tag,
        Some(Kind::TagReply),
        CLOUD_TIMEOUT,
        Text::new("Tells version, position, tags (reportInfo)", "上报设备信息（reportInfo）"),
    ),
    operation(
        OpKind::Config,
        Some(Kind::ConfigReply),
        CLOUD_TIMEOUT,
        Text::new("Asks for the remote configuration", "获取远程配置"),
    ),
    operation(
        OpKind::Ota,
        None,
        CLOUD_TIMEOUT,
        Text::new("Tells the progress of an upgrade: step, desc", "上报升级进度：step、desc"),
    ),
    operation(OpKind::Ntp, Some(Kind::NtpReply), CLOUD_TIMEOUT, Text::new("Asks for the time", "对时")),
    operation(
        OpKind::Log,
        Some(Kind::LogReply),
        CLOUD_TIMEOUT,
        Text::new("Sends a line of the device's log: content, logLevel", "上报设备日志：content、logLevel"),
    ),
    operation(
        OpKind::Topology,
        Some(Kind::TopologyReply),
        CLOUD_TIMEOUT,
        Text::new(
            "Gateway: bind, unbind, register, getTopo, found, online or offline of a sub-device",
            "网关：子设备的 bind、unbind、register、getTopo、found、online、offline",
        ),
    ),
    operation(
        OpKind::Register,
        Some(Kind::RegisterReply),
        CLOUD_TIMEOUT,
        Text::new("Registers: nonce, timestamp, signature", "动态注册：nonce、timestamp、signature"),
    ),
    operation(
        OpKind::Raw,
        None,
        CLOUD_TIMEOUT,
        Text::new("Sends bytes in the user's own format, …/property/custom", "自定义格式上报，…/property/custom"),
    ),
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
        refusals: &["100006", "100015", "100001", "2000004"],
    },
];

static ENDPOINTS: [EndpointSpec; 2] = [
    EndpointSpec { name: MQTT, roles: &[Role::Device], scheme: "mqtt", port: 23883, path: "" },
    EndpointSpec { name: WEBSOCKET, roles: &[Role::App], scheme: "ws", port: 23880, path: CONNECT_PATH },
];

static ROSTER: [RosterTable; 3] = [
    RosterTable {
        name: "user",
        required: &["token", "app_code", "project_ids"],
        optional: &["account", "password", "tenant_code"],
        lists: &["project_ids"],
    },
    RosterTable {
        name: "device",
        required: &["product_id", "device_name", "device_secret"],
        optional: &["project_id", "area_id", "model"],
        lists: &[],
    },
    RosterTable { name: "product", required: &["product_id"], optional: &["product_secret", "model"], lists: &[] },
];

/// The platform in data.
pub static SPEC: Spec = Spec {
    name: "unitedrhino",
    aliases: &["ithings"],
    title: Text::new("unitedrhino (iThings)", "联犀 unitedrhino"),
    example: "report powerSwitch=true --product-id p1 --device-name lamp",
    roles: &ROLES,
    endpoints: &ENDPOINTS,
    roster: &ROSTER,
    topics: topic::TOPICS,
    codes: codes::CODES,
    operator: &[OpKind::Set, OpKind::Get, OpKind::Invoke, OpKind::DesiredSet, OpKind::Raw, OpKind::Config, OpKind::Ota],
};
