//! The tabs, and the places on them that can have the focus.

use crate::app::action::Action;
use crate::base::lang::Text;

/// The tabs, in the order of their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tab {
    /// Profiles and connections.
    Connections,
    /// Everything that flows.
    Stream,
    /// What is to be sent, and what became of it.
    Compose,
    /// Binary frames on the bench.
    Frames,
    /// Logins calculated and checked.
    Sign,
    /// The simulated devices.
    Device,
    /// What happened to the connections.
    Events,
}

impl Tab {
    /// The one place that says which tabs there are and in which order.
    pub const ALL: &'static [Tab] =
        &[Tab::Connections, Tab::Stream, Tab::Compose, Tab::Frames, Tab::Sign, Tab::Device, Tab::Events];

    /// The action that opens it.
    pub const fn action(self) -> Action {
        match self {
            Tab::Connections => Action::TabConnections,
            Tab::Stream => Action::TabStream,
            Tab::Compose => Action::TabCompose,
            Tab::Frames => Action::TabFrames,
            Tab::Sign => Action::TabSign,
            Tab::Device => Action::TabDevice,
            Tab::Events => Action::TabEvents,
        }
    }

    /// Its name.
    pub const fn title(self) -> Text {
        self.action().title()
    }

    /// Its number, from 1.
    pub fn number(self) -> usize {
        Tab::ALL.iter().position(|tab| *tab == self).unwrap_or_default() + 1
    }
}

/// Where the focus can be: what keys mean depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// Everywhere that no text is typed.
    Global,
    /// The list of profiles.
    Connections,
    /// The log of the last attempt.
    ConnectionLog,
    /// The topic tree.
    Tree,
    /// The list of messages.
    Stream,
    /// The filter being typed.
    Filter,
    /// Asked what to copy.
    CopyMenu,
    /// The message taken apart.
    Inspect,
    /// What is to be sent.
    ComposeForm,
    /// A value or a payload being typed.
    ComposeEdit,
    /// The requests that were sent.
    Ledger,
    /// The frames on the bench.
    FrameList,
    /// The fields of a frame.
    FrameFields,
    /// Its bytes.
    FrameBytes,
    /// A value of a field being typed.
    FrameEdit,
    /// Bytes being typed.
    FrameType,
    /// Asked what to copy a frame as.
    FrameCopy,
    /// The frames that can be built.
    Templates,
    /// What a login is made of.
    SignForm,
    /// A field of it being typed.
    SignEdit,
    /// The login, or what is wrong with it.
    SignResult,
    /// The properties of a simulated device.
    Device,
    /// What a simulated device was told and did.
    DeviceLog,
    /// What happened to the connections.
    Events,
    /// The `?` page.
    Help,
    /// The list of all actions.
    Palette,
    /// The requests that are kept under names.
    Requests,
    /// What to begin with.
    Start,
    /// A profile in a form.
    ProfileForm,
    /// The workspaces.
    Workspaces,
    /// A list of the stream to pick from.
    Pick,
    /// A question with yes and no.
    Confirm,
    /// A question with a text for an answer.
    Prompt,
}

impl Place {
    /// Every place.
    pub const ALL: &'static [Place] = &[
        Place::Global,
        Place::Connections,
        Place::ConnectionLog,
        Place::Tree,
        Place::Stream,
        Place::Filter,
        Place::CopyMenu,
        Place::Inspect,
        Place::ComposeForm,
        Place::ComposeEdit,
        Place::Ledger,
        Place::SignForm,
        Place::SignEdit,
        Place::SignResult,
        Place::Device,
        Place::DeviceLog,
        Place::Events,
        Place::Help,
        Place::Palette,
        Place::Requests,
        Place::Start,
        Place::ProfileForm,
        Place::Workspaces,
        Place::Confirm,
        Place::Prompt,
    ];

    /// The name in `iotdbg keys` and in a file of rebound keys.
    pub const fn name(self) -> &'static str {
        match self {
            Place::Global => "global",
            Place::Connections => "connections",
            Place::ConnectionLog => "connection-log",
            Place::Tree => "tree",
            Place::Stream => "stream",
            Place::Filter => "filter",
            Place::CopyMenu => "copy",
            Place::Inspect => "inspect",
            Place::ComposeForm => "compose",
            Place::ComposeEdit => "compose-edit",
            Place::Ledger => "ledger",
            Place::FrameList => "frames",
            Place::FrameFields => "frame-fields",
            Place::FrameBytes => "frame-bytes",
            Place::FrameEdit => "frame-edit",
            Place::FrameType => "frame-type",
            Place::FrameCopy => "frame-copy",
            Place::Templates => "templates",
            Place::SignForm => "sign",
            Place::SignEdit => "sign-edit",
            Place::SignResult => "sign-result",
            Place::Device => "device",
            Place::DeviceLog => "device-log",
            Place::Events => "events",
            Place::Help => "help",
            Place::Palette => "palette",
            Place::Requests => "requests",
            Place::Start => "start",
            Place::ProfileForm => "profile",
            Place::Workspaces => "workspaces",
            Place::Pick => "pick",
            Place::Confirm => "confirm",
            Place::Prompt => "prompt",
        }
    }

    /// The name shown to people.
    pub const fn title(self) -> Text {
        match self {
            Place::Global => Text::new("Everywhere", "通用"),
            Place::Connections => Text::new("Connections", "连接"),
            Place::ConnectionLog => Text::new("Last attempt", "最近一次连接"),
            Place::Tree => Text::new("Topics", "主题"),
            Place::Stream => Text::new("Stream", "消息流"),
            Place::Filter => Text::new("Filter", "过滤"),
            Place::CopyMenu => Text::new("Copy", "复制"),
            Place::Inspect => Text::new("Inspect", "解析"),
            Place::ComposeForm => Text::new("Compose", "下发"),
            Place::ComposeEdit => Text::new("Edit", "编辑"),
            Place::Ledger => Text::new("Requests", "请求记录"),
            Place::FrameList => Text::new("Frames", "帧"),
            Place::FrameFields => Text::new("Fields", "字段"),
            Place::FrameBytes => Text::new("Bytes", "字节"),
            Place::FrameEdit => Text::new("Edit a field", "编辑字段"),
            Place::FrameType => Text::new("Type bytes", "输入字节"),
            Place::FrameCopy => Text::new("Copy", "复制"),
            Place::Templates => Text::new("Build a frame", "构造帧"),
            Place::SignForm => Text::new("Sign", "签名"),
            Place::SignEdit => Text::new("Edit a field", "编辑字段"),
            Place::SignResult => Text::new("Result", "结果"),
            Place::Device => Text::new("Device", "设备"),
            Place::DeviceLog => Text::new("What it was told", "设备日志"),
            Place::Events => Text::new("Events", "事件"),
            Place::Help => Text::new("Help", "帮助"),
            Place::Palette => Text::new("All actions", "命令面板"),
            Place::Requests => Text::new("Kept requests", "已保存的请求"),
            Place::Start => Text::new("Start", "开始"),
            Place::ProfileForm => Text::new("Profile", "配置"),
            Place::Workspaces => Text::new("Workspaces", "工作区"),
            Place::Pick => Text::new("Pick", "选择"),
            Place::Confirm => Text::new("Question", "确认"),
            Place::Prompt => Text::new("Input", "输入"),
        }
    }

    /// Whether keys without a row of their own are typed into a text here.
    pub const fn takes_text(self) -> bool {
        matches!(
            self,
            Place::Filter
                | Place::CopyMenu
                | Place::ComposeEdit
                | Place::SignEdit
                | Place::FrameEdit
                | Place::FrameType
                | Place::FrameCopy
                | Place::Templates
                | Place::Palette
                | Place::Requests
                | Place::Workspaces
                | Place::ProfileForm
                | Place::Pick
                | Place::Prompt
        )
    }

    /// Whether it lies over the tab and hides the rows of everything below.
    pub const fn is_overlay(self) -> bool {
        matches!(
            self,
            Place::Help
                | Place::Palette
                | Place::Requests
                | Place::Pick
                | Place::Templates
                | Place::Start
                | Place::ProfileForm
                | Place::Workspaces
                | Place::Confirm
                | Place::Prompt
        )
    }
}
