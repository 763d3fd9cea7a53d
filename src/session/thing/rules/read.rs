//! Rules out of TOML. Every fault is collected with its place; the first is given.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};
use toml_edit::{Item, TableLike};

use super::{
    Act, AnswerRule, AskRule, Condition, Delay, Reader, ReplayRule, ReportRule, Rules, Schedule, Shape, SubDevice,
    UpgradeRule, capture, texts, waves,
};
use crate::base::lang::{Phrase, Text};
use crate::base::toml::texts as toml;
use crate::base::toml::{Fault, Source, key_span, line_and_column, suggestion};
use crate::base::units::parse_duration;
use crate::model::{OpKind, Request};

const TOP: &[&str] = &["seed", "delay", "values", "answer", "report", "event", "ask", "replay", "ota", "sub_device"];
const ANSWER: &[&str] = &["on", "identifier", "when", "probability", "do", "code", "message", "min", "max", "delay"];
const ACTS: &[&str] = &["accept", "clamp", "refuse", "ignore", "mute", "twice", "wrong-id", "malformed"];
const SHAPES: &[&str] = &["constant", "ramp", "sine", "walk", "csv"];
const REPORT: &[&str] =
    &["property", "device", "every", "after", "at", "times", "constant", "ramp", "sine", "walk", "csv"];
const EVENT: &[&str] = &["name", "device", "params", "every", "after", "at", "times"];
const ASK: &[&str] = &["op", "name", "device", "params", "identifiers", "every", "after", "at", "times"];
const REPLAY: &[&str] = &["file", "speed", "repeat", "after"];
const OTA: &[&str] = &["version", "steps", "every"];
const SUB_DEVICE: &[&str] = &["device", "model", "values", "join"];
const JOIN: &[&str] = &["action", "params"];

/// Reads a rules file.
pub(super) fn read(text: &str, reader: Reader<'_>) -> Result<Rules, Fault> {
    let mut source = Source::new(text);
    let rules = match source.document() {
        Some(document) => Builder { text, reader, source: &mut source }.rules(document.as_table()),
        None => Rules::default(),
    };
    match source.into_faults().into_iter().next() {
        Some(fault) => Err(fault),
        None => Ok(rules),
    }
}

struct Builder<'r, 't> {
    text: &'t str,
    reader: Reader<'r>,
    source: &'r mut Source<'t>,
}

impl Builder<'_, '_> {
    fn rules(&mut self, top: &dyn TableLike) -> Rules {
        self.source.refuse_unknown(top, TOP);
        let sub_devices: Vec<SubDevice> =
            self.tables(top, "sub_device").into_iter().filter_map(|table| self.sub_device(table)).collect();
        let subs: Vec<&str> = sub_devices.iter().map(|sub| sub.device.as_str()).collect();
        let mut asks: Vec<AskRule> =
            self.tables(top, "event").into_iter().filter_map(|table| self.event(table, &subs)).collect();
        asks.extend(self.tables(top, "ask").into_iter().filter_map(|table| self.ask(table, &subs)).collect::<Vec<_>>());
        Rules {
            seed: self.count(top, "seed"),
            delay: self.delay(top),
            values: self.values(top, "values", true),
            answers: self.tables(top, "answer").into_iter().filter_map(|table| self.answer(table)).collect(),
            reports: self.tables(top, "report").into_iter().filter_map(|table| self.report(table, &subs)).collect(),
            asks,
            replays: self.tables(top, "replay").into_iter().filter_map(|table| self.replay(table)).collect(),
            upgrade: self.upgrade(top),
            sub_devices,
        }
    }

    /// The tables `[[key]]`.
    fn tables<'i>(&mut self, top: &'i dyn TableLike, key: &str) -> Vec<&'i dyn TableLike> {
        let Some(item) = top.get(key) else { return Vec::new() };
        if let Some(tables) = item.as_array_of_tables() {
            return tables.iter().map(|table| table as &dyn TableLike).collect();
        }
        let inline = item.as_array().map(|array| {
            array.iter().filter_map(|value| value.as_inline_table()).map(|table| table as &dyn TableLike).collect()
        });
        inline.unwrap_or_else(|| {
            let expected = texts::TABLES.with(&[&key]);
            let found = Phrase::verbatim(item.type_name());
            let reason = toml::WRONG_TYPE.around([Phrase::verbatim(key), expected, found]);
            self.source.fault(key_span(top, key), reason);
            Vec::new()
        })
    }

    fn fault_at(&mut self, table: &dyn TableLike, key: &str, reason: impl Into<Phrase>) {
        self.source.fault(table.get(key).and_then(Item::span), reason);
    }

    /// A key that must be there.
    fn required<T>(&mut self, table: &dyn TableLike, key: &str, found: Option<T>) -> Option<T> {
        if found.is_none() && table.get(key).is_none() {
            let first = table.iter().next().and_then(|(first, _)| key_span(table, first));
            self.source.fault(first, toml::MISSING_KEY.with(&[&key]));
        }
        found
    }

    fn answer(&mut self, table: &dyn TableLike) -> Option<AnswerRule> {
        self.source.refuse_unknown(table, ANSWER);
        let on = self.operations(table);
        let identifiers = self.texts(table, "identifier");
        let when = self.condition(table);
        let probability = self.number(table, "probability").unwrap_or(1.0);
        if !(0.0..=1.0).contains(&probability) {
            let reason = texts::OUTSIDE.with(&[&"probability", &0, &1, &probability]);
            self.fault_at(table, "probability", reason);
        }
        let act = self.act(table);
        let delay = self.delay(table);
        let start = table.iter().next().and_then(|(key, _)| key_span(table, key)).map_or(0, |span| span.start);
        let line = line_and_column(self.text, start).0;
        Some(AnswerRule { on, identifiers, when, probability, act: act?, delay, line })
    }

    fn operations(&mut self, table: &dyn TableLike) -> Vec<OpKind> {
        let names = self.texts(table, "on");
        let mut operations = Vec::new();
        for name in names {
            match OpKind::parse(&name) {
                Some(op) => operations.push(op),
                None => self.unknown_operation(table, "on", &name),
            }
        }
        operations
    }

    fn unknown_operation(&mut self, table: &dyn TableLike, key: &str, name: &str) {
        let known: Vec<&str> = OpKind::ALL.iter().map(|op| op.name()).collect();
        self.fault_at(table, key, texts::NO_OPERATION.with(&[&name, &known.join(", ")]));
    }

    fn act(&mut self, table: &dyn TableLike) -> Option<Act> {
        let (name, span) = self.source.string(table, "do").map_or((None, None), |(name, span)| (Some(name), span));
        if name.is_none() && table.get("do").is_some() {
            return None;
        }
        let name = name.unwrap_or_else(|| "accept".to_owned());
        for (key, act) in [("code", "refuse"), ("message", "refuse"), ("min", "clamp"), ("max", "clamp")] {
            if name != act && table.get(key).is_some() {
                self.source.fault(key_span(table, key), texts::ONLY_WITH.with(&[&key, &act]));
            }
        }
        Some(match name.as_str() {
            "accept" => Act::Accept,
            "clamp" => {
                let (min, max) = (self.number(table, "min"), self.number(table, "max"));
                if min.zip(max).is_some_and(|(min, max)| min > max) {
                    self.fault_at(table, "min", texts::WRONG_ORDER.with(&[&"min", &"max"]));
                }
                Act::Clamp { min, max }
            }
            "refuse" => Act::Refuse {
                code: self.text_or_number(table, "code"),
                message: self.source.string(table, "message").map(|(text, _)| text),
            },
            "ignore" => Act::Ignore,
            "mute" => Act::Mute,
            "twice" => Act::Twice,
            "wrong-id" => Act::WrongId,
            "malformed" => Act::Malformed,
            other => {
                self.source.not_a_choice("do", other, ACTS, span);
                return None;
            }
        })
    }

    fn condition(&mut self, table: &dyn TableLike) -> Option<Condition> {
        let (text, span) = self.source.string(table, "when")?;
        let model = self.reader.model;
        let inputs = model.services.iter().flat_map(|service| &service.inputs).map(|input| &input.identifier);
        let known: BTreeSet<&str> =
            model.properties.iter().map(|property| &property.identifier).chain(inputs).map(String::as_str).collect();
        match Condition::parse(&text, &|word| known.contains(word)) {
            Ok(condition) => Some(condition),
            Err(fault) => {
                // Behind the opening quote; escapes inside shift it, which is near enough.
                let at = span.map(|Range { start, end }| (start + 1 + fault.offset).min(end)..end);
                self.source.fault(at, texts::IN_CONDITION.around([fault.reason]));
                None
            }
        }
    }

    fn delay(&mut self, table: &dyn TableLike) -> Option<Delay> {
        let item = table.get("delay")?;
        if item.is_str() {
            return self.source.parsed(table, "delay", parse_duration).map(Delay::Fixed);
        }
        let inner = item.as_table_like().filter(|inner| inner.len() == 1);
        let Some((inner, key)) = inner.and_then(|inner| Some((inner, inner.iter().next()?.0.to_owned()))) else {
            self.source.wrong_type("delay", item, texts::A_DELAY);
            return None;
        };
        match key.as_str() {
            "uniform" => {
                let times = self.durations(inner, "uniform")?;
                match times.as_slice() {
                    [from, to] if from <= to => Some(Delay::Uniform(*from, *to)),
                    _ => {
                        self.source.wrong_type("delay", item, texts::A_DELAY);
                        None
                    }
                }
            }
            "normal" => {
                let normal = self.source.table(inner, "normal")?;
                self.source.refuse_unknown(normal, &["mean", "deviation"]);
                let mean = self.source.parsed(normal, "mean", parse_duration);
                let mean = self.required(normal, "mean", mean);
                let deviation = self.source.parsed(normal, "deviation", parse_duration);
                let deviation = self.required(normal, "deviation", deviation);
                Some(Delay::Normal { mean: mean?, deviation: deviation? })
            }
            "exponential" => self.source.parsed(inner, "exponential", parse_duration).map(Delay::Exponential),
            other => {
                self.source.not_a_choice("delay", other, &["uniform", "normal", "exponential"], key_span(inner, other));
                None
            }
        }
    }

    fn schedule(&mut self, table: &dyn TableLike) -> Schedule {
        let every = self.source.parsed(table, "every", parse_duration);
        if every == Some(Duration::ZERO) {
            self.fault_at(table, "every", texts::NOT_POSITIVE.with(&[&"every"]));
        }
        Schedule {
            at: self.durations(table, "at").unwrap_or_default(),
            after: self.source.parsed(table, "after", parse_duration),
            every,
            times: self.count(table, "times"),
        }
    }

    /// A schedule that must have times.
    fn timed(&mut self, table: &dyn TableLike) -> Schedule {
        let schedule = self.schedule(table);
        if table.get("every").is_none() && table.get("at").is_none() {
            let first = table.iter().next().and_then(|(first, _)| key_span(table, first));
            self.source.fault(first, texts::NO_TIMES);
        }
        schedule
    }

    fn report(&mut self, table: &dyn TableLike, subs: &[&str]) -> Option<ReportRule> {
        self.source.refuse_unknown(table, REPORT);
        let device = self.sub_name(table, subs);
        let property = self.source.string(table, "property").map(|(property, _)| property);
        let property = self.required(table, "property", property);
        if let (Some(property), None) = (&property, &device) {
            self.check_property(property, table.get("property").and_then(Item::span));
        }
        let schedule = self.timed(table);
        let shape = self.shape(table, property.as_deref().unwrap_or_default());
        Some(ReportRule { device, property: property?, schedule, shape: shape? })
    }

    fn check_property(&mut self, identifier: &str, at: Option<Range<usize>>) {
        let have: Vec<&str> =
            self.reader.model.properties.iter().map(|property| property.identifier.as_str()).collect();
        if have.contains(&identifier) {
            return;
        }
        let list = have.join(", ");
        let reason = match suggestion(identifier, &have) {
            Some(meant) => texts::NO_PROPERTY_MEANT.with(&[&identifier, &meant, &list]),
            None => texts::NO_PROPERTY.with(&[&identifier, &list]),
        };
        self.source.fault(at, reason);
    }

    fn shape(&mut self, table: &dyn TableLike, property: &str) -> Option<Shape> {
        let given: Vec<&str> = SHAPES.iter().copied().filter(|shape| table.get(shape).is_some()).collect();
        match given.as_slice() {
            [] => Some(Shape::Held),
            ["constant"] => table.get("constant").and_then(json).map(Shape::Constant),
            ["csv"] => self.rows(table, property),
            [name] => {
                let inner = self.source.table(table, name)?;
                match *name {
                    "ramp" => self.ramp(inner),
                    "sine" => self.sine(inner),
                    _ => self.walk(inner),
                }
            }
            [first, second, ..] => {
                let reason = texts::ONE_SHAPE.with(&[&SHAPES.join(", "), first, second]);
                self.source.fault(key_span(table, second), reason);
                None
            }
        }
    }

    fn ramp(&mut self, table: &dyn TableLike) -> Option<Shape> {
        self.source.refuse_unknown(table, &["from", "to", "over", "back"]);
        let from = self.required_number(table, "from");
        let to = self.required_number(table, "to");
        let over = self.period(table, "over");
        let back = self.source.boolean(table, "back").unwrap_or_default();
        Some(Shape::Ramp { from: from?, to: to?, over: over?, back })
    }

    fn sine(&mut self, table: &dyn TableLike) -> Option<Shape> {
        self.source.refuse_unknown(table, &["mean", "amplitude", "period", "phase"]);
        let mean = self.required_number(table, "mean");
        let amplitude = self.required_number(table, "amplitude");
        let period = self.period(table, "period");
        let phase = self.number(table, "phase").unwrap_or_default();
        Some(Shape::Sine { mean: mean?, amplitude: amplitude?, period: period?, phase })
    }

    fn walk(&mut self, table: &dyn TableLike) -> Option<Shape> {
        self.source.refuse_unknown(table, &["from", "step", "min", "max"]);
        let from = self.required_number(table, "from");
        let step = self.required_number(table, "step");
        let min = self.number(table, "min").unwrap_or(f64::MIN);
        let max = self.number(table, "max").unwrap_or(f64::MAX);
        if min > max {
            self.fault_at(table, "min", texts::WRONG_ORDER.with(&[&"min", &"max"]));
            return None;
        }
        Some(Shape::Walk { from: from?, step: step?, min, max })
    }

    fn rows(&mut self, table: &dyn TableLike, property: &str) -> Option<Shape> {
        let inner = self.source.table(table, "csv")?;
        self.source.refuse_unknown(inner, &["file", "column", "repeat"]);
        let text = self.file(inner)?;
        let (file, span) = self.source.string(inner, "file")?;
        let column = self.source.string(inner, "column").map_or_else(|| property.to_owned(), |(column, _)| column);
        let repeat = self.source.boolean(inner, "repeat").unwrap_or(true);
        match waves::column(&text, &column) {
            Some(rows) if rows.is_empty() => self.source.fault(span, texts::NO_ROWS.with(&[&file, &column])),
            Some(rows) => return Some(Shape::Rows { rows: Arc::new(rows), repeat }),
            None => self.source.fault(span, texts::NO_COLUMN.with(&[&file, &column])),
        }
        None
    }

    /// The text of the file that the key `file` names.
    fn file(&mut self, table: &dyn TableLike) -> Option<String> {
        let found = self.source.string(table, "file");
        let (file, span) = self.required(table, "file", found)?;
        self.text_of(&file, span)
    }

    fn text_of(&mut self, file: &str, span: Option<Range<usize>>) -> Option<String> {
        match (self.reader.file)(file) {
            Ok(text) => Some(text),
            Err(reason) => {
                self.source.fault(span, texts::NO_FILE.around([Phrase::verbatim(file), reason]));
                None
            }
        }
    }

    fn event(&mut self, table: &dyn TableLike, subs: &[&str]) -> Option<AskRule> {
        self.source.refuse_unknown(table, EVENT);
        let device = self.sub_name(table, subs);
        let found = self.source.string(table, "name");
        let (name, span) = self.required(table, "name", found)?;
        let model = self.reader.model;
        if device.is_none() && !model.events.iter().any(|event| event.identifier == name) {
            let have: Vec<&str> = model.events.iter().map(|event| event.identifier.as_str()).collect();
            self.source.fault(span, texts::NO_EVENT.with(&[&name, &have.join(", ")]));
        }
        let params = self.values(table, "params", false);
        let made_up = table.get("params").is_none();
        let schedule = self.timed(table);
        let request = Request { device, name: Some(name), params, ..Request::new(OpKind::Event) };
        Some(AskRule { request, made_up, schedule })
    }

    fn ask(&mut self, table: &dyn TableLike, subs: &[&str]) -> Option<AskRule> {
        self.source.refuse_unknown(table, ASK);
        let device = self.sub_name(table, subs);
        let found = self.source.string(table, "op");
        let (name, _) = self.required(table, "op", found)?;
        let Some(op) = OpKind::parse(&name) else {
            self.unknown_operation(table, "op", &name);
            return None;
        };
        let request = Request {
            device,
            name: self.source.string(table, "name").map(|(name, _)| name),
            params: self.values(table, "params", false),
            identifiers: self.source.strings(table, "identifiers").unwrap_or_default(),
            ..Request::new(op)
        };
        let mut schedule = self.schedule(table);
        if schedule.every.is_none() && schedule.at.is_empty() {
            // Once, when the thing comes online.
            schedule.at.push(schedule.after.take().unwrap_or_default());
        }
        Some(AskRule { request, made_up: false, schedule })
    }

    fn replay(&mut self, table: &dyn TableLike) -> Option<ReplayRule> {
        self.source.refuse_unknown(table, REPLAY);
        let text = self.file(table)?;
        let (file, span) = self.source.string(table, "file")?;
        let speed = self.number(table, "speed").unwrap_or(1.0);
        if speed <= 0.0 || !speed.is_finite() {
            self.fault_at(table, "speed", texts::NOT_POSITIVE.with(&[&"speed"]));
        }
        let repeat = self.source.boolean(table, "repeat").unwrap_or_default();
        let after = self.source.parsed(table, "after", parse_duration).unwrap_or_default();
        match capture::read(&text) {
            Ok(messages) if messages.is_empty() => self.source.fault(span, texts::NOTHING_RECORDED.with(&[&file])),
            Ok(messages) => return Some(ReplayRule { messages: Arc::new(messages), speed, repeat, after }),
            Err((line, reason)) => {
                let place = [file, line.to_string()].map(Phrase::verbatim);
                self.source.fault(span, texts::IN_FILE.around(place.into_iter().chain([reason])));
            }
        }
        None
    }

    fn upgrade(&mut self, top: &dyn TableLike) -> UpgradeRule {
        let usual = UpgradeRule::default();
        let Some(table) = self.source.table(top, "ota") else { return usual };
        self.source.refuse_unknown(table, OTA);
        let steps = table.get("steps").and_then(|item| {
            let list: Option<Vec<i64>> =
                item.as_array().and_then(|array| array.iter().map(toml_edit::Value::as_integer).collect());
            if list.is_none() {
                self.source.wrong_type("steps", item, texts::INTEGERS);
            }
            list
        });
        UpgradeRule {
            version: self.source.string(table, "version").map(|(version, _)| version),
            steps: steps.unwrap_or(usual.steps),
            every: self.source.parsed(table, "every", parse_duration).unwrap_or(usual.every),
        }
    }

    fn sub_device(&mut self, table: &dyn TableLike) -> Option<SubDevice> {
        self.source.refuse_unknown(table, SUB_DEVICE);
        let device = self.source.string(table, "device").map(|(device, _)| device);
        let device = self.required(table, "device", device);
        let model = self.source.string(table, "model").and_then(|(file, span)| {
            let text = self.text_of(&file, span.clone())?;
            match self.reader.dialect.read_model(&text) {
                Ok(model) => Some(Arc::new(model)),
                Err(fault) => {
                    let place = [file, fault.line.to_string(), fault.column.to_string()].map(Phrase::verbatim);
                    self.source.fault(span, texts::IN_MODEL.around(place.into_iter().chain([fault.reason])));
                    None
                }
            }
        });
        let values = self.values(table, "values", false);
        let mut joins = Vec::new();
        for join in self.tables(table, "join") {
            self.source.refuse_unknown(join, JOIN);
            let action = self.source.string(join, "action").map(|(action, _)| action);
            if let Some(action) = self.required(join, "action", action) {
                joins.push((action, self.values(join, "params", false)));
            }
        }
        Some(SubDevice { device: device?, model, values, joins })
    }

    fn sub_name(&mut self, table: &dyn TableLike, subs: &[&str]) -> Option<String> {
        let (device, span) = self.source.string(table, "device")?;
        if !subs.contains(&device.as_str()) {
            self.source.fault(span, texts::NO_SUB_DEVICE.with(&[&device, &subs.join(", ")]));
        }
        Some(device)
    }

    /// A table of values; `properties` says whether its keys must be properties of the model.
    fn values(&mut self, table: &dyn TableLike, key: &str, properties: bool) -> Map<String, Value> {
        let Some(inner) = self.source.table(table, key) else { return Map::new() };
        let mut values = Map::new();
        for (name, item) in inner.iter() {
            if properties {
                self.check_property(name, key_span(inner, name));
            }
            if let Some(value) = json(item) {
                values.insert(name.to_owned(), value);
            }
        }
        values
    }

    fn texts(&mut self, table: &dyn TableLike, key: &str) -> Vec<String> {
        let Some(item) = table.get(key) else { return Vec::new() };
        if let Some(text) = item.as_str() {
            return vec![text.to_owned()];
        }
        let list: Option<Vec<String>> =
            item.as_array().and_then(|array| array.iter().map(|value| value.as_str().map(str::to_owned)).collect());
        if list.is_none() {
            self.source.wrong_type(key, item, texts::TEXT_OR_TEXTS);
        }
        list.unwrap_or_default()
    }

    fn durations(&mut self, table: &dyn TableLike, key: &str) -> Option<Vec<Duration>> {
        let item = table.get(key)?;
        let list = item.as_array().and_then(|array| {
            array.iter().map(|value| value.as_str().and_then(|text| parse_duration(text).ok())).collect()
        });
        if list.is_none() {
            self.source.wrong_type(key, item, texts::DURATIONS);
        }
        list
    }

    fn number(&mut self, table: &dyn TableLike, key: &str) -> Option<f64> {
        let item = table.get(key)?;
        let number = item.as_float().or_else(|| {
            // By way of text, because a cast would hide what does not fit.
            item.as_integer().and_then(|number| number.to_string().parse().ok())
        });
        let number = number.filter(|number| number.is_finite());
        if number.is_none() {
            self.source.wrong_type(key, item, texts::A_NUMBER);
        }
        number
    }

    fn required_number(&mut self, table: &dyn TableLike, key: &str) -> Option<f64> {
        let number = self.number(table, key);
        self.required(table, key, number)
    }

    /// A duration that must be there and more than nothing.
    fn period(&mut self, table: &dyn TableLike, key: &str) -> Option<Duration> {
        let found = self.source.parsed(table, key, parse_duration);
        let period = self.required(table, key, found)?;
        if period.is_zero() {
            self.fault_at(table, key, texts::NOT_POSITIVE.with(&[&key]));
        }
        Some(period)
    }

    fn count(&mut self, table: &dyn TableLike, key: &str) -> Option<u64> {
        let item = table.get(key)?;
        let count = item.as_integer().and_then(|number| u64::try_from(number).ok());
        if count.is_none() {
            self.source.wrong_type(key, item, texts::A_COUNT);
        }
        count
    }

    fn text_or_number(&mut self, table: &dyn TableLike, key: &str) -> Option<String> {
        let item = table.get(key)?;
        let found = item.as_str().map(str::to_owned).or_else(|| item.as_integer().map(|number| number.to_string()));
        if found.is_none() {
            const A_CODE: Text = toml::A_TEXT;
            self.source.wrong_type(key, item, A_CODE);
        }
        found
    }
}

/// A TOML value as JSON; dates become text.
fn json(item: &Item) -> Option<Value> {
    match item {
        Item::Value(value) => Some(json_value(value)),
        Item::Table(table) => {
            Some(table.iter().filter_map(|(key, item)| Some((key.to_owned(), json(item)?))).collect())
        }
        Item::ArrayOfTables(tables) => Some(
            tables
                .iter()
                .map(|table| {
                    table.iter().filter_map(|(key, item)| Some((key.to_owned(), json(item)?))).collect::<Value>()
                })
                .collect(),
        ),
        Item::None => None,
    }
}

fn json_value(value: &toml_edit::Value) -> Value {
    match value {
        toml_edit::Value::String(text) => Value::String(text.value().clone()),
        toml_edit::Value::Integer(number) => Value::from(*number.value()),
        toml_edit::Value::Float(number) => Value::from(*number.value()),
        toml_edit::Value::Boolean(value) => Value::Bool(*value.value()),
        toml_edit::Value::Datetime(time) => Value::String(time.value().to_string()),
        toml_edit::Value::Array(array) => array.iter().map(json_value).collect(),
        toml_edit::Value::InlineTable(table) => {
            table.iter().map(|(key, value)| (key.to_owned(), json_value(value))).collect()
        }
    }
}
