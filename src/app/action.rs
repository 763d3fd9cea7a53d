//! Everything that a person can do, by name. Keys, mouse, palette and `:` all run these.

use crate::base::lang::Text;

macro_rules! actions {
    ($($variant:ident $name:literal $en:literal $zh:literal;)*) => {
        /// An action with a stable name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Action {
            $(
                #[doc = $en]
                $variant,
            )*
        }

        impl Action {
            /// Every action, in the order in which the palette shows them.
            pub const ALL: &'static [Action] = &[$(Action::$variant,)*];

            /// The name that never changes: in `:`, in `iotdbg keys`, in a file of rebound keys.
            pub const fn name(self) -> &'static str {
                match self { $(Action::$variant => $name,)* }
            }

            /// The name shown to people.
            pub const fn title(self) -> Text {
                match self { $(Action::$variant => Text::new($en, $zh),)* }
            }
        }
    };
}

actions! {
    Help "help" "help" "帮助";
    Palette "palette" "all actions" "命令面板";
    Quit "quit" "quit" "退出";
    Back "back" "one level back" "返回上一级";
    TabConnections "tab-connections" "Connections" "连接";
    TabStream "tab-stream" "Stream" "消息流";
    TabCompose "tab-compose" "Compose" "下发";
    TabFrames "tab-frames" "Frames" "帧";
    TabSign "tab-sign" "Sign" "签名";
    TabDevice "tab-device" "Device" "设备";
    TabEvents "tab-events" "Events" "事件";
    NextTab "next-tab" "next tab" "下一个标签页";
    PreviousTab "previous-tab" "previous tab" "上一个标签页";
    FocusNext "focus-next" "next area" "下一区域";
    FocusPrevious "focus-previous" "previous area" "上一区域";
    Up "up" "up" "向上";
    Down "down" "down" "向下";
    Left "left" "left" "向左";
    Right "right" "right" "向右";
    PageUp "page-up" "page up" "上一页";
    PageDown "page-down" "page down" "下一页";
    First "first" "first" "到开头";
    Last "last" "last" "到末尾";
    Dismiss "dismiss" "dismiss message" "关闭提示";
    Accept "accept" "yes" "确定";
    Decline "decline" "no" "取消";
    TogglePrivacy "toggle-privacy" "cover device names" "遮蔽设备名";
    ToggleMouse "toggle-mouse" "mouse on or off" "鼠标开关";
    Suspend "suspend" "into the background" "转到后台";
    Tour "tour" "tour, next step" "导览（下一步）";
    SwitchLanguage "switch-language" "中文界面" "English interface";

    Connect "connect" "connect" "连接";
    Disconnect "disconnect" "disconnect" "断开";
    ToggleConnection "toggle-connection" "connect or disconnect" "连接或断开";
    EditProfile "edit-profile" "edit profile" "编辑配置";
    EditProfileFile "edit-profile-file" "edit in $EDITOR" "用 $EDITOR 编辑";
    NewProfile "new-profile" "new profile" "新建配置";
    DuplicateProfile "duplicate-profile" "duplicate" "复制一份";
    RenameProfile "rename-profile" "rename" "重命名";
    DeleteProfile "delete-profile" "delete" "删除";
    ToggleProduction "toggle-production" "production mark on or off" "生产标记开关";
    ImportProfiles "import-profiles" "import profiles" "导入配置";
    ExportProfile "export-profile" "export without secrets" "导出（不含密钥）";
    SaveProfile "save-profile" "save" "保存";
    SaveAndConnect "save-and-connect" "save and connect" "保存并连接";
    SaveWorkspace "save-workspace" "save as workspace" "存为工作区";
    OpenWorkspace "open-workspace" "open workspace" "打开工作区";
    StartPage "start-page" "start page" "开始页";
    Begin "begin" "begin with this" "从此开始";
    StartDemo "start-demo" "start the demo" "启动演示";
    CopyLog "copy-log" "copy log" "复制日志";

    NextField "next-field" "next field" "下一项";
    PreviousField "previous-field" "previous field" "上一项";
    NextConnection "next-connection" "next connection" "下一连接";
    NextOperation "next-operation" "next operation" "下一操作";
    PreviousOperation "previous-operation" "previous operation" "上一操作";
    ToggleField "toggle-field" "choose" "选入";
    EditField "edit-field" "edit" "编辑";
    ChoiceNext "choice-next" "next value" "下一取值";
    ChoicePrevious "choice-previous" "previous value" "上一取值";
    ToggleJson "toggle-json" "form or free JSON" "表单/JSON 切换";
    OpenRequests "open-requests" "open a kept request" "打开已保存的请求";
    KeepRequest "keep-request" "keep this request" "保存此请求";
    ShowNextOutcome "show-next-outcome" "choose outcomes" "按结果筛选";
    ExportLedger "export-ledger" "write requests to a file" "导出请求记录";
    TakeDraft "take-draft" "take as draft" "作为草稿";
    AnswerDraft "answer-draft" "answer, as a draft" "以草稿应答";
    Send "send" "send" "发送";
    SendUnchecked "send-unchecked" "send in spite of faults" "忽略校验发送";
    StopSeries "stop-series" "stop sending" "停止重复发送";
    Resend "resend" "send again" "重发";
    ShowInStream "show-in-stream" "show in stream" "在消息流中查看";
    ShowReply "show-reply" "show reply in stream" "在消息流中查看应答";
    CopyTopic "copy-topic" "copy topic" "复制主题";
    CopyPayload "copy-payload" "copy payload" "复制报文";
    EditorOpen "editor" "open in $EDITOR" "用 $EDITOR 编辑";

    ThingModel "thing-model" "thing model …" "物模型……";
    FetchModel "fetch-model" "fetch the thing model" "从平台获取物模型";
    LearnModel "learn-model" "thing model from traffic" "由流量推断物模型";
    OpenModel "open-model" "open a thing model" "打开物模型文件";
    SaveModel "save-model" "save the thing model" "保存物模型到文件";

    ReportNow "report-now" "report now" "立即上报";
    EventNow "event-now" "event now" "上报事件";
    PeriodicReports "periodic-reports" "periodic reports on or off" "周期上报开关";
    MannerNext "manner-next" "next behaviour" "切换应答方式";
    CodeNext "code-next" "next refusal code" "切换拒绝码";
    DelayMore "delay-more" "longer delay" "增大延时";
    DelayLess "delay-less" "shorter delay" "减小延时";
    EditRules "edit-rules" "edit rules" "编辑规则";
    EditValue "edit-value" "change value" "修改值";
    FindTopic "find-topic" "find a topic" "查找主题";
    ListDevices "devices" "devices" "设备列表";
    ListMarks "marks" "marks" "标记列表";
    MarkNote "mark-note" "mark with a note" "标记并备注";
    GoToTime "go-to-time" "go to a time" "跳转到时间";
    NextClock "next-clock" "time of day, relative, delta" "时刻/相对/间隔";
    SavedFilters "saved-filters" "saved filters" "已保存的过滤条件";
    Operate "operate" "cloud console" "模拟云控制台";
    KeepFilter "keep-filter" "keep this filter" "保存过滤条件";
    EditStreamFile "edit-stream-file" "edit filters, highlights, decoders" "编辑过滤、高亮与解码规则";
    TogglePackets "packets" "control packets on or off" "显示/隐藏控制报文";
    Record "record" "record" "录制";
    RecordShown "record-shown" "record what the filter admits" "录制符合过滤的消息";
    OpenCapture "open-capture" "open a capture" "打开录制文件";
    ExportShown "export" "write the messages shown to a file" "导出当前显示的消息";
    Pause "pause" "pause" "暂停";
    Inspect "inspect" "inspect" "解析";
    EditFilter "filter" "filter" "过滤";
    CompleteFilter "complete-filter" "complete the filter" "补全过滤条件";
    ClearFilter "clear-filter" "clear filter" "清除过滤";
    NextFailure "next-failure" "next failure" "下一条失败";
    PreviousFailure "previous-failure" "previous failure" "上一条失败";
    NextOfRequest "next-of-request" "same request" "同一请求";
    PreviousOfRequest "previous-of-request" "same request, back" "同一请求（向前）";
    Mark "mark" "mark" "标记";
    NextMark "next-mark" "next mark" "下一标记";
    PreviousMark "previous-mark" "previous mark" "上一标记";
    CopyMenu "copy" "copy" "复制";
    CopyHex "copy-hex" "copy hex" "复制十六进制";
    CopyDecoded "copy-decoded" "copy decoded" "复制解析结果";
    CopyJson "copy-json" "copy as JSON" "复制为 JSON";
    CopyFile "copy-file" "payload into a file" "报文写入文件";
    CopyCommand "copy-command" "copy as iotdbg send" "复制为 iotdbg send 命令";
    CopyMosquitto "copy-mosquitto" "copy as mosquitto_pub" "复制为 mosquitto_pub 命令";
    CopyMqttx "copy-mqttx" "copy as mqttx" "复制为 mqttx 命令";
    CopyCurl "copy-curl" "copy as curl" "复制为 curl 命令";
    CopyPython "copy-python" "copy as Python" "复制为 Python 脚本";
    AnswerThis "answer" "answer" "应答";
    Zoom "zoom" "zoom" "最大化";
    Larger "larger" "larger area" "放大区域";
    Smaller "smaller" "smaller area" "缩小区域";
    EvenSplits "even-splits" "usual sizes" "恢复默认大小";
    ToggleTree "toggle-tree" "topics on or off" "显示/隐藏主题树";
    RevealTopic "reveal-topic" "show its topic in the tree" "在主题树中定位";
    GroupTree "group-tree" "topics or devices" "按主题/按设备";
    SortTopics "sort-topics" "sort the tree" "排序";
    FoldAll "fold-all" "fold all" "全部折叠";
    UnfoldAll "unfold-all" "unfold all" "全部展开";
    NextMode "next-mode" "view" "视图";

    NextDevice "next-device" "next device" "下一设备";

    NextChange "next-change" "next change" "下一变化";
    PreviousChange "previous-change" "previous change" "上一变化";
    BuildFrame "build-frame" "build" "构造帧";
    OpenFrames "open-frames" "open file" "打开文件";
    SendFrame "send-frame" "send" "发送";
    NextSender "next-sender" "send over another connection" "换用其他连接发送";
    ShowLedger "show-ledger" "follow in the ledger" "在请求记录中跟踪";
    Undo "undo" "undo" "撤销";
    Redo "redo" "redo" "重做";
    EditBytes "edit-bytes" "type bytes" "输入字节";
    DeleteByte "delete-byte" "delete byte" "删除字节";
    InsertByte "insert-byte" "insert 00" "插入 00";
    NextProblem "next-problem" "next problem" "下一问题";
    CompareFrames "compare-frames" "compare with this frame" "与此帧比较";
    DuplicateFrame "duplicate-frame" "duplicate frame" "复制一帧";
    RemoveFrame "remove-frame" "remove frame" "移除此帧";
    ClearBench "clear-bench" "remove all frames" "移除全部帧";
    FrameForm "frame-form" "form of frames" "帧格式";
    NextDefinition "next-definition" "next definition" "切换数据点定义";
    OpenDefinition "open-definition" "open a definition" "打开数据点定义";
    ToggleHeat "toggle-heat" "changing bytes on or off" "显示/隐藏变化字节";
    CopySpaced "copy-spaced" "hex with blanks" "带空格的十六进制";
    CopyArray "copy-array" "C array" "C 数组";
    CopyBase64 "copy-base64" "base64" "Base64";
    ToFrames "to-frames" "look at it on the Frames tab" "在“帧”页查看";

    SignMode "sign-mode" "calculate or check" "计算/校验切换";
    SignAgain "sign-again" "calculate again" "重新计算";
    RevealSecrets "reveal-secrets" "show or mask secrets" "显示/隐藏密钥";
    ClearFields "clear-fields" "clear the form" "清空表单";
    CopyItem "copy-item" "copy this" "复制此项";

    Examine "doctor" "doctor" "连接诊断";

    SeverityNext "severity-next" "severity" "级别筛选";
    AnswerEvent "answer-event" "answer the question" "回答提问";
    CopyEvent "copy-event" "copy" "复制";
    ShowConnection "show-connection" "show connection" "查看连接";

    SubmitText "submit" "take it" "确认输入";
}

/// Rows that a page moves by, in lists that do not know their height.
const PAGE: usize = 10;

impl Action {
    /// Where a cursor in the rows `0..=last` of a list goes; `None` for an action that moves no cursor up or down.
    pub fn moved(self, cursor: usize, last: usize) -> Option<usize> {
        let row = match self {
            Action::Up => cursor.saturating_sub(1),
            Action::Down => cursor.saturating_add(1),
            Action::PageUp => cursor.saturating_sub(PAGE),
            Action::PageDown => cursor.saturating_add(PAGE),
            Action::First => 0,
            Action::Last => last,
            _ => return None,
        };
        Some(row.min(last))
    }

    /// The action of that name.
    pub fn parse(name: &str) -> Option<Action> {
        Action::ALL.iter().copied().find(|action| action.name() == name)
    }
}
