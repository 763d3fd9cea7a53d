//! The fields of a message as rows, each tied to its bytes.

use std::ops::Range;

use crate::model::{Dissection, Field, Problem};

/// Fields that are kept of one message; what is beyond is counted.
const MAX_FIELDS: usize = 200_000;
/// Levels that are taken over.
const MAX_DEPTH: usize = 200;

/// One field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldRow {
    /// Its name; not made printable.
    pub name: String,
    /// Its value; not made printable.
    pub value: String,
    /// A remark; not made printable.
    pub note: Option<String>,
    /// Its bytes.
    pub range: Range<usize>,
    /// Levels above it.
    pub depth: usize,
    /// The place behind its last descendant.
    end: usize,
}

/// A visible row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    /// A problem, by its place in the list of problems.
    Problem(usize),
    /// A field, by its place among all fields.
    Field(usize),
}

/// Problems and fields of one message, with a cursor.
#[derive(Debug, Default)]
pub struct Fields {
    problems: Vec<Problem>,
    /// All fields in preorder.
    fields: Vec<FieldRow>,
    folded: Vec<bool>,
    /// Fields that were too many.
    left_out: usize,
    rows: Vec<Row>,
    cursor: usize,
    top: usize,
}

impl Fields {
    /// The rows of a dissection; problems first, the worst of them first.
    pub fn new(dissection: Dissection) -> Fields {
        let mut problems = dissection.problems;
        problems.sort_by_key(|problem| (std::cmp::Reverse(problem.severity), problem.offset));
        let mut fields = Fields { problems, ..Fields::default() };
        fields.take_in(dissection.fields);
        fields.folded = vec![false; fields.fields.len()];
        fields.show();
        fields
    }

    fn take_in(&mut self, roots: Vec<Field>) {
        // Each entry is a list of siblings still to come, and the place of the field that they belong to.
        let mut open: Vec<(std::vec::IntoIter<Field>, Option<usize>)> = vec![(roots.into_iter(), None)];
        while let Some((siblings, owner)) = open.last_mut() {
            let owner = *owner;
            let Some(field) = siblings.next() else {
                open.pop();
                let end = self.fields.len();
                if let Some(owner) = owner.and_then(|owner| self.fields.get_mut(owner)) {
                    owner.end = end;
                }
                continue;
            };
            if self.fields.len() >= MAX_FIELDS {
                self.left_out += 1;
                continue;
            }
            let place = self.fields.len();
            let depth = open.len() - 1;
            self.fields.push(FieldRow {
                name: field.name,
                value: field.value,
                note: field.note,
                range: field.offset..field.offset.saturating_add(field.length),
                depth,
                end: place + 1,
            });
            if depth + 1 >= MAX_DEPTH {
                self.left_out += field.children.len();
            } else {
                open.push((field.children.into_iter(), Some(place)));
            }
        }
    }

    fn show(&mut self) {
        self.rows.clear();
        self.rows.extend((0..self.problems.len()).map(Row::Problem));
        let mut place = 0;
        while let Some(field) = self.fields.get(place) {
            self.rows.push(Row::Field(place));
            place = if self.is_folded(place) { field.end } else { place + 1 };
        }
        self.cursor = self.cursor.min(self.rows.len().saturating_sub(1));
    }

    /// The visible rows.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// A field by its place.
    pub fn field(&self, place: usize) -> Option<&FieldRow> {
        self.fields.get(place)
    }

    /// A problem by its place.
    pub fn problem(&self, place: usize) -> Option<&Problem> {
        self.problems.get(place)
    }

    /// Number of problems.
    pub fn problems(&self) -> usize {
        self.problems.len()
    }

    /// Number of fields.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// The names that lead to a field, outermost first.
    pub fn path(&self, place: usize) -> Vec<String> {
        let mut path: Vec<String> = self.fields.get(place).map(|field| field.name.clone()).into_iter().collect();
        let mut inner = place;
        while let Some(owner) = self.owner(inner) {
            path.extend(self.fields.get(owner).map(|field| field.name.clone()));
            inner = owner;
        }
        path.reverse();
        path
    }

    /// Every value, with the names that lead to it joined by dots.
    pub fn values(&self) -> impl Iterator<Item = (String, &str)> {
        let mut names: Vec<&str> = Vec::new();
        self.fields.iter().filter_map(move |field| {
            names.truncate(field.depth);
            names.push(&field.name);
            // What holds parts has no value of its own.
            (!field.value.is_empty()).then(|| (names.join("."), field.value.as_str()))
        })
    }

    /// The value that the cursor stands on: the field itself, its part named `value`, or else its first value.
    pub fn selected_value(&self) -> Option<usize> {
        let place = match self.selected() {
            Some(Row::Field(place)) => place,
            _ => 0,
        };
        let field = self.fields.get(place)?;
        if field.end <= place + 1 {
            return Some(place);
        }
        let inside = || (place + 1..field.end).filter(|part| !self.has_parts(*part));
        let named = inside().find(|part| self.fields.get(*part).is_some_and(|part| part.name == "value"));
        named.or_else(|| inside().next())
    }

    /// Moves the cursor to the next field that has a value (or to the one before).
    pub fn step_value(&mut self, down: bool) {
        let rows = self.rows.len();
        let mut row = self.cursor;
        for _ in 0..rows {
            row = if down { row + 1 } else { row.wrapping_sub(1) };
            match self.rows.get(row) {
                Some(Row::Field(place)) if !self.has_parts(*place) => return self.select_row(row),
                Some(_) => {}
                None => return,
            }
        }
    }

    /// Whether there is no field.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Fields that were too many to be kept.
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// Whether a field has parts.
    pub fn has_parts(&self, place: usize) -> bool {
        self.fields.get(place).is_some_and(|field| field.end > place + 1)
    }

    /// Whether the parts of a field are hidden.
    pub fn is_folded(&self, place: usize) -> bool {
        self.folded.get(place).copied().unwrap_or(false)
    }

    /// The place of the cursor among the rows.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// The selected row.
    pub fn selected(&self) -> Option<Row> {
        self.rows.get(self.cursor).copied()
    }

    /// The bytes of the selected row.
    pub fn range(&self) -> Option<Range<usize>> {
        match self.selected()? {
            Row::Field(place) => self.field(place).map(|field| field.range.clone()),
            Row::Problem(place) => {
                self.problem(place).map(|problem| problem.offset..problem.offset.saturating_add(problem.length))
            }
        }
    }

    /// The first row to draw where `height` rows fit.
    pub fn first_row(&self, height: usize) -> usize {
        let top = self.top.min(self.cursor).min(self.rows.len().saturating_sub(height));
        top.max((self.cursor + 1).saturating_sub(height))
    }

    /// Keeps the rows where they were drawn last.
    pub fn settle(&mut self, height: usize) {
        self.top = self.first_row(height);
    }

    /// Moves the cursor.
    pub fn step(&mut self, by: isize) {
        self.select_row(self.cursor.saturating_add_signed(by));
    }

    /// Puts the cursor on a row; on the last one where there are fewer.
    pub fn select_row(&mut self, row: usize) {
        self.cursor = row.min(self.rows.len().saturating_sub(1));
    }

    /// Folds or unfolds the selected field. Folding what cannot be folded selects the field that it is part of.
    pub fn fold(&mut self, folded: bool) {
        let Some(Row::Field(place)) = self.selected() else { return };
        if self.has_parts(place) && self.is_folded(place) != folded {
            if let Some(flag) = self.folded.get_mut(place) {
                *flag = folded;
            }
            self.show();
        } else if folded && let Some(owner) = self.owner(place) {
            self.select_field(owner);
        }
    }

    /// Folds what is unfolded and the other way round.
    pub fn toggle(&mut self) {
        if let Some(Row::Field(place)) = self.selected() {
            self.fold(!self.is_folded(place));
        }
    }

    fn owner(&self, place: usize) -> Option<usize> {
        let depth = self.fields.get(place)?.depth;
        (0..place).rev().find(|above| self.fields.get(*above).is_some_and(|field| field.depth < depth))
    }

    /// The innermost field that a byte belongs to: the shortest one that holds it, and of equals the deepest.
    pub fn innermost(&self, byte: usize) -> Option<usize> {
        self.fields
            .iter()
            .enumerate()
            .filter(|(_, field)| field.range.contains(&byte))
            .min_by_key(|(_, field)| (field.range.len(), std::cmp::Reverse(field.depth)))
            .map(|(place, _)| place)
    }

    /// Puts the cursor on a field, unfolding what hides it.
    pub fn select_field(&mut self, place: usize) {
        let mut inner = place;
        let mut changed = false;
        while let Some(owner) = self.owner(inner) {
            if let Some(flag) = self.folded.get_mut(owner) {
                changed |= std::mem::replace(flag, false);
            }
            inner = owner;
        }
        if changed {
            self.show();
        }
        if let Some(row) = self.rows.iter().position(|row| *row == Row::Field(place)) {
            self.cursor = row;
        }
    }
}
