//! What the checker says.

use crate::base::lang::Text;

pub(super) const NO_SECRET: Text = Text::new(
    "is needed to check the password; the form of the login is right",
    "必须给出才能校验 password；登录信息的格式没有问题",
);
pub(super) const WRITE: Text = Text::new("{}: {}", "{}：{}");
pub(super) const SPACE: Text =
    Text::new("there is white space or a quotation mark around the {}", "{} 前后有空白或引号");
pub(super) const SPACE_FIX: Text = Text::new("remove it", "请去掉");
pub(super) const NO_TOKEN: Text =
    Text::new("the password is empty; it is the user's token", "password 为空，应为用户 token");
pub(super) const TOKEN_FIX: Text = Text::new(
    "log in over HTTP (POST /app/login) and use the token of the answer",
    "先用 HTTP 登录（POST /app/login），使用返回的 token",
);
pub(super) const UNCHECKED: Text = Text::new(
    "a user token is made by the server: give it as --token to compare, and log in over HTTP to see whether it is valid",
    "用户 token 由服务端生成：可用 --token 给出以作比较，或用 HTTP 登录确认其是否有效",
);
pub(super) const UNCHECKED_FIX: Text = Text::new(
    "errors 9004 and 9006 of the HTTP API mean an invalid or expired token",
    "HTTP API 返回 9004、9006 表示 token 无效或过期",
);
pub(super) const PREFIX: Text = Text::new(
    "the client id “{}” does not begin with usr: the platform tells apps from devices by it",
    "clientId“{}”不是以 usr 开头：平台据此区分应用与设备",
);
pub(super) const LENGTH: Text = Text::new(
    "the client id has {} bytes; at most 23 are allowed, devices cut the rest off",
    "clientId 长 {} 字节，最多 23 字节，设备会截断多余部分",
);
pub(super) const CHARACTERS: Text = Text::new(
    "the client id “{}” holds other characters than letters and digits",
    "clientId“{}”含有字母和数字以外的字符",
);
pub(super) const ENCODED: Text =
    Text::new("the $ of the user name are percent-encoded", "username 里的 $ 被 URL 编码了");
pub(super) const USERNAME_FIX: Text = Text::new("2$<appid>$<uid>", "2$<appid>$<uid>");
pub(super) const USERNAME_FORM: Text =
    Text::new("the user name “{}” is not 2$appid$uid", "username“{}”不是 2$appid$uid 的形式");
pub(super) const USERNAME_PREFIX: Text =
    Text::new("the user name begins with “{}”; the first part is 2", "username 开头是“{}”，第一段应为 2");
pub(super) const SWAPPED: Text = Text::new(
    "appid and uid changed places in the user name: the appid comes first",
    "username 中 appid 与 uid 写反了：appid 在前",
);
pub(super) const OTHER_ID: Text =
    Text::new("the user name has the {} “{}”, but it is “{}”", "username 里的 {} 是“{}”，而实际是“{}”");
pub(super) const SHELL: Text = Text::new(
    "the user name is “{}”: a shell took $appid and $uid for variables",
    "username 是“{}”：shell 把 $appid、$uid 当成了变量",
);
pub(super) const SHELL_FIX: Text =
    Text::new("put it in single quotes: '2$<appid>$<uid>'", "请用单引号：'2$<appid>$<uid>'");
pub(super) const TEXT_FIX: Text = Text::new("the password is the {} itself", "password 就是 {} 本身");
pub(super) const LETTER_CASE: Text = Text::new("{} is written with other capital and small letters", "{} 的大小写不对");
pub(super) const OTHER_VALUE: Text = Text::new("the password is the {}, not the {}", "password 填的是 {}，而不是 {}");
pub(super) const HASHED: Text =
    Text::new("the password is the {} of the {}, not the text itself", "password 是 {1} 的 {0} 摘要，应为原文");
pub(super) const ENCODED_TEXT: Text = Text::new("the {} was encoded before use", "{} 在使用前被编码了");
pub(super) const APPLICATION_AUTH: Text = Text::new(
    "the password is X-Gizwits-Application-Auth (md5 of appid and appsecret), which belongs to the HTTP API",
    "password 填成了 X-Gizwits-Application-Auth（appid 与 appsecret 的 md5），那是 HTTP API 用的",
);
pub(super) const CUT_OFF: Text = Text::new("the {} is cut off: {} of {} characters", "{} 被截断：{} / {} 个字符");
pub(super) const TYPO: Text = Text::new(
    "the password differs from the {} in {} character(s) only, first at character {}",
    "password 与 {} 只差 {} 个字符，第一处在第 {} 个字符",
);
pub(super) const OTHER_TEXT: Text = Text::new("the password is not the {} that was given", "password 与给出的 {} 不同");
pub(super) const APP_LOGIN: Text =
    Text::new("this is the login of an app (usr…, 2$…), not of a device", "这是应用端的登录（usr…、2$…），不是设备的");
pub(super) const APP_LOGIN_FIX: Text =
    Text::new("a device logs in with its did and passcode", "设备用 did 和 passcode 登录");
pub(super) const DID: Text = Text::new("the {} is “{}”; it has to be the did “{}”", "{} 是“{}”，应为 did“{}”");
pub(super) const MAC_AS_ID: Text =
    Text::new("the {} is the MAC address; it has to be the did", "{} 填的是 MAC 地址，应为 did");
pub(super) const KEY_AS_ID: Text =
    Text::new("the {} is the product key; it has to be the did", "{} 填的是 product_key，应为 did");
pub(super) const MISSPELT: Text =
    Text::new("the user name has a parameter “{}”; it is spelled “{}”", "username 的参数“{}”应写作“{}”");
pub(super) const UNKNOWN: Text = Text::new("the user name has an unknown parameter “{}”", "username 含有未知参数“{}”");
pub(super) const NO_NONCE: Text = Text::new(
    "the user name “{}” has no |signmethod=sha256,signnonce=…",
    "username“{}”缺少 |signmethod=sha256,signnonce=…",
);
pub(super) const NONCE_FORM: Text = Text::new(
    "the nonce “{}” is not ten capital letters, as the firmware makes it",
    "nonce“{}”不是固件生成的十个大写字母",
);
pub(super) const NONCE_FIX: Text = Text::new("use ten letters A–Z", "请用十个 A–Z 字母");
pub(super) const NO_METHOD: Text = Text::new("the user name has no signmethod", "username 缺少 signmethod");
pub(super) const METHOD: Text =
    Text::new("signmethod is “{}”; sha256 is the only one", "signmethod 是“{}”，只能是 sha256");
pub(super) const NO_PASSWORD: Text = Text::new("the password is empty", "password 为空");
pub(super) const PASSWORD_FIX: Text =
    Text::new("hex SHA-256 of product_key,mac,auth_key,nonce", "product_key,mac,auth_key,nonce 的 SHA-256（小写 hex）");
pub(super) const PASSCODE: Text = Text::new(
    "the password is the passcode, but the user name announces a signature",
    "password 填的是 passcode，而 username 声明了签名登录",
);
pub(super) const DIGEST: Text =
    Text::new("the password was made with {}; sha256 is declared", "password 用的是 {}，而声明的是 sha256");
pub(super) const DIGEST_FIX: Text = Text::new(
    "use plain SHA-256 of product_key,mac,auth_key,nonce",
    "对 product_key,mac,auth_key,nonce 做普通 SHA-256",
);
pub(super) const HMAC: Text =
    Text::new("an HMAC-{} was computed; it is a plain SHA-256", "用的是 HMAC-{}，应为普通 SHA-256");
pub(super) const MAC_FORM: Text =
    Text::new("the MAC address was signed as “{}”, but is “{}”", "签名用的 MAC 是“{}”，而实际是“{}”");
pub(super) const MAC_FIX: Text =
    Text::new("write it the same way in both places, without separators", "两处写法须一致，且不带分隔符");
pub(super) const DID_SIGNED: Text =
    Text::new("the did was signed in the place of the product key", "签名时用 did 代替了 product_key");
pub(super) const DID_SIGNED_FIX: Text =
    Text::new("sign product_key,mac,auth_key,nonce", "待签内容为 product_key,mac,auth_key,nonce");
pub(super) const TRIED: Text = Text::new(
    "other digests, HMAC, other order and joints, parts left out or added, other spellings of the MAC address, base64 for hex, slips in every part",
    "其他摘要算法、HMAC、顺序与拼接方式、漏项与多项、MAC 的其他写法、base64 与 hex 混用，以及各段中的笔误",
);
