//! What the mouse does: overlays first, then borders, then the tab.

use crate::app::action::Action;
use crate::app::input::{Mouse, MouseAct, Target};
use crate::app::overlay::Overlay;
use crate::app::{App, Place, Tab};

impl App {
    /// What a press, a drag or the wheel does.
    pub(super) fn mouse(&mut self, mouse: Mouse) {
        if let Some(overlay) = self.overlays.last() {
            let inside = matches!(mouse.target, Some(Target::Area(p) | Target::Row(p, _)) if p == overlay.place());
            match (mouse.act, mouse.target) {
                (MouseAct::Press, Some(Target::Action(action))) => self.run(action),
                (MouseAct::Press, Some(Target::Row(Place::Palette, row))) => {
                    if let Some(Overlay::Palette(palette)) = self.overlays.last_mut() {
                        palette.cursor = row;
                    }
                    self.run(Action::SubmitText);
                }
                (MouseAct::Press, Some(Target::Row(Place::Pick, row))) => {
                    if let Some(Overlay::Pick(_, picker)) = self.overlays.last_mut() {
                        picker.cursor = row;
                    }
                    self.run(Action::SubmitText);
                }
                (MouseAct::Press, Some(Target::Row(Place::Requests, row))) => {
                    if let Some(Overlay::Requests(picker)) = self.overlays.last_mut() {
                        picker.cursor = row;
                    }
                    self.run(Action::SubmitText);
                }
                (MouseAct::Press, Some(Target::Row(Place::Templates, row))) => {
                    if let Some(Overlay::Templates(picker)) = self.overlays.last_mut() {
                        picker.cursor = row;
                    }
                    self.run(Action::SubmitText);
                }
                (
                    MouseAct::Press,
                    Some(Target::Row(place @ (Place::Start | Place::ProfileForm | Place::Workspaces), row)),
                ) => {
                    self.press_in_profiles(place, row);
                }
                (MouseAct::Press, _)
                    if !inside && !matches!(overlay, Overlay::Confirm { .. } | Overlay::ProfileForm(_)) =>
                {
                    self.run(Action::Back);
                }
                (MouseAct::ScrollUp, _) => self.run(Action::Up),
                (MouseAct::ScrollDown, _) => self.run(Action::Down),
                _ => {}
            }
            return;
        }
        let grip = |target| if let Some(Target::Split(handle)) = target { Some(handle) } else { None };
        match mouse.act {
            MouseAct::Press | MouseAct::DoublePress => self.splits.take(grip(mouse.target)),
            MouseAct::Drag if self.splits.drag(mouse.at.0, mouse.at.1) => return,
            _ => {}
        }
        match (mouse.act, mouse.target) {
            (MouseAct::Press, Some(Target::Tab(tab))) => self.show(tab),
            (MouseAct::Press, Some(Target::Action(action))) => self.run(action),
            (MouseAct::Press, Some(Target::Connection(id))) => {
                self.show(Tab::Connections);
                self.connections.select(id);
            }
            (act, Some(target)) => {
                if act == MouseAct::Press
                    && let Target::Area(place) | Target::Row(place, _) | Target::Part(place, ..) = target
                    && self.areas().contains(&place)
                {
                    self.focus(place);
                }
                match self.tab {
                    Tab::Connections => self.connections_mouse(mouse),
                    Tab::Stream => self.stream_mouse(mouse),
                    Tab::Compose => self.compose_mouse(mouse),
                    Tab::Frames => self.frames_mouse(mouse),
                    Tab::Sign => self.sign_mouse(mouse),
                    Tab::Device => self.device_mouse(mouse),
                    Tab::Events => self.events_mouse(mouse),
                }
            }
            _ => {}
        }
    }
}
