//! The platform in data: fields, operations, endpoints, roster tables.

use std::time::Duration;

use crate::base::lang::Text;
use crate::dialect::onenet::{codes, ota, plan, sign, topic};
use crate::dialect::spec::{field, for_signing, operation, secret, with_default};
use crate::dialect::{BackOff, EndpointSpec, FieldSpec, FieldType, OperationSpec, RoleSpec, RosterTable, Spec};
use crate::model::{Kind, OpKind, Role};

/// How long the platform waits for a device (OneNET docs, `subdevice-data.md` and code table).
pub const DEVICE_TIMEOUT: Duration = Duration::from_secs(5);
/// How long an app waits: the platform's own wait for the device, and the way there and back.
pub const APP_TIMEOUT: Duration = Duration::from_secs(8);
/// How long a device waits for the cloud; the documents name no time.
pub const CLOUD_TIMEOUT: Duration = Duration::from_secs(5);

const PRODUCT_ID: FieldSpec =
    field("product_id", FieldType::Text, Text::new("Product id, from the product's page", "产品 ID，见产品详情页"));
const DEVICE_NAME: FieldSpec =
    field("device_name", FieldType::Text, Text::new("Device name, from the device's page", "设备名称，见设备详情页"));
const TOKEN: FieldSpec =
    secret("token", Text::new("A ready token instead of the access key", "现成的 token，代替访问密钥"));
const METHOD: FieldSpec = with_default(
    field(
        "method",
        // Capitals are signed as they are written; whether the platform takes them is not documented.
        FieldType::Choice(&["md5", "sha1", "sha256", "MD5", "SHA1", "SHA256"]),
        Text::new("Signature method; signed as written", "签名方法，按所写原样参与签名"),
    ),
    sign::METHOD,
);
const EXPIRES_IN: FieldSpec = with_default(
    field("expires_in", FieldType::Duration, Text::new("How long the token is valid", "token 有效时长")),
    sign::EXPIRES_IN,
);
const EXPIRES_AT: FieldSpec = for_signing(field(
    "expires_at",
    FieldType::Integer,
    Text::new("Expiry (et) in Unix seconds instead of a duration", "过期时间 et（Unix 秒），代替有效时长"),
));
const VERSION_HELP: Text = Text::new("Version of the token", "token 的 version 参数");

static APP_IDENTITY: [FieldSpec; 9] = [
    field("user_id", FieldType::Text, Text::new("User id, from the account's page", "用户 ID，见用户信息页")),
    field(
        "project_id",
        FieldType::Text,
        Text::new("Project id, for login by device group", "项目 ID，按项目分组鉴权时填写"),
    ),
    field(
        "group_id",
        FieldType::Text,
        Text::new("Group id, for login by device group", "分组 ID，按项目分组鉴权时填写"),
    ),
    secret(
        "access_key",
        Text::new("Access key of the main user, or of the group", "主账号的访问密钥；分组鉴权时为该分组的密钥"),
    ),
    TOKEN,
    METHOD,
    with_default(field("version", FieldType::Text, VERSION_HELP), sign::APP_VERSION),
    EXPIRES_IN,
    EXPIRES_AT,
];

static APP_DEVICE: [FieldSpec; 2] = [PRODUCT_ID, DEVICE_NAME];

static DEVICE_IDENTITY: [FieldSpec; 10] = [
    PRODUCT_ID,
    DEVICE_NAME,
    secret(
        "access_key",
        Text::new(
            "Key of the device; that of the product where resource is product",
            "设备密钥；resource 为 product 时填产品密钥",
        ),
    ),
    TOKEN,
    with_default(
        field(
            "resource",
            FieldType::Choice(&["device", "product"]),
            Text::new("What the token opens: this device or its product", "token 的资源级别：设备或产品"),
        ),
        "device",
    ),
    METHOD,
    with_default(field("version", FieldType::Text, VERSION_HELP), sign::DEVICE_VERSION),
    EXPIRES_IN,
    EXPIRES_AT,
    with_default(
        field("ota_server", FieldType::Text, Text::new("Where firmware upgrades are asked for", "固件升级服务地址")),
        ota::SERVER,
    ),
];

static APP_OPERATIONS: [OperationSpec; 2] = [
    operation(
        OpKind::Set,
        Some(Kind::SetReply),
        APP_TIMEOUT,
        Text::new(
            "Sets properties; the platform asks the device and answers on property/set/reply",
            "设置属性：平台下发给设备，在 property/set/reply 上返回结果",
        ),
    ),
    operation(
        OpKind::DesiredSet,
        Some(Kind::SetReply),
        APP_TIMEOUT,
        Text::new(
            "Sets desired values; kept by the platform until the device takes them",
            "设置期望值：由平台保存，设备上线后获取",
        ),
    ),
];

static DEVICE_OPERATIONS: [OperationSpec; 9] = [
    operation(
        OpKind::Report,
        Some(Kind::ReportReply),
        CLOUD_TIMEOUT,
        Text::new("Posts property values on property/post", "在 property/post 上报属性"),
    ),
    operation(
        OpKind::Event,
        Some(Kind::EventReply),
        CLOUD_TIMEOUT,
        Text::new("Posts an event on event/post", "在 event/post 上报事件"),
    ),
    operation(
        OpKind::DesiredGet,
        Some(Kind::DesiredGetReply),
        CLOUD_TIMEOUT,
        Text::new("Asks for desired values", "获取期望值"),
    ),
    operation(
        OpKind::DesiredDelete,
        Some(Kind::DesiredDeleteReply),
        CLOUD_TIMEOUT,
        Text::new("Clears desired values, of any version or of the one given", "删除期望值，可指定版本"),
    ),
    operation(
        OpKind::Raw,
        Some(Kind::RawReply),
        CLOUD_TIMEOUT,
        Text::new(
            "Sends bytes on custome/up, answered on custome/up_reply",
            "在 custome/up 上透传数据，应答在 custome/up_reply",
        ),
    ),
    operation(
        OpKind::Pack,
        Some(Kind::PackReply),
        CLOUD_TIMEOUT,
        Text::new("Posts for several devices at once: properties and events", "打包上报：多个设备的属性和事件"),
    ),
    operation(
        OpKind::History,
        Some(Kind::HistoryReply),
        CLOUD_TIMEOUT,
        Text::new("Posts values with times of the past", "上报历史数据"),
    ),
    operation(
        OpKind::Topology,
        Some(Kind::TopologyReply),
        CLOUD_TIMEOUT,
        Text::new(
            "Gateway: add, delete, get, login or logout of a sub-device",
            "网关：子设备的添加、删除、查询、上线、下线",
        ),
    ),
    operation(
        OpKind::Ota,
        Some(Kind::OtaReply),
        CLOUD_TIMEOUT,
        Text::new(
            "Firmware, over HTTP: version, check (for a task) or progress (step, tid)",
            "固件升级（HTTP）：version 上报版本，check 查询任务，progress 上报进度（step、tid）",
        ),
    ),
];

static ROLES: [RoleSpec; 2] = [
    RoleSpec {
        role: Role::App,
        identity: &APP_IDENTITY,
        device: &APP_DEVICE,
        server: Some(plan::APP_SERVER),
        operations: &APP_OPERATIONS,
        back_off: BackOff::Doubling,
        refusals: &[],
    },
    RoleSpec {
        role: Role::Device,
        identity: &DEVICE_IDENTITY,
        device: &[],
        server: Some(plan::DEVICE_SERVER),
        operations: &DEVICE_OPERATIONS,
        back_off: BackOff::Doubling,
        refusals: &["302", "309", "303", "304", "313"],
    },
];

static ENDPOINTS: [EndpointSpec; 3] = [
    EndpointSpec { name: APP_ENDPOINT, roles: &[Role::App], scheme: "mqtt", port: 25002, path: "" },
    EndpointSpec { name: DEVICE_ENDPOINT, roles: &[Role::Device], scheme: "mqtt", port: 21883, path: "" },
    EndpointSpec { name: HTTP_ENDPOINT, roles: &[Role::Device], scheme: "http", port: 21080, path: "" },
];

/// The listener of apps.
pub const APP_ENDPOINT: &str = "onenet-app";
/// The listener of devices.
pub const DEVICE_ENDPOINT: &str = "onenet-device";
/// The listener of devices' calls.
pub const HTTP_ENDPOINT: &str = "onenet-http";

static ROSTER: [RosterTable; 4] = [
    RosterTable { name: "product", required: &["product_id"], optional: &["access_key", "model"], lists: &[] },
    RosterTable { name: "device", required: &["product_id", "device_name", "access_key"], optional: &[], lists: &[] },
    RosterTable { name: "user", required: &["user_id", "access_key"], optional: &[], lists: &[] },
    RosterTable {
        name: "group",
        required: &["project_id", "group_id", "access_key"],
        optional: &["devices"],
        lists: &["devices"],
    },
];

/// The platform in data.
pub static SPEC: Spec = Spec {
    name: "onenet",
    aliases: &[],
    title: Text::same("OneNET"),
    example: "set Power=true --product-id p1 --device-name lamp",
    roles: &ROLES,
    endpoints: &ENDPOINTS,
    roster: &ROSTER,
    topics: topic::TOPICS,
    codes: codes::CODES,
    operator: &[
        OpKind::Set,
        OpKind::Get,
        OpKind::Invoke,
        OpKind::DesiredSet,
        OpKind::Raw,
        OpKind::Ota,
        OpKind::Topology,
    ],
};
