//! Both code tables: the application's words and the device side's numbers, as the platform spells them, misspellings
//! included. Sources: OneNET docs, API code tables; device log, "业务状态码".

use crate::base::lang::Text;
use crate::dialect::CodeSpec;

macro_rules! codes {
    ($($code:literal $en:literal $zh:literal $cause_en:literal $cause_zh:literal;)*) => {
        /// Every code with its meaning.
        pub static CODES: &[CodeSpec] = &[$(CodeSpec {
            code: $code,
            meaning: Text::new($en, $zh),
            cause: Text::new($cause_en, $cause_zh),
        },)*];
    };
}

codes! {
    "authPermissionDeny" "token refused" "鉴权失败" "the token is wrong or expired" "token 错误或已过期";
    "resourePermissionDeny" "no right to this resource" "无资源权限"
        "the device or project is not visible to this user or group" "该用户或分组看不到此设备或项目";
    "parameterRequired" "a parameter is required" "缺少必填参数" "a member is missing in the request" "请求缺少字段";
    "parameterMissing" "a parameter is missing" "参数缺失" "a member is missing in the request" "请求缺少字段";
    "invalidParameter" "invalid parameter" "参数非法"
        "params is not an object, or a value does not fit the thing model" "params 不是对象，或取值不符合物模型";
    "projectNotFound" "project not found" "项目不存在" "" "";
    "productNotFound" "product not found" "产品不存在" "wrong product id in the topic" "主题中的产品 ID 错误";
    "productHasNoDevice" "the product has no device" "产品下没有设备" "" "";
    "deviceNotFound" "device does not exist" "设备不存在" "wrong device name in the topic" "主题中的设备名称错误";
    "setPropertyFailed" "property set failed" "属性设置失败"
        "the device is offline, did not answer within 5 s, or refused" "设备离线、5 秒内未应答或拒绝设置";
    "setDesiredPeropertyFailed" "setting the desired value failed" "设置期望值失败" "" "";
    "queryDesiredProperyFailed" "querying the desired value failed" "查询期望值失败" "" "";
    "deleteDesiredPeropertyFailed" "deleting the desired value failed" "删除期望值失败" "" "";
    "getTmProperties" "property get failed" "属性获取失败" "the device is offline or did not answer" "设备离线或未应答";
    "callTmService" "service call failed" "服务调用失败" "the device is offline or did not answer" "设备离线或未应答";
    "queryCurrentData" "querying current data failed" "查询最新数据失败" "" "";
    "queryPropertyHistoryData" "querying property history failed" "查询属性历史失败" "" "";
    "queryEventHistoryData" "querying event history failed" "查询事件历史失败" "" "";
    "queryOperationLog" "querying the operation log failed" "查询操作日志失败" "" "";
    "37" "rate limit reached" "超过频率限制"
        "more requests per second than the platform takes" "每秒请求数超过平台限制";
    "200" "success" "成功" "" "";
    "301" "JSON format error" "JSON 格式错误"
        "the payload is not JSON: byte order mark, comment, trailing comma" "载荷不是合法 JSON：BOM、注释、多余逗号";
    "302" "data type error" "数据类型错误"
        "a string for a number, or a value outside the thing model" "数值写成了字符串，或取值超出物模型";
    "303" "internal error" "内部错误" "" "";
    "304" "response error" "响应错误" "the device's reply is invalid" "设备的应答不合法";
    "305" "the product has no thing model" "产品没有物模型" "" "";
    "306" "timeout" "超时" "no set_reply or get_reply within 5 s" "5 秒内没有收到 set_reply 或 get_reply";
    "307" "invalid product id or device name" "产品 ID 或设备名称非法" "" "";
    "308" "device not online" "设备不在线" "" "";
    "309" "identifier does not exist" "标识符不存在" "the thing model has no such identifier" "物模型中没有该标识符";
    "310" "access layer error" "接入层错误" "" "";
    "311" "access layer error" "接入层错误" "" "";
    "312" "invalid message id" "消息 id 非法" "id is not made of at most 13 digits" "id 不是 13 位以内的数字字符串";
    "313" "bad request" "请求错误" "the request has not the expected form" "请求格式不符合要求";
    "1001" "internal error" "内部错误" "" "";
    "1002" "internal error" "内部错误" "" "";
    "1021" "channel not writable" "通道不可写" "the connection is lost" "连接已断开";
    "1022" "subscription does not exist" "订阅不存在"
        "the device has not subscribed the downlink topic" "设备没有订阅下行主题";
    "1023" "the device replied after the timeout" "设备应答超时" "the reply took longer than 5 s" "应答超过 5 秒";
    "1024" "session does not exist" "会话不存在" "" "";
    "1025" "duplicate message id" "消息 id 重复" "" "";
    "1026" "internal error" "内部错误" "" "";
    "1027" "invalid id field or JSON in the device's reply" "设备应答的 id 字段或 JSON 非法"
        "the id is a number instead of a string" "id 写成了数字而不是字符串";
    "1028" "id not found" "id 不存在" "the reply carries an id that was not asked" "应答中的 id 与请求不符";
    "1101" "empty clientId, username or password" "clientId、username 或 password 为空" "" "";
    "1102" "internal error" "内部错误" "" "";
    "1103" "invalid token" "token 非法"
        "a parameter is wrong or missing, or the encoding is broken" "token 参数错误、缺失或编码有误";
    "1104" "token expired" "token 已过期" "et lies in the past" "et 早于当前时间";
    "1105" "key not found" "密钥不存在" "" "";
    "1106" "signature mismatch" "签名不匹配"
        "key of another level, key not base64-decoded, wrong order, or res encoded before signing"
        "密钥级别不对、密钥未做 base64 解码、拼接顺序错误，或签名前对 res 做了编码";
    "1107" "device not found" "设备不存在" "" "";
    "1108" "internal id error" "内部 id 错误" "" "";
    "1109" "internal id error" "内部 id 错误" "" "";
    "1110" "signature method not supported" "签名方法不支持" "method is none of md5, sha1, sha256" "method 不是 md5、sha1、sha256 之一";
    "1111" "invalid version" "version 非法" "" "";
    "1112" "protocol mismatch" "协议不匹配" "the product was created for another protocol" "产品的接入协议不同";
    "1114" "argument does not match the token" "参数与 token 不匹配"
        "clientId or username differ from res" "clientId 或 username 与 res 不一致";
    "1201" "internal error" "内部错误" "" "";
    "1202" "internal error" "内部错误" "" "";
    "1204" "internal error" "内部错误" "" "";
    "1210" "logged in at another access node" "在其他接入节点登录" "two clients use the same device" "同一设备重复登录";
    "1401" "abnormal offline" "异常离线" "the keep-alive ran out" "心跳超时";
    "2306" "identifier does not exist (new platform)" "标识符不存在（新版平台）"
        "one unknown identifier rejects the whole post" "一个未知标识符会使整条上报被拒绝";
}

/// The code as a number; 0 where it is a word.
pub fn number(code: &str) -> i64 {
    code.parse().unwrap_or_default()
}

/// What stands in `msg` beside a code.
pub fn message(code: &str) -> &'static str {
    if code == "200" {
        return "success";
    }
    CODES.iter().find(|spec| spec.code == code).map_or("", |spec| spec.meaning.en)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_code_is_listed_twice() {
        for (index, spec) in CODES.iter().enumerate() {
            assert!(CODES[index + 1..].iter().all(|other| other.code != spec.code), "{}", spec.code);
        }
    }
}
