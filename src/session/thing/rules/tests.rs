//! Rules files: what they say, and what is said about their mistakes.

use std::collections::BTreeSet;

use serde_json::json;

use super::*;
use crate::model::Direction;

fn dialect() -> &'static dyn Dialect {
    crate::dialect::find("onenet").unwrap()
}

fn file(name: &str) -> Result<String, Phrase> {
    match name {
        "day.csv" => Ok("time,temperature\n1,20.5\n2,21\n".into()),
        "capture.jsonl" => Ok(CAPTURE.into()),
        "model.json" => Ok(r#"{"properties":[],"events":[],"services":[]}"#.into()),
        "broken.json" => Ok("{".into()),
        _ => Err(Phrase::verbatim("no such file")),
    }
}

const CAPTURE: &str = r#"
{"v":1,"seq":1,"at":"2024-01-01T00:00:00.000+00:00","connection":"d","direction":"out","topic":"a","kind":"report","qos":1,"retain":false,"dup":false,"payload":{"json":{"x":1}}}
{"v":1,"seq":2,"at":"2024-01-01T00:00:00.500+00:00","direction":"in","topic":"b","kind":"report_reply","payload":{"text":"ok"}}
{"v":1,"at":"2024-01-01T00:00:01.000+00:00","event":"thing","what":"reports","values":{}}
{"v":1,"seq":3,"at":"2024-01-01T00:00:01.500+00:00","direction":"out","topic":"c","kind":"raw","qos":0,"payload":{"hex":"00ff"}}
"#;

fn parse(text: &str) -> Result<Rules, Fault> {
    let model = dialect().demo_model();
    Rules::parse(text, Reader { dialect: dialect(), model: &model, file: &file })
}

fn fault(text: &str) -> (usize, usize, String) {
    let Fault { line, column, reason } = parse(text).unwrap_err();
    (line, column, reason.to_string())
}

fn set(params: Value) -> Incoming {
    Incoming { params: params.as_object().cloned().unwrap(), ..Incoming::new(OpKind::Set, "t") }
}

#[test]
fn the_shipped_example_is_what_it_says() {
    let rules = parse(EXAMPLE).unwrap_or_else(|fault| panic!("{fault:?}"));
    assert_eq!((rules.seed, rules.delay), (Some(7), Some(Delay::Fixed(Duration::from_millis(200)))));
    assert_eq!((rules.answers.len(), rules.reports.len(), rules.asks.len()), (3, 2, 1));
    let mut random = Random::new(1);
    let refused = rules.fitting(&set(json!({"temperature": 30.5})), &mut random).unwrap();
    assert_eq!(refused.act, Act::Refuse { code: Some("302".into()), message: Some("too hot".into()) });
    let clamped = rules.fitting(&set(json!({"brightness": 99})), &mut random).unwrap();
    assert_eq!(clamped.delay, Some(Delay::Fixed(Duration::from_secs(3))));
}

#[test]
fn what_the_example_shows_in_comments_is_right_as_well() {
    let text: String = EXAMPLE
        .lines()
        .skip_while(|line| !line.starts_with("# Any operation"))
        .filter_map(|line| line.strip_prefix("# "))
        .filter(|line| line.starts_with('[') || line.split_once(" = ").is_some_and(|(key, _)| !key.contains(' ')))
        .map(|line| format!("{line}\n"))
        .collect();
    let rules = parse(&text).unwrap_or_else(|fault| panic!("{fault:?}\n{text}"));
    assert_eq!((rules.asks.len(), rules.replays.len(), rules.sub_devices.len(), rules.reports.len()), (1, 1, 1, 1));
    assert_eq!(rules.asks[0].request.op, OpKind::Ntp);
    for line in EXAMPLE.lines().filter_map(|line| line.strip_prefix("#   ")) {
        let Some((shape, _)) = line.split_once(" = ").filter(|(_, value)| value.trim_start().starts_with('{')) else {
            continue;
        };
        let shown = &line[..=line.rfind('}').unwrap()];
        let text = match shape.trim() {
            "delay" => shown.to_owned(),
            _ => format!("[[report]]\nproperty = \"temperature\"\nevery = \"1s\"\n{shown}"),
        };
        assert!(parse(&text).is_ok(), "{text}: {:?}", parse(&text));
    }
}

#[test]
fn the_first_rule_that_fits_decides_and_chance_is_the_same_for_the_same_seed() {
    let rules = parse(
        "[[answer]]\non = \"get\"\ndo = \"ignore\"\n[[answer]]\nwhen = \"value > 30\"\ndo = \"twice\"\n\
         [[answer]]\nprobability = 0.5\ndo = \"mute\"\n[[answer]]\nidentifier = [\"mode\", \"calibrate\"]\ndo = \"malformed\"\n",
    )
    .unwrap();
    let run = |seed| {
        let mut random = Random::new(seed);
        let ask = |incoming: &Incoming, random: &mut Random| rules.fitting(incoming, random).map(|rule| rule.line);
        let hot: Vec<_> = (0..4).map(|_| ask(&set(json!({"temperature": 31})), &mut random)).collect();
        assert_eq!(hot, [Some(5); 4], "the line of its first key");
        (0..1_000).map(|_| ask(&set(json!({"temperature": 3})), &mut random)).collect::<Vec<_>>()
    };
    let mute = run(1).iter().filter(|line| **line == Some(8)).count();
    assert!((450..550).contains(&mute), "{mute}");
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
    let mut call = Incoming::new(OpKind::Invoke, "t");
    call.name = Some("calibrate".into());
    let mut random = Random::new(1);
    let acts: BTreeSet<_> = (0..50).filter_map(|_| rules.fitting(&call, &mut random).map(|rule| rule.line)).collect();
    assert_eq!(acts.into_iter().collect::<Vec<_>>(), [8, 11]);
}

#[test]
fn delays_have_the_distribution_that_was_asked_for() {
    let drawn = |text: &str| {
        let delay = parse(text).unwrap().delay.unwrap();
        let mut random = Random::new(9);
        (0..4_000).map(|_| delay.draw(&mut random).as_secs_f64()).collect::<Vec<_>>()
    };
    let mean = |drawn: &[f64]| drawn.iter().sum::<f64>() / 4_000.0;
    let uniform = drawn("delay = { uniform = [\"1s\", \"3s\"] }");
    assert!(uniform.iter().all(|time| (1.0..=3.0).contains(time)) && (mean(&uniform) - 2.0).abs() < 0.05);
    let normal = drawn("delay = { normal = { mean = \"1s\", deviation = \"200ms\" } }");
    assert!((mean(&normal) - 1.0).abs() < 0.02 && normal.iter().all(|time| *time >= 0.0));
    let exponential = drawn("delay = { exponential = \"500ms\" }");
    assert!((mean(&exponential) - 0.5).abs() < 0.05);
    assert!(exponential.iter().filter(|time| **time < 0.35).count() > 1_800, "mostly short");
}

#[test]
fn a_schedule_says_when() {
    let rules = parse(
        "[[event]]\nname = \"overheat\"\nat = [\"5s\", \"1s\"]\n[[ask]]\nop = \"config\"\nafter = \"2s\"\n\
         [[report]]\nproperty = \"mode\"\nevery = \"3s\"\ntimes = 2\nafter = \"0s\"\n",
    )
    .unwrap();
    assert_eq!(rules.asks[0].schedule.at, [Duration::from_secs(5), Duration::from_secs(1)]);
    assert!(rules.asks[0].made_up);
    assert_eq!(rules.asks[1].schedule.at, [Duration::from_secs(2)]);
    let report = &rules.reports[0];
    assert_eq!((report.schedule.times, report.schedule.after), (Some(2), Some(Duration::ZERO)));
    assert_eq!(report.shape, Shape::Held);
}

#[test]
fn files_beside_the_rules_are_read() {
    let rules = parse(
        "[[report]]\nproperty = \"temperature\"\nevery = \"1s\"\ncsv = { file = \"day.csv\" }\n\
         [[replay]]\nfile = \"capture.jsonl\"\nspeed = 2\n[[sub_device]]\ndevice = \"p/s\"\nmodel = \"model.json\"\n",
    )
    .unwrap();
    let Shape::Rows { rows, repeat: true } = &rules.reports[0].shape else { panic!("no rows") };
    assert_eq!(**rows, [json!(20.5), json!(21)]);
    let played = &rules.replays[0].messages;
    assert_eq!(played.len(), 2, "what the device itself told, no answers and no lines about other things");
    assert_eq!((played[1].offset, played[1].payload.as_slice()), (Duration::from_millis(1_500), &[0, 255][..]));
    assert_eq!((played[0].direction, played[0].qos), (Direction::Out, 1));
}

#[test]
fn a_mistake_is_told_with_its_place_and_what_was_probably_meant() {
    assert_eq!(fault("delay = \"3s\"\nanswers = 1\n").0, 2);
    assert!(fault("delay = \"3s\"\nanswers = 1\n").2.contains("did you mean “answer”?"));
    assert_eq!(fault("[[answer]]\ndo = \"refus\"\n").1, 6);
    assert!(fault("[[answer]]\ndo = \"refus\"\n").2.contains("did you mean “refuse”?"));
    let (line, column, reason) = fault("[[answer]]\nwhen = \"value >> 30\"\n");
    assert_eq!((line, column), (2, 16), "{reason}");
    assert!(reason.contains("expected a value or a name, found >"), "{reason}");
    assert!(fault("[[answer]]\nwhen = \"temprature > 3\"\n").2.contains("temprature"));
    assert!(fault("[[answer]]\ncode = 3\n").2.contains("“code” is only for do = \"refuse\""));
    assert_eq!((fault("[[answer]]\nprobability = 2\n").0, fault("[[answer]]\nprobability = 2\n").1), (2, 15));
    assert!(fault("[[answer]]\non = \"sett\"\n").2.contains("no operation is called “sett”"));
    assert!(fault("[answer]\ndo = \"ignore\"\n").2.contains("[[answer]]"));
    assert!(fault("delay = { uniform = [\"3s\", \"1s\"] }\n").2.contains("uniform"));
    assert!(fault("delay = 3\n").2.contains("a duration such as"));
    assert!(fault("delay = { gauss = \"1s\" }\n").2.contains("one of uniform, normal, exponential"));
    assert!(fault("[values]\nTemperature = 3\n").2.contains("did you mean “temperature”?"));
    assert!(fault("[[report]]\nevery = \"1s\"\nconstant = 1\n").2.contains("“property” is required"));
    assert!(fault("[[report]]\nproperty = \"mode\"\n").2.contains("say when"));
    assert!(fault("[[report]]\nproperty = \"mode\"\nevery = \"0s\"\n").2.contains("more than 0"));
    let two = "[[report]]\nproperty = \"mode\"\nevery = \"1s\"\nconstant = 1\nwalk = { from = 1, step = 1 }\n";
    assert!(fault(two).2.contains("found “constant” and “walk”"));
    assert_eq!(fault(two).0, 5);
    let sine = "[[report]]\nproperty = \"mode\"\nevery = \"1s\"\nsine = { mean = 1, amplitude = 2 }\n";
    assert!(fault(sine).2.contains("“period” is required"));
    assert_eq!(fault(sine).0, 4);
    assert!(
        fault("[[event]]\nname = \"overheated\"\nevery = \"1s\"\n")
            .2
            .contains("no event “overheated”; it has: overheat")
    );
    assert!(fault("[[report]]\ndevice = \"p/x\"\nproperty = \"m\"\nevery = \"1s\"\n").2.contains("no [[sub_device]]"));
    assert!(fault("[[replay]]\nfile = \"nothing\"\n").2.contains("cannot read “nothing”: no such file"));
    assert!(fault("[[replay]]\nfile = \"day.csv\"\n").2.contains("“day.csv”, line 1"));
    let csv = "[[report]]\nproperty = \"mode\"\nevery = \"1s\"\ncsv = { file = \"day.csv\" }\n";
    assert!(fault(csv).2.contains("no column “mode”"));
    assert!(fault("[[sub_device]]\ndevice = \"p/s\"\nmodel = \"broken.json\"\n").2.contains("“broken.json”, line 1"));
    assert!(fault("[ota]\nsteps = [\"10\"]\n").2.contains("a list of whole numbers"));
    assert_eq!(fault("delay = \"3s\n").0, 1);
    assert!(parse("").unwrap().is_empty());
}

proptest::proptest! {
    #[test]
    fn no_text_panics(text: String, condition in "[a-z<>=!()\\[\\]\"', 0-9.&|-]{0,40}") {
        let _ = parse(&text);
        let quoted = format!("[[answer]]\nwhen = {}\ndo = \"twice\"\n", Value::from(condition.as_str()));
        if let Ok(rules) = parse(&quoted) {
            let _ = rules.fitting(&set(json!({"temperature": 31, "mode": "x"})), &mut Random::new(1));
        }
        let _ = parse(&EXAMPLE.replacen("value > 30", &condition.replace(['"', '\\'], ""), 1));
    }
}
