//! The words of the checker.

use crate::base::lang::Text;

pub const NO_SECRET: Text = Text::new(
    "is needed: without the secret nobody can tell whether a signature is right",
    "必须提供：没有密钥就无法判断签名是否正确",
);
pub const WRITE: Text = Text::new("{}: {}", "{}：{}");
pub const STRAY: Text = Text::new("white space or quotes around the {}", "{} 前后有空白或引号");
pub const STRAY_FIX: Text = Text::new("remove them", "请去掉");
pub const NO_PASSWORD: Text = Text::new("the password is missing", "缺少 password");
pub const PASSWORD_FIX: Text =
    Text::new("lower-case hex of the HMAC, then ;hmacsha256", "HMAC 的小写十六进制，后接 ;hmacsha256");
pub const OTHER_APP: Text = Text::new(
    "the second part of the user name is {}; the SDKs write {}, and the server does not look at it",
    "username 第二段为 {}；SDK 固定写 {}，服务器并不检查",
);
pub const OTHER_APP_FIX: Text = Text::same("{}");
pub const SEPARATOR: Text = Text::new(
    "the parts of the user name are joined by “{}”; the platform splits it at “;”",
    "username 各段以“{}”连接，平台按“;”拆分",
);
pub const PARTS: Text = Text::new(
    "the user name has {} parts; the platform takes exactly four: clientID;12010126;connid;expiry",
    "username 有 {} 段，平台要求恰好四段：clientID;12010126;connid;expiry",
);
pub const ONLY_CLIENT_ID: Text = Text::new(
    "the user name is the client id alone; three more parts belong to it",
    "username 只填了 clientID，还缺三段",
);
pub const FORM_FIX: Text = Text::same("{};{};A1B2C;1767225600");
pub const CLIENT_ID: Text =
    Text::new("“{}” is no client id: product id, &, device name", "“{}”不是有效的 clientID：应为 产品ID&设备名称");
pub const CLIENT_ID_FIX: Text = Text::new("{productID}&{deviceName}", "{productID}&{deviceName}");
pub const SWAPPED: Text =
    Text::new("product id and device name stand in each other's place in the {}", "{} 中产品 ID 与设备名称写反了");
pub const ID_SEPARATOR: Text = Text::new(
    "in the {} product id and device name are joined by “{}”, not by “&”",
    "{} 中产品 ID 与设备名称用“{}”连接，应为“&”",
);
pub const OTHER_DEVICE: Text = Text::new("the {} names {}, not {}", "{} 指向 {}，而不是 {}");
pub const LEGACY: Text = Text::new(
    "the client id has the older form without “&”; the platform takes it because the product id has 11 characters",
    "clientID 为不含“&”的旧格式；因产品 ID 恰为 11 个字符，平台仍接受",
);
pub const LEGACY_LENGTH: Text = Text::new(
    "the client id has the older form without “&”, which is split after 11 characters, but the product id has {}",
    "clientID 为不含“&”的旧格式，平台按前 11 个字符拆分，而产品 ID 有 {} 个字符",
);
pub const AMPERSAND: Text = Text::new("the device name “{}” holds “&”", "设备名称“{}”含有“&”");
pub const AMPERSAND_FIX: Text =
    Text::new("rename the device: the platform splits the client id at “&”", "请修改设备名称：平台按“&”拆分 clientID");
pub const EXPIRY_FORM: Text =
    Text::new("the expiry is “{}”, no number; the server does not check it", "过期时间“{}”不是数字；服务器并不检查");
pub const EXPIRY_MS: Text = Text::new(
    "the expiry {} counts milliseconds; seconds are meant, and the server does not check them",
    "过期时间 {} 是毫秒，应为秒；服务器并不检查",
);
pub const EXPIRED: Text = Text::new(
    "the login expired at {}; today's server does not check it (loginAuthLogic.go), a later one may",
    "登录已于 {} 过期；目前服务器不检查（loginAuthLogic.go），以后可能检查",
);
pub const EXPIRY_FIX: Text = Text::new("Unix seconds in the future", "填写未来的 Unix 秒");
pub const NO_SUFFIX: Text =
    Text::new("the password does not say its digest at the end", "password 末尾没有写明签名算法");
pub const SUFFIX: Text =
    Text::new("the password ends with “;{}”, which the platform does not know", "password 以“;{}”结尾，平台不识别");
pub const SUFFIX_FIX: Text = Text::new("…;{}", "…;{}");
pub const SECRET_FORM: Text = Text::new("device_secret is no base64", "device_secret 不是 base64");
pub const SECRET_FORM_FIX: Text = Text::new("copy it again from the device's page", "请从设备详情重新复制");
pub const UPPER_CASE: Text = Text::new(
    "the signature is right, but in capitals: the platform compares lower-case hex",
    "签名正确但使用了大写：平台按小写十六进制比较",
);
pub const UPPER_CASE_FIX: Text = Text::new("write the hex in small letters", "十六进制改为小写");
pub const PLUS_LOST: Text =
    Text::new("it was signed with a device_secret that had lost its “+”", "签名所用的 device_secret 丢失了“+”");
pub const PLUS_LOST_FIX: Text = Text::new(
    "keep the “+” of the secret: URL decoding turns it into a space",
    "保留密钥中的“+”：URL 解码会把它变成空格",
);
pub const ONLY_ID_SIGNED: Text = Text::new("only the client id was signed", "只对 clientID 做了签名");
pub const SIGN_FIX: Text = Text::new(
    "sign the whole user name as it is sent: clientID;12010126;connid;expiry",
    "对发送的完整 username 签名：clientID;12010126;connid;expiry",
);
pub const OTHER_FORM: Text = Text::new(
    "the text that was signed begins with {}, the user name with another form of the client id",
    "签名内容以 {} 开头，与 username 中的 clientID 形式不同",
);
pub const ENCODED: Text =
    Text::new("the user name was URL-encoded before it was signed", "签名前对 username 做了 URL 编码");
pub const LOWERED: Text =
    Text::new("the user name was signed in another case of letters", "签名时 username 的大小写与发送的不同");
pub const TRIED: Text = Text::new(
    "other digests, keys decoded or not, other secrets, orders and separators of the four parts, parts left out or added, both forms of the client id, slips of the fingers",
    "其它摘要算法、密钥是否解码、其它密钥、四段的顺序与分隔符、缺段或多段、clientID 两种格式、抄写错误",
);
pub const REGISTER_ID: Text = Text::new("“{}” is no client id of a registration", "“{}”不是动态注册的 clientID");
pub const REGISTER_ID_FIX: Text = Text::same("register&{productID}&{deviceName}");
pub const REGISTER_UNCHECKED: Text = Text::new(
    "the login of a registration is not checked; what is signed is the request on $ext/up/register",
    "动态注册的登录不校验密码；需要签名的是 $ext/up/register 的请求",
);
pub const REGISTER_FIX: Text = Text::new(
    "give the product secret, nonce, timestamp (as expires_at) and signature (as password)",
    "请提供 product_secret、nonce、timestamp（填入 expires_at）与 signature（填入 password）",
);
pub const SCHEME: Text = Text::new("{}:// does not open a WebSocket", "{}:// 无法建立 WebSocket");
pub const SCHEME_FIX: Text = Text::new("{}://…", "{}://…");
pub const PATH: Text = Text::new("the path is {}, the platform listens at {}", "路径为 {}，平台监听 {}");
pub const PATH_FIX: Text = Text::same("{}");
pub const NO_TOKEN: Text =
    Text::new("there is no token: HTTP 401, code 1000007", "没有 token：会返回 HTTP 401，code 1000007");
pub const TOKEN_NAME: Text =
    Text::new("the token is sent as “{}”, which the platform does not read", "token 以“{}”发送，平台不读取该名称");
pub const TOKEN_NAME_FIX: Text = Text::new("header field or query parameter: token", "请求头或地址参数名：token");
pub const BEARER: Text = Text::new(
    "“Bearer ” stands before the token; that form belongs to Authorization and open tokens only",
    "token 前多了“Bearer ”，该写法只用于 Authorization 与开放令牌",
);
pub const BEARER_FIX: Text = Text::new("token: the bare text", "token 只填令牌本身");
pub const NO_APP_CODE: Text = Text::new("app-code is missing", "缺少 app-code");
pub const APP_CODE_FIX: Text =
    Text::new("app-code: the app that the user is in, for example core", "app-code：用户所在应用，例如 core");
pub const PROJECT: Text = Text::new("project-id “{}” is no number", "project-id“{}”不是数字");
pub const PROJECT_FIX: Text = Text::new("the number of the project, from the console", "填写控制台中的项目 ID（数字）");
pub const TOKEN_CUT: Text = Text::new("the token is cut off: {} of {} characters", "token 被截断：{}/{} 个字符");
pub const TOKEN_ENCODED: Text = Text::new("the token was URL-encoded twice", "token 被重复 URL 编码");
pub const TOKEN_OTHER: Text = Text::new("the token is another one", "token 不是同一个");
pub const TOKEN_EXPIRED: Text = Text::new("the token expired at {} (code 100002)", "token 已于 {} 过期（100002）");
pub const TOKEN_EXPIRED_FIX: Text = Text::new("log in again", "请重新登录获取 token");
pub const TOKEN_EARLY: Text = Text::new("the token is valid from {} on (code 100003)", "token 于 {} 起生效（100003）");
pub const CLOCK_FIX: Text = Text::new("check the clock", "请检查时钟");
