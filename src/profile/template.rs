//! A commented profile to begin with, made from what the dialect says about its fields.

use crate::base::lang::{Lang, Text};
use crate::dialect::{Dialect, FieldSpec, FieldType};
use crate::model::Role;

const HEAD: Text = Text::new(
    "# {}, as {}. A secret is written here, or fetched: env:NAME, file:PATH, cmd:COMMAND.",
    "# {}，角色 {}。密钥可直接填写，也可写 env:变量名、file:路径、cmd:命令。",
);
const SERVER: Text = Text::new(
    "# Where to connect; mqtt, mqtts, ws, wss, http or https.",
    "# 服务器地址，协议可为 mqtt、mqtts、ws、wss、http、https。",
);
const PRODUCTION: Text = Text::new("# Ask before anything is published.", "# 生产环境：发布前先确认。");
const MODEL: Text = Text::new("# The thing model file, as exported from the console.", "# 从控制台导出的物模型文件。");
const DEVICE: Text = Text::new(
    "# The device that is watched or driven; [[device]] for several.",
    "# 要观察或控制的设备；多个设备写成 [[device]]。",
);
const MQTT: Text = Text::new("# Only where the platform's own choice does not fit.", "# 仅在平台默认值不合适时填写。");
const SIMULATE: Text = Text::new("# What the simulated device does of its own accord.", "# 模拟设备主动做的事。");

/// A new profile as text, or `None` where the dialect has no such role. Everything that need not be given is commented
/// out, so it is valid as it stands; the dialect asks for what is missing.
pub fn template(dialect: &dyn Dialect, role: Role, lang: Lang) -> Option<String> {
    let spec = dialect.spec();
    let offer = spec.role(role)?;
    let mut lines = vec![
        HEAD.fill(lang, &[&spec.title.get(lang), &role]),
        format!("dialect = \"{}\"", spec.name),
        format!("role = \"{role}\""),
        SERVER.get(lang).to_owned(),
        format!("# server = \"{}\"", offer.server.unwrap_or("mqtt://host:port")),
        PRODUCTION.get(lang).to_owned(),
        "# production = true".to_owned(),
        MODEL.get(lang).to_owned(),
        "# model = \"model.json\"".to_owned(),
        String::new(),
        "[identity]".to_owned(),
    ];
    push_fields(&mut lines, offer.identity, lang);
    if !offer.device.is_empty() {
        lines.extend([String::new(), DEVICE.get(lang).to_owned(), "[device]".to_owned()]);
        push_fields(&mut lines, offer.device, lang);
    }
    if role == Role::Device {
        lines.extend([String::new(), SIMULATE.get(lang).to_owned(), "[simulate]".to_owned()]);
        lines.extend(
            ["# rules = \"rules.toml\"", "# report_every = \"5s\"", "# event_every = \"1m\"", "# drift = true"]
                .map(str::to_owned),
        );
    }
    lines.extend([String::new(), MQTT.get(lang).to_owned(), "[mqtt]".to_owned()]);
    lines.extend(
        [
            "# keep_alive = 60",
            "# clean_session = true",
            "# client_id = \"\"",
            "# version = \"3.1.1\"",
            "# subscribe = []",
        ]
        .map(str::to_owned),
    );
    lines.push(String::new());
    Some(lines.join("\n"))
}

fn push_fields(lines: &mut Vec<String>, fields: &[FieldSpec], lang: Lang) {
    for field in fields {
        let choices = match field.kind {
            FieldType::Choice(choices) => format!(" ({})", choices.join(", ")),
            _ => String::new(),
        };
        lines.push(format!("# {}{choices}", field.help.get(lang)));
        let quoted = |text: &str| toml_edit::Value::from(text).to_string().trim().to_owned();
        let is_text = matches!(field.kind, FieldType::Text | FieldType::Path);
        lines.push(match field.default {
            Some(default) if matches!(field.kind, FieldType::Integer | FieldType::Bool) => {
                format!("# {} = {default}", field.name)
            }
            Some(default) => format!("# {} = {}", field.name, quoted(default)),
            None if field.secret => format!("# {} = \"env:{}\"", field.name, field.name.to_uppercase()),
            None if is_text && !field.signing_only => format!("{} = \"\"", field.name),
            None => format!("# {} =", field.name),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{parse, testing};

    #[test]
    fn a_template_is_a_valid_profile_in_both_languages() {
        for dialect in testing::DIALECTS.iter().chain(crate::dialect::REGISTRY) {
            for role in dialect.spec().roles {
                for lang in [Lang::En, Lang::Zh] {
                    let text = template(*dialect, role.role, lang).unwrap();
                    let (profile, faults) = parse::read(&text, "new", None, &[*dialect]);
                    assert_eq!(faults, [], "{text}");
                    assert!(!profile.unwrap().has_literal_secrets());
                    for field in role.identity.iter().chain(role.device) {
                        assert!(text.contains(field.help.get(lang)), "{} has no help in:\n{text}", field.name);
                    }
                }
            }
        }
    }

    #[test]
    fn there_is_no_template_for_a_role_that_does_not_exist() {
        assert_eq!(template(testing::DIALECTS[0], Role::Cloud, Lang::En), None);
    }
}
