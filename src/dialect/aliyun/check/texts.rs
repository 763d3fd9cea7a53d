//! What the checker says.

use crate::base::lang::Text;

pub(super) const NO_SECRET: Text = Text::new(
    "is needed to check the signature; the form of the login is right",
    "必须给出才能校验签名；登录信息的格式没有问题",
);
pub(super) const APSARA: Text = Text::new(
    "these are credentials of ApsaraMQ for MQTT (GroupID@@@DeviceID, AccessKey), which is another product; the IoT platform knows product key, device name and device secret",
    "这是微消息队列 MQTT 版（GroupID@@@DeviceID、AccessKey）的凭证，与物联网平台是两个产品；物联网平台使用 ProductKey、DeviceName、DeviceSecret",
);
pub(super) const APSARA_FIX: Text = Text::new(
    "take the device's triple from the console of the IoT platform, or connect to the broker of ApsaraMQ",
    "请从物联网平台控制台获取设备三元组，或改连微消息队列的接入点",
);
pub(super) const FULL_WIDTH: Text =
    Text::new("the client id holds full-width punctuation (｜ or ，)", "clientId 里有全角标点（｜或，）");
pub(super) const FULL_WIDTH_FIX: Text = Text::new("write | and , in half width", "请改用半角 | 和 ,");
pub(super) const ENCODED: Text =
    Text::new("the {} is percent-encoded; MQTT takes it as it is", "{} 被 URL 编码了，MQTT 中应使用原文");
pub(super) const ENCODED_FIX: Text = Text::new("do not encode it", "请不要编码");
pub(super) const NO_PARAMETERS: Text = Text::new(
    "the client id “{}” has no |securemode=…,signmethod=…| behind it",
    "clientId“{}”后缺少 |securemode=…,signmethod=…|",
);
pub(super) const CLIENT_ID_FIX: Text = Text::new(
    "clientId|securemode=3,signmethod=hmacsha1,timestamp=789|",
    "clientId|securemode=3,signmethod=hmacsha1,timestamp=789|",
);
pub(super) const NO_BAR: Text =
    Text::new("the client id has no closing | (CONNACK 2)", "clientId 末尾缺少 |（CONNACK 2）");
pub(super) const SPACES: Text = Text::new("there is white space in the client id", "clientId 里有空白字符");
pub(super) const SPACES_FIX: Text = Text::new("remove it", "请去掉");
pub(super) const SEPARATOR: Text = Text::new(
    "the parameters of the client id are separated by “{}”; commas are wanted",
    "clientId 的扩展参数用“{}”分隔，应使用逗号",
);
pub(super) const PARAMETER_FORM: Text =
    Text::new("“{}” in the client id is no name=value", "clientId 里的“{}”不是 name=value 形式");
pub(super) const MISSPELT: Text =
    Text::new("the client id has a parameter “{}”; it is spelled “{}”", "clientId 的参数“{}”拼写有误，应为“{}”");
pub(super) const MISSPELT_FIX: Text = Text::new("write {}", "请写作 {}");
pub(super) const NO_CID: Text =
    Text::new("nothing stands before the first | of the client id", "clientId 第一个 | 之前为空");
pub(super) const LONG_CID: Text = Text::new(
    "the part of the client id before the first | has {} characters; at most 64 are allowed",
    "clientId 第一个 | 之前长 {} 个字符，最多 64 个",
);
pub(super) const LONG_CID_FIX: Text = Text::new("use the MAC address or serial number", "请使用 MAC 地址或序列号");
pub(super) const NO_MODE: Text = Text::new("securemode is missing in the client id", "clientId 缺少 securemode");
pub(super) const MODE_TLS: Text = Text::new(
    "securemode=2 says TLS, but the connection is plain TCP: the platform closes it",
    "securemode=2 表示 TLS，而连接是明文 TCP，平台会断开",
);
pub(super) const MODE_TCP: Text = Text::new(
    "securemode=3 says plain TCP, but the connection is TLS: the platform closes it",
    "securemode=3 表示 TCP 明文，而连接是 TLS，平台会断开",
);
pub(super) const BAD_MODE: Text =
    Text::new("securemode={} is not known; 2 is TLS, 3 is plain TCP", "securemode={} 无效：2 为 TLS，3 为 TCP 明文");
pub(super) const MODE_FIX: Text = Text::new("securemode={}", "securemode={}");
pub(super) const NO_METHOD: Text = Text::new("signmethod is missing in the client id", "clientId 缺少 signmethod");
pub(super) const BAD_METHOD: Text = Text::new(
    "signmethod “{}” is none of hmacmd5, hmacsha1, hmacsha256",
    "signmethod“{}”不是 hmacmd5、hmacsha1、hmacsha256 之一",
);
pub(super) const METHOD_FIX: Text = Text::new("signmethod={}", "signmethod={}");
pub(super) const NO_PASSWORD: Text = Text::new("the password is empty", "password 为空");
pub(super) const PASSWORD_FORM_FIX: Text =
    Text::new("it is the HMAC of the joined parameters, in hex", "应为拼接参数的 HMAC，hex 形式");
pub(super) const USER_SPACES: Text =
    Text::new("there is white space or a quotation mark around the user name", "username 前后有空白或引号");
pub(super) const USER_FORM: Text = Text::new(
    "the user name “{}” is not deviceName&productKey (CONNACK 4)",
    "username“{}”不是 deviceName&productKey 的形式（CONNACK 4）",
);
pub(super) const USER_FIX: Text = Text::new("{}&{}", "{}&{}");
pub(super) const USER_SWAPPED: Text = Text::new(
    "product key and device name changed places in the user name “{}”: the device name comes first",
    "username“{}”中 ProductKey 与 DeviceName 写反了：DeviceName 在前",
);
pub(super) const USER_OTHER: Text = Text::new("the user name is “{}”, but {} is “{}”", "username 是“{}”，而 {} 是“{}”");
pub(super) const STRAY: Text =
    Text::new("there is white space or a quotation mark around the password", "password 前后有空白或引号");
pub(super) const WHOLE: Text = Text::new(
    "the whole client id was signed; only the part before the first | is",
    "签名时用了整个 clientId，应只用第一个 | 之前的部分",
);
pub(super) const WHOLE_FIX: Text = Text::new("sign clientId{}", "待签内容中写 clientId{}");
pub(super) const NO_TIME: Text = Text::new(
    "the client id has a timestamp, but it was left out of the text that was signed",
    "clientId 带了 timestamp，但待签内容里漏了它",
);
pub(super) const NO_TIME_FIX: Text = Text::new(
    "sign the timestamp too, or leave it out of the client id",
    "把 timestamp 加入待签内容，或从 clientId 中去掉",
);
pub(super) const TIME_ADDED: Text = Text::new(
    "a timestamp ({}) was signed that the client id does not have",
    "待签内容里有 timestamp（{}），而 clientId 中没有",
);
pub(super) const TIME_ADDED_FIX: Text = Text::new(
    "write timestamp={} into the client id, or do not sign it",
    "在 clientId 中加上 timestamp={}，或不参与签名",
);
pub(super) const SWAPPED: Text = Text::new(
    "product key and device name changed places: either in the user name or in the text that was signed",
    "ProductKey 与 DeviceName 写反了：在 username 中，或在待签内容中",
);
pub(super) const SWAPPED_FIX: Text = Text::new(
    "user name {}&{}, and deviceName{}productKey{} in the text that is signed; or both the other way round",
    "username 用 {}&{}，待签内容中写 deviceName{}productKey{}；或两处同时对调",
);
pub(super) const VALUES_ONLY: Text =
    Text::new("only the values were signed, without their names", "只拼接了参数值，漏了参数名");
pub(super) const VALUES_ONLY_FIX: Text = Text::new("sign {}", "待签内容为 {}");
pub(super) const NAME_CASE: Text =
    Text::new("the names of the parameters were signed in another spelling", "待签内容里参数名的大小写不对");
pub(super) const NAME_CASE_FIX: Text = Text::new("sign {}", "待签内容为 {}");
pub(super) const OTHER_ID: Text =
    Text::new("clientId “{}” was signed, but the client id is “{}”", "签名用的 clientId 是“{}”，而实际是“{}”");
pub(super) const OTHER_ID_FIX: Text = Text::new("sign clientId{}", "待签内容中写 clientId{}");
pub(super) const OTHER_TEXT: Text = Text::new(
    "one parameter alone was signed, not all of them with their names",
    "只对单个参数做了签名，没有按规则拼接全部参数",
);
pub(super) const OTHER_TEXT_FIX: Text = Text::new("sign {}", "待签内容为 {}");
pub(super) const TRIED: Text = Text::new(
    "other digests, secret decoded, product secret and other given texts as the key, parts left out or added, whole client id, other order, joints and spellings, names exchanged, base64 for hex, slips in every part and in the secret",
    "其他摘要算法、密钥被解码、误用 ProductSecret 等、漏项与多项、整个 clientId、顺序与拼接方式、参数名大小写、名称对调、base64 与 hex 混用，以及各参数和密钥中的笔误",
);
