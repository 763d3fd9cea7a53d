//! Words of the forms and files of profiles.

use crate::base::lang::Text;

/// What a new profile is called before it has a name.
pub const NEW_NAME: &str = "new";

pub const WHO: Text = Text::new("Who connects", "身份");
pub const WHICH_DEVICE: Text = Text::new("The device watched or driven (optional)", "要观察或控制的设备（可选）");
pub const CONNECTION: Text = Text::new("Connection (optional)", "连接（可选）");
pub const NAME: Text = Text::new("name", "名称");
pub const PLATFORM: Text = Text::new("platform", "平台");
pub const ROLE: Text = Text::new("role", "角色");
pub const NAME_HELP: Text = Text::new(
    "What -p takes: letters, digits, “-”, “_” and “.”. A triple, a login, JSON or code pasted into this form fills it.",
    "供 -p 使用的名称，由文字、数字、“-”、“_”、“.”组成。可在此表单中直接粘贴三元组、登录信息、JSON 或代码，自动填入各项。",
);
pub const PLATFORM_HELP: Text = Text::new("← → or space choose the platform.", "用 ← → 或空格选择平台。");
pub const ROLE_HELP: Text = Text::new(
    "app: watches and drives devices as a phone or a server does. device: iotdbg plays the device.",
    "app：像手机或服务端那样观察、控制设备；device：由 iotdbg 扮演设备。",
);
pub const SECRET_HELP: Text = Text::new(
    "Written here, or fetched: env:NAME, file:PATH, cmd:COMMAND; ctrl-r shows it",
    "可直接填写，也可写 env:变量名、file:路径、cmd:命令；ctrl-r 显示明文",
);
pub const SERVER_HELP: Text = Text::new(
    "Where to connect: mqtt, mqtts, ws, wss, http or https, then ://host:port. Empty: the platform's own.",
    "服务器地址：mqtt、mqtts、ws、wss、http 或 https，后接 ://主机:端口；留空则使用平台默认地址。",
);
pub const MODEL_HELP: Text = Text::new(
    "The file of the thing model, as exported from the console. With it values have names, types and limits.",
    "从控制台导出的物模型文件；有了它，取值才有名称、类型与范围。",
);
pub const PRODUCTION_HELP: Text = Text::new(
    "A production profile asks before anything is published. ← → choose.",
    "生产环境：发布任何消息前先确认。用 ← → 选择。",
);
pub const DEFAULT: Text = Text::new("default: {}", "默认：{}");

pub const CANNOT_MOVE: Text = Text::new(
    "this profile is part of iotdbg and has no file; duplicate it (D) to make one of your own",
    "这是内置配置，没有文件；可按 D 复制为自己的配置",
);
pub const SAVED: Text = Text::new("saved {}", "已保存 {}");
pub const SAVED_FAULTY: Text =
    Text::new("saved {}, but it cannot connect yet: {} {}", "已保存 {}，但还不能连接：{} {}");
pub const RENAME_TITLE: Text = Text::new("New name of {}", "{} 的新名称");
pub const RENAME_HINT: Text = Text::new("letters, digits, “-”, “_” and “.”", "由文字、数字、“-”、“_”、“.”组成");
pub const ASK_DELETE: Text = Text::new("Delete the profile {} and its file?", "删除配置 {} 及其文件吗？");
pub const STILL_OPEN: Text = Text::new("{} is connected; disconnect it first", "{} 正在连接中，请先断开");
pub const DELETED: Text = Text::new("deleted {}", "已删除 {}");
pub const ASK_DISCARD: Text = Text::new("Leave without saving?", "不保存就离开吗？");
pub const IMPORT_TITLE: Text = Text::new("Import profiles", "导入配置");
pub const IMPORT_HINT: Text = Text::new(
    "the path of an MQTTX export, of a .json with triples or of a profile — or paste the text itself",
    "输入 MQTTX 导出文件、含三元组的 .json 或 profile 的路径，也可直接粘贴内容",
);
pub const IMPORTED: Text = Text::new("made {} profiles: {}", "已生成 {} 个配置：{}");
pub const SKIPPED: Text = Text::new("; {} skipped: {}", "；跳过 {} 项：{}");
pub const PRODUCTION_ON: Text = Text::new("{} is production now: sending asks first", "{} 已标记为生产：发送前先确认");
pub const PRODUCTION_OFF: Text = Text::new("{} is no longer production", "{} 已取消生产标记");
pub const WORKSPACE_TITLE: Text = Text::new("Save as workspace", "存为工作区");
pub const WORKSPACE_HINT: Text = Text::new(
    "connects {} with this layout; `iotdbg -w NAME` opens it",
    "将连接 {} 并恢复当前布局；用 iotdbg -w 名称 打开",
);
pub const NO_WORKSPACES: Text =
    Text::new("there is no workspace yet; connect some profiles, then w", "还没有工作区；先连接几个配置，再按 w 保存");
pub const WORKSPACE_SAVED: Text = Text::new("workspace saved in {}", "工作区已保存到 {}");
pub const WORKSPACE_MISSING: Text =
    Text::new("the workspace names {}, which is no profile", "工作区中的 {} 不是已有的配置");
pub const NO_DEMO: Text = Text::new("this build has no simulated cloud", "此版本未包含模拟云");

pub const START_DEMO: Text = Text::new("See the demo", "查看演示");
pub const START_DEMO_HELP: Text = Text::new(
    "every platform, with an app and a device; no account, no network",
    "内置每个平台的 app 与设备，无需账号，无需网络",
);
pub const START_NEW: Text = Text::new("New profile: {}", "新建配置：{}");
pub const START_NEW_HELP: Text =
    Text::new("a form; a triple or a login pasted into it fills it", "打开表单；粘贴三元组或登录信息可自动填入");
pub const START_CAPTURE: Text = Text::new("Open a capture", "打开录制文件");
pub const START_CAPTURE_HELP: Text = Text::new(
    "what a colleague recorded with `iotdbg record`, or w in the Stream",
    "同事用 iotdbg record 或在消息流中按 w 录制的文件",
);
pub const START_IMPORT: Text = Text::new("Import", "导入");
pub const START_IMPORT_HELP: Text =
    Text::new("an MQTTX export, a .json with triples, a profile", "MQTTX 导出、含三元组的 .json、已有的 profile");
pub const START_LOOK: Text = Text::new("Look around", "随便看看");
pub const START_LOOK_HELP: Text =
    Text::new("the profiles that are part of iotdbg; S brings this page back", "查看内置配置；按 S 可返回此页");
