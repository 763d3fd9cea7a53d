//! How a command ends: the exit codes of `INTERFACE.md`, and the words beside them.

use std::process::ExitCode;

use crate::base::lang::{Phrase, Text};
use crate::model::StageReport;

/// Expectation not met.
pub const EXPECTATION: u8 = 1;
/// The command line makes no sense.
pub const USAGE: u8 = 2;
/// Profile, roster, model or secret.
pub const PROFILE: u8 = 3;
/// The platform refused the connection.
pub const REFUSED: u8 = 13;
/// A subscription was refused.
pub const SUBSCRIPTION: u8 = 14;
/// No reply in time.
pub const TIMEOUT: u8 = 15;
/// The peer answered with an error.
pub const PEER_ERROR: u8 = 16;
/// Nothing could be decoded.
pub const UNDECODABLE: u8 = 17;
/// Ctrl-C while something was waited for.
pub const INTERRUPTED: u8 = 130;

/// Every exit code with its meaning, for the manual.
pub const TABLE: &[(u8, Text)] = &[
    (0, Text::new("done", "完成")),
    (EXPECTATION, Text::new("expectation not met", "未达到预期")),
    (USAGE, Text::new("usage", "用法错误")),
    (PROFILE, Text::new("profile, roster or secret", "配置、名册或密钥有误")),
    (10, Text::new("name resolution", "域名解析失败")),
    (11, Text::new("TCP", "TCP 连接失败")),
    (12, Text::new("TLS", "TLS 握手失败")),
    (REFUSED, Text::new("the platform refused the connection", "平台拒绝连接")),
    (SUBSCRIPTION, Text::new("a subscription was refused", "订阅被拒绝")),
    (TIMEOUT, Text::new("the reply timed out", "应答超时")),
    (PEER_ERROR, Text::new("the peer answered with an error", "对端应答错误")),
    (UNDECODABLE, Text::new("cannot be decoded", "无法解析")),
    (INTERRUPTED, Text::new("interrupted", "被中断")),
];

/// The end of a command that did not do what was asked.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub code: u8,
    /// What went wrong; `None` where it has been told already, or needs no words.
    pub words: Option<Phrase>,
    /// What to do about it.
    pub advice: Option<Phrase>,
}

/// What a command gives.
pub type Outcome = Result<(), Failure>;

impl Failure {
    /// A failure with words.
    pub fn new(code: u8, words: impl Into<Phrase>) -> Self {
        Failure { code, words: Some(words.into()), advice: None }
    }

    /// A failure that has been told already.
    pub const fn silent(code: u8) -> Self {
        Failure { code, words: None, advice: None }
    }

    /// The command line makes no sense.
    pub fn usage(words: impl Into<Phrase>) -> Self {
        Failure::new(USAGE, words)
    }

    /// Adds what to do about it.
    pub fn with_advice(mut self, advice: Option<impl Into<Phrase>>) -> Self {
        self.advice = advice.map(Into::into);
        self
    }

    /// A connection that failed in a stage.
    pub fn stage(report: &StageReport) -> Self {
        Failure { code: report.stage.exit_code(), words: Some(report.detail.clone()), advice: report.advice.clone() }
    }

    /// The exit code as the process gives it.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.code)
    }
}
