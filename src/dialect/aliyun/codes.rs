//! The code tables: device to cloud (help page 89309), cloud to device (help page 120329, vendor SDKs), Living Link API
//! (help page 127995).

use crate::base::lang::Text;
use crate::dialect::CodeSpec;

const fn code(code: &'static str, meaning: Text, cause: Text) -> CodeSpec {
    CodeSpec { code, meaning, cause }
}

const UNKNOWN: Text = Text::same("");

/// Every code with its meaning.
pub static CODES: &[CodeSpec] = &[
    code("200", Text::new("ok", "成功"), UNKNOWN),
    code("400", Text::new("processing error", "处理错误"), UNKNOWN),
    code(
        "401",
        Text::new("signature check failed", "签名校验失败"),
        Text::new("topo/add signed wrong, or token stale", "topo/add 签名错误，或 token 失效"),
    ),
    code("403", Text::new("forbidden", "无权限"), UNKNOWN),
    code("404", Text::new("not found", "不存在"), UNKNOWN),
    code(
        "427",
        Text::new("the same device logged in elsewhere", "同一设备在别处登录"),
        Text::new("two clients with one triple", "两个客户端使用了同一三元组"),
    ),
    code(
        "527",
        Text::new("the same device logged in elsewhere", "同一设备在别处登录"),
        Text::new("two clients with one triple", "两个客户端使用了同一三元组"),
    ),
    code("428", Text::new("too many sub-devices online", "在线子设备过多"), UNKNOWN),
    code("429", Text::new("throttled or busy", "请求过于频繁，被限流"), Text::new("too many messages", "消息发送过快")),
    code(
        "460",
        Text::new("parameters empty or of wrong form", "参数为空或格式错误"),
        Text::new("JSON shape, iotToken blank or bad", "JSON 结构不对，或 iotToken 为空、无效"),
    ),
    code("500", Text::new("internal error", "系统内部错误"), UNKNOWN),
    code("503", Text::new("service unavailable", "服务不可用"), UNKNOWN),
    code(
        "520",
        Text::new("the sub-device has no session", "子设备会话不存在"),
        Text::new("log the sub-device in first", "先让子设备登录"),
    ),
    code("521", Text::new("the sub-device was deleted", "子设备已被删除"), UNKNOWN),
    code("522", Text::new("the sub-device is disabled", "子设备已被禁用"), UNKNOWN),
    code("5005", Text::new("product not found", "产品不存在"), Text::new("wrong product key", "product key 填写错误")),
    code("6250", Text::new("product not found", "产品不存在"), Text::new("wrong product key", "product key 填写错误")),
    code(
        "5092",
        Text::new("property not defined (inferred)", "属性未定义（推断）"),
        Text::new("identifier not in the thing model", "标识符不在物模型中"),
    ),
    code("5159", Text::new("property definition lookup failed", "获取属性定义失败"), UNKNOWN),
    code("5160", Text::new("event definition lookup failed", "获取事件定义失败"), UNKNOWN),
    code("5161", Text::new("service definition lookup failed", "获取服务定义失败"), UNKNOWN),
    code("5244", Text::new("LoRaWAN product lookup failed", "获取 LoRaWAN 产品信息失败"), UNKNOWN),
    code("6100", Text::new("device not found", "设备不存在"), UNKNOWN),
    code("6104", Text::new("too many desired values", "期望值过多"), Text::new("at most 200", "最多 200 个")),
    code(
        "6106",
        Text::new("too many properties in one report", "单次上报的属性过多"),
        Text::new("at most 200", "最多 200 个"),
    ),
    code("6150", Text::new("setting properties failed", "设置属性失败"), UNKNOWN),
    code("6151", Text::new("calling the service failed", "调用服务失败"), UNKNOWN),
    code(
        "6200",
        Text::new("no script", "脚本不存在"),
        Text::new("raw product without a parsing script", "透传产品未配置解析脚本"),
    ),
    code("6201", Text::new("the script returned null", "脚本返回空"), UNKNOWN),
    code("6203", Text::new("the topic cannot be parsed", "topic 无法解析"), UNKNOWN),
    code("6204", Text::new("device disabled", "设备已被禁用"), UNKNOWN),
    code(
        "6205",
        Text::new("message service error; in the app API: device offline", "消息服务错误；应用 API 中表示设备离线"),
        UNKNOWN,
    ),
    code("6207", Text::new("not JSON", "不是 JSON 格式"), Text::new("syntax error in the payload", "报文存在语法错误")),
    code("6280", Text::new("bad form of a device name", "设备名称格式错误"), UNKNOWN),
    code("6287", Text::new("signature of the sub-device wrong", "子设备签名错误"), UNKNOWN),
    code(
        "6288",
        Text::new("dynamic registration is switched off", "动态注册未开启"),
        Text::new("switch it on for the product", "在产品页打开动态注册"),
    ),
    code(
        "6289",
        Text::new("the device was activated already", "设备已激活"),
        Text::new("the secret is given until the first activation only", "密钥只在首次激活前下发"),
    ),
    code("6292", Text::new("unknown sign method", "签名方法错误"), UNKNOWN),
    code("6300", Text::new("“method” is missing", "缺少 method"), UNKNOWN),
    code("6301", Text::new("params is neither object nor array", "params 不是对象或数组"), UNKNOWN),
    code("6302", Text::new("params is empty", "params 为空"), UNKNOWN),
    code("6303", Text::new("wrong number of parameters", "参数个数错误"), UNKNOWN),
    code("6304", Text::new("a parameter is missing", "缺少参数"), UNKNOWN),
    code("6305", Text::new("wrong type of a parameter", "参数类型错误"), UNKNOWN),
    code(
        "6306",
        Text::new("int outside its specs", "int 不符合取值规范"),
        Text::new("type, range or step", "类型、范围或步长不符"),
    ),
    code(
        "6307",
        Text::new("float outside its specs", "float 不符合取值规范"),
        Text::new("a float needs a decimal digit", "float 需带小数"),
    ),
    code("6308", Text::new("bool outside its specs", "bool 不符合取值规范"), Text::new("0 or 1", "只能是 0 或 1")),
    code("6309", Text::new("enum outside its specs", "enum 不符合取值规范"), UNKNOWN),
    code(
        "6310",
        Text::new("text outside its specs", "text 不符合取值规范"),
        Text::new("length in bytes", "字节长度超限"),
    ),
    code(
        "6311",
        Text::new("date outside its specs", "date 不符合取值规范"),
        Text::new("text of UTC milliseconds", "UTC 毫秒的字符串"),
    ),
    code("6312", Text::new("struct outside its specs", "struct 不符合取值规范"), UNKNOWN),
    code("6322", Text::new("double outside its specs", "double 不符合取值规范"), UNKNOWN),
    code("6313", Text::new("service or template unavailable", "服务或模板不可用"), UNKNOWN),
    code("6314", Text::new("data type cannot be parsed", "数据类型解析失败"), UNKNOWN),
    code("6315", Text::new("data does not match", "数据不匹配"), UNKNOWN),
    code("6316", Text::new("number form of the specs is wrong", "specs 数值格式错误"), UNKNOWN),
    code("6317", Text::new("template form is wrong", "模板格式错误"), UNKNOWN),
    code("6318", Text::new("exception while checking", "校验异常"), UNKNOWN),
    code("6319", Text::new("call type of the event is wrong", "事件调用类型错误"), UNKNOWN),
    code(
        "6320",
        Text::new("the product has no such property", "产品没有该属性"),
        Text::new("identifier not in the thing model, or read-only", "标识符不在物模型中，或为只读"),
    ),
    code("6321", Text::new("identifier is null", "标识符为空"), UNKNOWN),
    code("6323", Text::new("further check of type or array failed", "其它类型或数组校验失败"), UNKNOWN),
    code("6324", Text::new("further check of type or array failed", "其它类型或数组校验失败"), UNKNOWN),
    code("6325", Text::new("further check of type or array failed", "其它类型或数组校验失败"), UNKNOWN),
    code("6326", Text::new("further check of type or array failed", "其它类型或数组校验失败"), UNKNOWN),
    code("6327", Text::new("further check of type or array failed", "其它类型或数组校验失败"), UNKNOWN),
    code("6328", Text::new("further check of type or array failed", "其它类型或数组校验失败"), UNKNOWN),
    code("6356", Text::new("too many events in one pack", "单次打包事件过多"), Text::new("at most 200", "最多 200 个")),
    code(
        "6357",
        Text::new("too many sub-devices in one pack", "单次打包子设备过多"),
        Text::new("at most 20", "最多 20 个"),
    ),
    code("6400", Text::new("too many sub-devices in the topology", "拓扑中的子设备过多"), UNKNOWN),
    code(
        "6401",
        Text::new("no such topology relation", "拓扑关系不存在"),
        Text::new("add it with topo/add first", "先用 topo/add 添加"),
    ),
    code("6402", Text::new("a gateway cannot be its own sub-device", "网关不能作为自己的子设备"), UNKNOWN),
    code("6450", Text::new("the script's result has no method", "脚本结果缺少 method"), UNKNOWN),
    code(
        "6600",
        Text::new("signature of the registration wrong", "动态注册签名错误"),
        Text::new("wrong product secret", "product secret 错误"),
    ),
    code("6619", Text::new("bound to another gateway", "已绑定到其它网关"), UNKNOWN),
    code("6661", Text::new("query of desired values failed", "查询期望值失败"), UNKNOWN),
    code("6710", Text::new("fetching the configuration failed", "获取配置失败"), UNKNOWN),
    code("6713", Text::new("fetching the configuration failed", "获取配置失败"), UNKNOWN),
    code("6760", Text::new("system error", "系统错误"), UNKNOWN),
    code("9112", Text::new("OTA: device unknown", "OTA：设备不存在"), UNKNOWN),
    code("26001", Text::new("script is empty", "脚本为空"), UNKNOWN),
    code("26002", Text::new("script failed", "脚本执行错误"), UNKNOWN),
    code("26006", Text::new("script has not the functions", "脚本缺少所需函数"), UNKNOWN),
    code("26007", Text::new("script gives a wrong result", "脚本返回结果错误"), UNKNOWN),
    code("26010", Text::new("script is throttled", "脚本被限流"), UNKNOWN),
    code("100000", Text::new("time-out of the SDK", "SDK 超时"), UNKNOWN),
    code("2000", Text::new("parameter error", "参数错误"), UNKNOWN),
    code(
        "2062",
        Text::new("identityId unknown: the token is stale", "identityId 不存在：token 已失效"),
        Text::new("fetch a new iotToken and bind again", "重新获取 iotToken 并绑定"),
    ),
    code("2063", Text::new("iotId unknown", "iotId 不存在"), UNKNOWN),
    code(
        "2065",
        Text::new("account and device are not bound", "账号与设备未绑定"),
        Text::new("bind the device to the account first", "先将设备绑定到该账号"),
    ),
    code("2066", Text::new("not the manager of the device", "不是设备的管理员"), UNKNOWN),
    code("2073", Text::new("sharing is not allowed in this mode", "当前模式不允许分享"), UNKNOWN),
    code("2075", Text::new("sharing is not allowed in this mode", "当前模式不允许分享"), UNKNOWN),
    code("2401", Text::new("session error: refresh", "会话错误：需刷新"), UNKNOWN),
    code("2459", Text::new("session error: refresh", "会话错误：需刷新"), UNKNOWN),
    code("26101", Text::new("refresh token bad", "refreshToken 无效"), UNKNOWN),
    code("26102", Text::new("refresh token bad", "refreshToken 无效"), UNKNOWN),
    code(
        "29003",
        Text::new("identityId blank: another login replaced the token", "identityId 为空：token 被其它登录替换"),
        Text::new("bind again with a fresh token", "用新 token 重新绑定"),
    ),
];

/// The words that a reply carries beside its code.
pub fn message(code: &str) -> &'static str {
    match code {
        "200" => "success",
        _ => CODES.iter().find(|spec| spec.code == code).map_or("", |spec| spec.meaning.en),
    }
}
