//! The code table (unitedrhino/share, `errors`).

use crate::base::lang::Text;
use crate::dialect::CodeSpec;

const fn code(code: &'static str, meaning: Text, cause: Text) -> CodeSpec {
    CodeSpec { code, meaning, cause }
}

const UNKNOWN: Text = Text::same("");
const LOG_IN: Text = Text::new(
    "log in again: `account` and `password`, or a new `token`",
    "请重新登录：填写 `account` 与 `password`，或换用新的 `token`",
);
const ACCOUNT: Text = Text::new("compare `account` and `password`", "请核对 `account` 与 `password`");

/// Every code with its meaning.
pub static CODES: &[CodeSpec] = &[
    code("200", Text::new("ok", "成功"), UNKNOWN),
    code("100001", Text::new("other error", "其他错误"), UNKNOWN),
    code("100002", Text::new("token expired", "token 已经过期"), LOG_IN),
    code("100003", Text::new("token not yet valid", "token 尚未生效"), Text::new("check the clock", "检查时钟")),
    code("100004", Text::new("token malformed", "token 格式错误"), LOG_IN),
    code(
        "100005",
        Text::new("token invalid", "违法的 token"),
        Text::new("token of another tenant or server", "token 属于其它租户或服务器"),
    ),
    code(
        "100006",
        Text::new("parameter error", "参数错误"),
        Text::new("missing field, unknown identifier", "缺少字段或标识符不存在"),
    ),
    code("100007", Text::new("system error", "系统错误"), UNKNOWN),
    code("100008", Text::new("database error", "数据库错误"), UNKNOWN),
    code("100009", Text::new("not found", "未查询到"), UNKNOWN),
    code("100010", Text::new("duplicate", "参数重复"), UNKNOWN),
    code("100011", Text::new("signature expired", "签名已经过期"), UNKNOWN),
    code(
        "100012",
        Text::new("no permission", "权限不足"),
        Text::new(
            "this user may not use the project (`project_id`), the app (`app_code`) or the device",
            "该用户无权使用所选项目（`project_id`）、应用（`app_code`）或设备",
        ),
    ),
    code("100013", Text::new("method not supported", "method 不支持"), UNKNOWN),
    code(
        "100014",
        Text::new("wrong type of a parameter", "参数的类型不对"),
        Text::new("not a JSON object", "不是 JSON 对象"),
    ),
    code("100015", Text::new("value out of range", "参数的值超出范围"), UNKNOWN),
    code("100016", Text::new("timed out waiting", "等待超时"), UNKNOWN),
    code("100018", Text::new("not implemented", "尚未实现"), UNKNOWN),
    code(
        "100019",
        Text::new("not empty (registered already)", "不为空（已注册）"),
        Text::new("the device has logged in before", "设备已经登录过"),
    ),
    code("100020", Text::new("system exception", "系统异常"), UNKNOWN),
    code("100021", Text::new("not enabled", "未启用"), Text::new("dynamic registration is off", "未开启动态注册")),
    code("100023", Text::new("script failed", "脚本执行失败"), UNKNOWN),
    code("100024", Text::new("in progress", "正在执行中"), UNKNOWN),
    code("100027", Text::new("limit reached", "已到达上限"), UNKNOWN),
    code("1000004", Text::new("account or password wrong", "账号或密码错误"), ACCOUNT),
    code("1000007", Text::new("not logged in", "尚未登录"), Text::new("token missing", "缺少 token")),
    code("1000032", Text::new("account pushed out", "账号被顶出"), Text::new("logged in elsewhere", "在别处登录")),
    code("2000001", Text::new("the device answered with wrong parameters", "设备返回参数不对"), UNKNOWN),
    code(
        "2000002",
        Text::new("the device did not answer in time", "设备回复超时"),
        Text::new("wrong msgToken, or the device is busy", "msgToken 不一致或设备未处理"),
    ),
    code(
        "2000003",
        Text::new("device offline", "设备离线"),
        Text::new("use shadowControl, or wait", "可使用 shadowControl 或等待上线"),
    ),
    code("2000004", Text::new("the device answered with an error", "设备回复错误"), UNKNOWN),
    code("2000005", Text::new("bound already", "已绑定"), UNKNOWN),
    code("2000006", Text::new("not bound", "未绑定"), UNKNOWN),
    code("2000007", Text::new("cannot be bound", "无法绑定"), UNKNOWN),
    code("2100001", Text::new("OTA error 1", "OTA 错误 1"), UNKNOWN),
    code("2100002", Text::new("OTA error 2", "OTA 错误 2"), UNKNOWN),
    code("2100003", Text::new("OTA error 3", "OTA 错误 3"), UNKNOWN),
];

/// The words that the platform writes beside a code.
pub fn message(code: i64) -> &'static str {
    let code = code.to_string();
    CODES.iter().find(|spec| spec.code == code).map_or("", |spec| spec.meaning.zh)
}
