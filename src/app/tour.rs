//! The tour of the demo: a line above the footer that says what to try, and goes on when it was done.

use crate::app::action::Action;
use crate::app::{App, Tab};
use crate::base::lang::Text;

/// When a step is done.
#[derive(Debug, Clone, Copy)]
enum Done {
    /// This tab is shown.
    Shown(Tab),
    /// One of these actions ran.
    Ran(&'static [Action]),
}

/// One step.
struct Step {
    words: Text,
    done: Done,
}

/// The offer comes first; the steps follow the person's own questions.
const STEPS: &[Step] = &[
    Step {
        words: Text::new(
            "First time here? ctrl-t takes you through it in eight steps; esc hides this.",
            "第一次使用？按 ctrl-t 开始八步导览，按 esc 关闭。",
        ),
        done: Done::Ran(&[Action::Tour]),
    },
    Step {
        words: Text::new(
            "What is flowing? Press 2: the Stream, every message of every connection in order.",
            "有哪些消息？按 2 打开消息流：所有连接的消息按顺序排列。",
        ),
        done: Done::Shown(Tab::Stream),
    },
    Step {
        words: Text::new(
            "What do these bytes mean? k and j choose a message, enter takes it apart: fields and bytes side by side.",
            "这些字节是什么？用 k、j 选一条消息，按 enter 解析：字段与字节对照。",
        ),
        done: Done::Ran(&[Action::Inspect]),
    },
    Step {
        words: Text::new(
            "Too much? / filters while you type: try kind:set or err, then enter. Space pauses.",
            "太多了？按 / 过滤，例如 kind:set 或 err，再按 enter；空格暂停。",
        ),
        done: Done::Ran(&[Action::EditFilter, Action::Pause]),
    },
    Step {
        words: Text::new(
            "Does the device take it? Press 3: choose a property with space, change it, and see the exact bytes.",
            "设备会接受吗？按 3 打开下发：用空格选属性、改取值，右侧即是将发出的字节。",
        ),
        done: Done::Shown(Tab::Compose),
    },
    Step {
        words: Text::new(
            "s sends. The list below follows the request: sent, acknowledged, replied — and how fast.",
            "按 s 发送。下方记录这次请求：已发送、已确认、已应答，以及用时。",
        ),
        done: Done::Ran(&[Action::Send]),
    },
    Step {
        words: Text::new(
            "And if it refuses? Device (by number): m lets the simulated device refuse or say nothing; then send again.",
            "如果设备拒绝？打开“设备”标签页：按 m 让模拟设备拒绝或不应答，再发送一次。",
        ),
        done: Done::Ran(&[Action::MannerNext]),
    },
    Step {
        words: Text::new(
            "Why can't it connect? Press 1: every step of a connection with its time; x asks the doctor.",
            "为什么连不上？按 1：查看连接的每一步与用时；按 x 诊断。",
        ),
        done: Done::Shown(Tab::Connections),
    },
    Step {
        words: Text::new(
            "That is it. n makes a profile of your own; ? lists the keys of any place; : finds everything by name. esc ends.",
            "导览结束。按 n 新建自己的配置；? 查看当前按键；: 按名称查找一切。按 esc 关闭。",
        ),
        done: Done::Ran(&[]),
    },
];

/// Where the tour is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tour {
    step: usize,
}

impl Tour {
    /// Before the first step: it is only offered.
    pub const OFFERED: Tour = Tour { step: 0 };

    /// What to try now.
    pub fn words(self) -> Option<Text> {
        STEPS.get(self.step).map(|step| step.words)
    }

    /// Which step of how many; nothing while it is only offered.
    pub fn progress(self) -> Option<(usize, usize)> {
        (self.step > 0).then(|| (self.step, STEPS.len() - 1))
    }

    fn on(self) -> Option<Tour> {
        (self.step + 1 < STEPS.len()).then_some(Tour { step: self.step + 1 })
    }
}

impl App {
    /// Starts the tour, or goes on to the next step.
    pub(super) fn next_of_tour(&mut self) {
        self.tour = match self.tour {
            Some(tour) => tour.on(),
            None => Some(Tour { step: 1 }),
        };
        // A step whose place is seen already would be over before it was read.
        self.toast = None;
    }

    /// Looks whether what ran, or what is shown now, ends the step.
    pub(super) fn look_at_tour(&mut self, ran: Option<Action>) {
        let Some(tour) = self.tour else { return };
        let Some(step) = STEPS.get(tour.step) else { return };
        let done = match (step.done, ran) {
            (Done::Shown(tab), None) => tab == self.tab,
            (Done::Ran(actions), Some(ran)) => tour.step > 0 && actions.contains(&ran),
            _ => false,
        };
        if done {
            self.tour = tour.on();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Msg;
    use crate::app::input::Key;
    use crate::app::tests::{START, demo, press};
    use crate::base::lang::Lang;

    #[test]
    fn the_tour_goes_on_as_things_are_done_and_can_be_left() {
        let mut app = demo(Lang::Zh);
        app.tour = Some(Tour::OFFERED);
        press(&mut app, &["1"]);
        assert_eq!(app.tour.unwrap().progress(), None);
        app.update(Msg::Key(Key::ctrl('t')), START);
        let step = |app: &App| app.tour.and_then(Tour::progress).map(|(step, _)| step);
        assert_eq!(step(&app), Some(1));
        press(&mut app, &["2"]);
        assert_eq!(step(&app), Some(2));
        press(&mut app, &["enter"]);
        press(&mut app, &["3"]);
        // There is no message to open in this test, so the third step waits.
        assert_eq!(step(&app), Some(2));
        for _ in 0..9 {
            app.update(Msg::Key(Key::ctrl('t')), START);
            if app.tour.is_none() {
                break;
            }
        }
        assert_eq!(app.tour, None);
    }
}
