//! What the checker says.

use crate::base::lang::Text;

pub(super) const NO_KEY: Text = Text::new(
    "is needed to check the signature; the form of the login is right",
    "必须给出才能校验签名；登录信息的格式没有问题",
);
pub(super) const LEVEL: Text = Text::new(
    "CONNECT has MQTT level {}; the platform speaks 3.1.1 (level 4) only (OneNET docs, mqtt-introduce)",
    "CONNECT 的 MQTT level 是 {}，平台仅支持 3.1.1（level 4，见 OneNET 文档 mqtt-introduce）",
);
pub(super) const LEVEL_FIX: Text = Text::new("choose MQTT 3.1.1 in the client", "请在客户端选择 MQTT 3.1.1");
pub(super) const WHOLE: Text = Text::new("the token was percent-encoded as a whole", "token 被整体做了 URL 编码");
pub(super) const WHOLE_FIX: Text = Text::new(
    "encode each value by itself; the & and = between them stay",
    "只对各参数的值做 URL 编码，& 和 = 保持原样",
);
pub(super) const HTML: Text = Text::new("the & of the token became &amp;", "token 里的 & 变成了 &amp;");
pub(super) const SPACE_IN_TOKEN: Text = Text::new("there is white space in the token", "token 里有多余的空白字符");
pub(super) const MISSPELT: Text =
    Text::new("the token has a parameter “{}”; it is spelled “{}”", "token 参数“{}”拼写有误，应为“{}”");
pub(super) const MISSPELT_FIX: Text = Text::new("write {}", "请写作 {}");
pub(super) const UNKNOWN: Text = Text::new(
    "the token has a parameter “{}”; it may have version, res, et, method, sign only (device log code 1103)",
    "token 含有未知参数“{}”，只能有 version、res、et、method、sign（设备日志 1103）",
);
pub(super) const UNKNOWN_FIX: Text =
    Text::new("version=…&res=…&et=…&method=…&sign=…", "version=…&res=…&et=…&method=…&sign=…");
pub(super) const PARAMETER_TWICE: Text = Text::new("the token has {} twice", "token 中 {} 重复");
pub(super) const MISSING: Text =
    Text::new("the token has no {} (device log code 1103)", "token 缺少 {}（设备日志 1103）");
pub(super) const NOT_A_TOKEN: Text = Text::new(
    "the password is no token: version, res, et, method and sign were expected",
    "password 不是 token：应包含 version、res、et、method、sign",
);
pub(super) const NOT_A_TOKEN_FIX: Text = Text::new(
    "the key itself is not sent; make a token of it with `iotdbg sign onenet`",
    "不能直接发送密钥，请用 `iotdbg sign onenet` 由密钥计算 token",
);
pub(super) const ENCODED_TWICE: Text = Text::new(
    "the token was percent-encoded twice (%25 is an encoded %)",
    "token 被 URL 编码了两次（%25 是编码后的 %）",
);
pub(super) const ENCODED_TWICE_FIX: Text = Text::new("encode each value once", "每个值只编码一次");
pub(super) const NOT_ENCODED: Text = Text::new(
    "{} is not percent-encoded in the token: + / = have to be %2B %2F %3D",
    "token 中的 {} 没有做 URL 编码：+ / = 应写作 %2B %2F %3D",
);
pub(super) const TOKEN_FIX: Text = Text::new("{}", "{}");
pub(super) const PLUS: Text = Text::new(
    "a + of the signature became a space: it was not written %2B, or was decoded once too often",
    "签名里的 + 变成了空格：没有写成 %2B，或多解码了一次",
);
pub(super) const VERSION: Text =
    Text::new("version is “{}”; here it is {} (device log code 1111)", "version 是“{}”，此处应为 {}（设备日志 1111）");
pub(super) const VERSION_NEW: Text = Text::new(
    "version 2022-05-01 belongs to the HTTP API of the new platform; the documents of this login say {}",
    "version 2022-05-01 属于新平台的 HTTP API，此登录方式的文档写的是 {}",
);
pub(super) const VERSION_FIX: Text = Text::new("version={}", "version={}");
pub(super) const METHOD: Text = Text::new(
    "method “{}” is none of md5, sha1, sha256 (device log code 1110)",
    "method“{}”不是 md5、sha1、sha256 之一（设备日志 1110）",
);
pub(super) const METHOD_CAPITALS: Text = Text::new(
    "method is written “{}”; the documents write small letters, and it is signed as written",
    "method 写作“{}”，文档用小写，且按所写原样参与签名",
);
pub(super) const METHOD_FIX: Text = Text::new("method={}", "method={}");
pub(super) const ET_FORM: Text = Text::new("et is “{}”, no number of seconds", "et 是“{}”，不是秒数");
pub(super) const ET_MS: Text = Text::new(
    "et={} counts milliseconds ({}); seconds are wanted. Read as seconds it never expires",
    "et={} 是毫秒（{}），应为秒。按秒理解则永不过期",
);
pub(super) const ET_FIX: Text =
    Text::new("et is a Unix time in seconds: ten digits", "et 为 Unix 时间戳，单位秒，十位数字");
pub(super) const EXPIRED: Text = Text::new(
    "the token expired on {} (et={}, now {}; device log code 1104)",
    "token 已于 {} 过期（et={}，当前 {}；设备日志 1104）",
);
pub(super) const EXPIRED_FIX: Text = Text::new(
    "make a new token with a later et; check the clock of the device",
    "请用更晚的 et 重新计算 token，并检查设备时钟",
);
pub(super) const USER_PREFIX: Text = Text::new(
    "{} is “{}”: it begins with userid/, not user/ (the platform's own Java example has it wrong)",
    "{} 是“{}”：应以 userid/ 开头，不是 user/（官方 Java 示例写错了）",
);
pub(super) const WRITE: Text = Text::new("{}: {}", "{}：{}");
pub(super) const RES_USERNAME: Text = Text::new(
    "the token is for res “{}”, but the user name is “{}”: they have to be the same (device log code 1114)",
    "token 的 res 是“{}”，而 username 是“{}”，两者必须一致（设备日志 1114）",
);
pub(super) const RES_FIX: Text = Text::new("sign with res={}", "请用 res={} 计算签名");
pub(super) const USERNAME_FORM: Text = Text::new(
    "the user name is “{}”; an app logs in as userid/<user id> or projectid/<project id>/groupid/<group id>",
    "username 是“{}”，应用登录应为 userid/<用户ID> 或 projectid/<项目ID>/groupid/<分组ID>",
);
pub(super) const USERNAME_FORM_FIX: Text = Text::new("take the ids from the console", "请从控制台查看相应 ID");
pub(super) const RES_FORM: Text = Text::new(
    "res is “{}”; a device has products/<product id>/devices/<device name> or products/<product id>",
    "res 是“{}”，设备应为 products/<产品ID>/devices/<设备名称> 或 products/<产品ID>",
);
pub(super) const SWAPPED: Text = Text::new(
    "client id and user name changed places: the client id is the device name, the user name the product id",
    "clientId 与 username 写反了：clientId 填设备名称，username 填产品 ID",
);
pub(super) const SWAPPED_FIX: Text = Text::new("exchange them", "请对调");
pub(super) const CLIENT_ID: Text = Text::new(
    "the client id is “{}”; it is the device name alone, without the product id (device log code 1114)",
    "clientId 是“{}”，只填设备名称，不带产品 ID（设备日志 1114）",
);
pub(super) const RES_CLIENT_ID: Text = Text::new(
    "the token is for “{}”, but the client id is “{}” (device log code 1114)",
    "token 的 res 是“{}”，而 clientId 是“{}”（设备日志 1114）",
);
pub(super) const USERNAME_PRODUCT: Text =
    Text::new("the user name is “{}”; it is the product id alone", "username 是“{}”，只填产品 ID");
pub(super) const RES_PRODUCT: Text = Text::new(
    "the token is for “{}”, but the user name (the product id) is “{}” (device log code 1114)",
    "token 的 res 是“{}”，而 username（产品 ID）是“{}”（设备日志 1114）",
);
pub(super) const RES_OTHER: Text =
    Text::new("res is “{}”; by product id and device name it is “{}”", "res 是“{}”，按产品 ID 与设备名称应为“{}”");
pub(super) const PERCENT: Text = Text::new(
    "the percent signs of the token were lost (3D stands where %3D belongs): a printf or a modem took them away",
    "token 里的百分号丢了（3D 应为 %3D）：被 printf 或模组的转义吃掉",
);
pub(super) const PERCENT_FIX: Text =
    Text::new("write %% in a format string; check how the modem escapes", "格式串里写 %%，并确认模组的转义规则");
pub(super) const RES_ENCODED: Text =
    Text::new("res was percent-encoded before it was signed", "签名前就对 res 做了 URL 编码");
pub(super) const RES_ENCODED_FIX: Text =
    Text::new("sign res as it is; encode it in the token only", "用未编码的 res 计算签名，只在拼 token 时编码");
pub(super) const SIGNED_VERSION: Text = Text::new(
    "version={} was signed, but the token says version={}",
    "签名用的是 version={}，而 token 里是 version={}",
);
pub(super) const SIGNED_METHOD: Text =
    Text::new("method={} was signed, but the token says method={}", "签名用的是 method={}，而 token 里是 method={}");
pub(super) const SIGNED_VERSION_FIX: Text = Text::new("sign what the token says", "签名内容须与 token 参数一致");
pub(super) const SIGNED_RES: Text =
    Text::new("res={} was signed, but the token says res={}", "签名用的是 res={}，而 token 里是 res={}");
pub(super) const SIGNED_RES_FIX: Text =
    Text::new("sign the same res that the token carries", "签名用的 res 须与 token 里的相同");
pub(super) const KEY_LEVEL_DEVICE: Text = Text::new(
    "the res of a device wants the key of this device; the key of its product may have been used",
    "设备级 res 要用该设备的密钥，可能误用了产品密钥",
);
pub(super) const KEY_LEVEL_PRODUCT: Text = Text::new(
    "the res of a product wants the access key of the product; the key of a device may have been used",
    "产品级 res 要用产品的 access_key，可能误用了设备密钥",
);
pub(super) const KEY_LEVEL_FIX: Text = Text::new(
    "check which key belongs to this res (device log code 1106)",
    "请核对该 res 对应哪一级密钥（设备日志 1106）",
);
pub(super) const TRIED: Text = Text::new(
    "other digests, key not decoded, other order and separators, parts left out, res encoded or of another level, other versions, hex for base64, slips in et, res, version and key",
    "其他摘要算法、密钥未解码、顺序与分隔符、漏项、res 已编码或级别不同、其他 version、hex 与 base64 混用，以及 et、res、version、密钥中的笔误",
);
pub(super) const KEY_FORM: Text = Text::new(
    "the access key given here is no base64, so it is not the key as the console shows it",
    "此处给出的 access_key 不是 base64，与控制台显示的密钥不符",
);
pub(super) const KEY_FORM_FIX: Text = Text::new("copy the key from the console once more", "请从控制台重新复制密钥");
pub(super) const SIGN_ONLY: Text = Text::new(
    "the password is the signature alone; the whole token is wanted",
    "password 只填了 sign，应为完整的 token",
);
