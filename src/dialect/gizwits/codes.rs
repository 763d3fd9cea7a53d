//! The error codes of the HTTP API, and what CONNACK codes mean here. Sources: giz-docs, "OpenAPI" and "openapi_apps".

use crate::base::lang::Text;
use crate::dialect::CodeSpec;

macro_rules! codes {
    ($($code:literal $status:literal $en:literal $zh:literal $cause_en:literal $cause_zh:literal;)*) => {
        /// Every code with its meaning.
        pub static CODES: &[CodeSpec] = &[$(CodeSpec {
            code: $code,
            meaning: Text::new($en, $zh),
            cause: Text::new($cause_en, $cause_zh),
        },)*];

        /// The HTTP status that goes with a code; 400 for one that is not listed.
        pub fn status(code: &str) -> u16 {
            match code { $($code => $status,)* _ => 400 }
        }
    };
}

codes! {
    "9001" 400 "mac already registered" "MAC 已注册" "the mac belongs to another did" "该 MAC 已属于另一个 did";
    "9002" 400 "product_key invalid" "product_key 无效" "wrong product key, or the product is not linked to the appid"
        "product_key 错误，或产品未关联此 appid";
    "9003" 400 "appid invalid" "appid 无效" "X-Gizwits-Application-Id is missing or wrong"
        "X-Gizwits-Application-Id 缺失或错误";
    "9004" 400 "token invalid" "token 无效" "log in again; a token belongs to one appid" "需重新登录；token 只属于一个 appid";
    "9005" 400 "user does not exist" "用户不存在" "users are counted per appid or organisation" "用户按 appid 或组织区分";
    "9006" 400 "token expired" "token 已过期" "log in again" "需重新登录";
    "9007" 400 "m2m id invalid" "m2m_id 无效" "" "";
    "9008" 500 "server error" "服务器错误" "" "";
    "9009" 400 "code expired" "验证码已过期" "" "";
    "9010" 400 "code invalid" "验证码无效" "" "";
    "9011" 400 "quota exceeded" "短信配额用完" "" "";
    "9012" 400 "quota exceeded" "账号配额用完" "" "";
    "9013" 400 "quota exceeded" "设备配额用完" "" "";
    "9014" 404 "device not found" "设备不存在" "wrong did, or the device was reset and has a new one"
        "did 错误，或设备重置后换了新 did";
    "9015" 400 "form invalid" "表单无效" "the body is not JSON, or a member is missing or of the wrong type"
        "请求体不是 JSON，或字段缺失、类型错误";
    "9016" 400 "did or passcode invalid" "did 或 passcode 无效" "a reset makes a new passcode" "设备重置后 passcode 会变";
    "9017" 401 "device not bound" "设备未绑定" "bind the device to this user first" "请先将设备绑定到该用户";
    "9018" 400 "phone unavailable" "手机号已被使用" "" "";
    "9019" 400 "username unavailable" "用户名已被使用" "" "";
    "9020" 400 "username or password error" "用户名或密码错误" "" "";
    "9021" 400 "send command failed" "指令下发失败" "" "";
    "9022" 400 "email unavailable" "邮箱已被使用" "" "";
    "9023" 400 "device disabled" "设备已禁用" "" "";
    "9024" 400 "m2m notify failed" "通知 M2M 失败" "" "";
    "9025" 400 "attr invalid" "数据点无效" "no such data point, or a value that its definition does not allow"
        "没有该数据点，或取值不符合定义";
    "9026" 400 "user invalid" "用户无效" "" "";
    "9027" 404 "firmware not found" "固件不存在" "" "";
    "9028" 400 "product does not match" "产品不匹配" "" "";
    "9029" 400 "data not found" "数据不存在" "the product has no data point definition here" "该产品没有数据点定义";
    "9038" 400 "Application-Auth wrong" "Application-Auth 错误" "lower hex of md5(appid + appsecret) is expected"
        "应为 md5(appid + appsecret) 的小写十六进制";
    "9039" 403 "call deprecated" "接口已废弃" "" "";
    "9040" 400 "bad QR code" "二维码无效" "" "";
    "9041" 429 "too many requests" "请求过于频繁" "logins are throttled" "登录有频率限制";
    "9042" 400 "device offline" "设备离线" "" "";
    "9043" 400 "timestamp invalid" "时间戳无效" "X-Gizwits-Timestamp is more than 5 minutes off"
        "X-Gizwits-Timestamp 与服务器时间相差超过 5 分钟";
    "9044" 400 "signature invalid" "签名无效" "lower hex of md5(product_secret + timestamp) is expected"
        "应为 md5(product_secret + timestamp) 的小写十六进制";
    "9045" 400 "call deprecated" "接口已废弃" "" "";
    "9046" 400 "register in progress" "正在注册" "" "";
    "9047" 400 "encryption is off" "未开启加密" "" "";
    "9048" 400 "encryption is on, call not allowed" "已开启加密，不允许此调用"
        "the product wants encrypted registration" "该产品要求加密注册";
    "9999" 400 "reserved" "保留" "" "";
}

/// The words of a code as the platform writes them, in English.
pub fn message(code: &str) -> &'static str {
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

    #[test]
    fn a_code_knows_its_status() {
        assert_eq!((status("9014"), status("9017"), status("9041"), status("9015")), (404, 401, 429, 400));
    }
}
