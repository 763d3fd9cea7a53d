//! iotdbg: a terminal debugger for the real-time channels of IoT clouds.
//!
//! This page is the architecture. The manual is the README; the facts of each platform are in its dialect.
//!
//! # Layers
//!
//! | layer | folder | holds | does not know |
//! |---|---|---|---|
//! | L0 | [`base`] | time, language, text from outside, JSON with byte ranges, hex, topics, digests, secrets | any noun of IoT |
//! | L1 | [`model`] | the nouns: message, meta, dissection, request, role, thing model, batch, notice | any platform |
//! | L2 | [`dialect`] | the platforms: one folder each behind one trait, and the registry | sockets, the clock |
//! | L3 | [`session`] | one side of one conversation: request table, outbox, back-off, simulated thing | sockets, the clock |
//! | L3 | [`sim`] | the cloud's side: admission, permissions, the platform logic of each dialect | sockets, the clock |
//! | L3 | [`store`] | messages in bounded memory, topic index, filters, views | where they came from |
//! | L3 | [`capture`] | recorded messages as lines: written, read, masked, exported | files |
//! | L3 | [`profile`] | profiles and rosters: find, read, check, save, fetch secrets | any platform by name |
//! | L4 | [`link`] | the client's sockets | screens |
//! | L4 | `serve` | the simulated cloud's sockets (cargo feature `cloud`) | screens |
//! | L4 | [`app`] | the application without a terminal: state, `update`, effects, the key table | sockets |
//! | L5 | [`tui`] | the terminal: loop, drawing, themes | protocols |
//! | L6 | [`cli`] | commands, lines of output, exit codes | – |
//!
//! A file imports from lower layers and from its own folder; never sideways, never up. `tests/tidy.rs` reads the source
//! and fails on every line that does otherwise; the rules stand there as a table.
//!
//! # Invariants
//!
//! 1. **Core without I/O and without a clock.** Dialect, session, simulated cloud, store and application are plain
//!    values: bytes and a [`base::time::Time`] go in, results come out. Only `base/time.rs` reads the clock. So their
//!    tests run in virtual time and are exact.
//! 2. **Bounded memory.** The store has a byte budget and drops its oldest segment whole; a link stops reading when its
//!    batch has 1 MiB, and TCP slows the sender; topics, requests, ledgers and logs have limits of their own.
//! 3. **Nothing is dropped silently.** What has to go is counted, and the count reaches the screen
//!    ([`model::Notice::Lost`], the status bar).
//! 4. **Text safety.** Everything from outside passes [`base::text::printable`] before it reaches a cell, a terminal or a
//!    log.
//! 5. **Secrets are a type.** [`base::secret::Secret`] has no way to be printed; the one way to its text can be searched for.
//! 6. **Hostile bytes cannot end the program.** No `unsafe`; no `unwrap`, `expect`, indexing or changing cast outside
//!    tests: the lints at the top of this file say so to the compiler.
//! 7. **One implementation of each protocol fact.** App, device and simulated cloud share a codec; screens, commands and
//!    profiles know the [`dialect::Spec`] only. As a shared codec could hide a mistake from itself, every dialect also
//!    carries vectors made by others.
//! 8. **Every word in both languages.** See [`base::lang`].
//!
//! # The life of a message
//!
//! ```text
//! socket ─▶ link task ─▶ classify ─▶ session ─▶ batch ─▶ mailbox of one ─▶ loop ─▶ store ─▶ view ─▶ draw
//! ```
//!
//! 1. The link reads a packet and asks the dialect what it is ([`dialect::Dialect::classify`]: no allocation, spans into
//!    the payload). The result is a [`model::Meta`] of fixed size.
//! 2. The session looks at it: does it answer a request, does somebody have to be answered, did a device go offline? What
//!    comes of that are actions for the socket and notices for people.
//! 3. Topic and payload are copied into a [`model::Batch`]. Slices of network buffers are never kept: a slice of a few
//!    bytes would keep a buffer of many alive.
//! 4. The batch waits for the free place in the mailbox, growing meanwhile. The loop takes it, the store copies it into
//!    its segments, the views look at the new messages only.
//! 5. A frame draws the visible rows. Only for these the dialect writes a gist, and only for the opened one a
//!    [`model::Dissection`].
//!
//! # The life of a request
//!
//! One request has one [`model::RequestKey`] for life and one id on the wire.
//!
//! ```text
//! queued ─▶ sent ─▶ acknowledged (PUBACK) ─▶ replied │ refused (code) │ timed out │ link lost
//!                                             later:  replied late, replied again, observed
//! ```
//!
//! The table of pending requests is in the session, beside the socket, so a latency does not depend on frames. *Replied*
//! means that the peer answered this request; *observed* that a later report carries the value: the two are shown
//! differently. A reply that answers nothing is marked unsolicited.
//!
//! # To add a dialect
//!
//! 1. A folder in `src/dialect/`: topics, bodies, signing, codes, cloud, vectors; its [`dialect::Spec`] lists roles,
//!    fields, operations, topics with who may use them, codes, listeners and roster tables.
//! 2. A line in [`dialect::REGISTRY`]. The conformance suite runs over the registry and now covers it.
//! 3. Profiles and a roster in `profiles/`, given out by [`dialect::Dialect::shipped`]. Their tests run over the registry too.
//!
//! Forms, commands, profiles, the composer, the simulated device and the simulated cloud follow from these.
//!
//! # Decisions
//!
//! Where the first design was left, and why:
//!
//! - **No table of texts.** A [`base::lang::Text`] holds both languages and stands beside its use, so a missing
//!   translation does not compile and no key has to be kept in step with a table.
//! - **Words are rendered late.** Errors and notices carry a [`base::lang::Phrase`]; a log, a screen and a line of JSON
//!   may each want another language.
//! - **The broker does not route.** In the simulated cloud a publish of a client always goes to the platform's logic, which
//!   decides what is delivered to whom: that is what the real platforms do, and a device that hears its own post
//!   echoed takes it for a reply.
//! - **Rules of a simulated device: the first that fits decides.** A list that is read from the top is understood without a
//!   manual; merging rules is not. What is left to chance is drawn per request in the order of the rules, apart from the
//!   chance of made-up values, so that a report more or less changes no answer.
//! - **Faults are between the cloud and its clients**, not in the platforms: one implementation for all of them. Where bytes
//!   have to be known (a code in an answer, an expired login) the dialect is asked what it sees, or what it would say
//!   a hundred years later.
//! - **WebSocket frames of the simulated cloud are written by hand**, on the header type of `tungstenite`. Its own
//!   conversation answers every ping with a pong and every end with a close frame; a platform that does neither is what
//!   clients have to be tried against. For the same reason `hyper` is used below `axum`: the answer to an upgrade is the
//!   platform's, with any status and body.
//! - **Profiles belong to their dialect.** They are given out by the dialect and found through the registry, so the
//!   profile layer names no platform.
//! - **The text editor is a library used as an engine.** Cursor, words and undo come from `ratatui-textarea`, in one file
//!   of `app`; its drawing is not used, because what is typed or pasted passes the gate of invariant 4 as well, and
//!   because `update` stays the only place where state changes.
//! - **A silent peer is a timeout, whoever says so.** Where the platform gives up before we do and answers for the device,
//!   the request has timed out, with the platform's words; it was not refused.
//! - **A place in the list of profiles is never given to another.** Connections, checkups and forms name profiles by it
//!   while profiles come and go; the order on the screen is kept apart.
//! - **A form edits text.** A profile is changed in its text, line by line where the text speaks of the field, so that
//!   comments and keys that no form knows stay.
//! - **Thing models are learned in two steps.** What a message tells of its product, its dialect says
//!   ([`model::learn::Observed`]); what types follow from the values is the same for all of them. The result is written in
//!   the platform's own format and read back, so that a learned model has no way of its own into a form.
//! - **Copied commands hold no secret.** They ask `iotdbg sign` for the login when they run, which keeps them fresh, too.
//! - **The terminal is asked for its ground once, before its keys are read**, by a library that also asks what every
//!   terminal answers; silence leaves the 16 colours that the user has chosen.
//! - **The roster of the demo is a file**, not derived from profiles: what an identity may see (groups, products) does not
//!   follow from the login. A test lets every shipped profile log in with it.

// Not in Cargo.toml, because tests may do all of this.
#![cfg_attr(
    not(test),
    warn(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::unreachable,
        clippy::indexing_slicing,
        clippy::string_slice,
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        clippy::cast_sign_loss,
        clippy::exit,
        clippy::print_stdout,
        clippy::print_stderr
    )
)]

pub mod app;
pub mod base;
pub mod capture;
pub mod cli;
pub mod dialect;
pub mod link;
pub mod model;
pub mod profile;
#[cfg(feature = "cloud")]
pub mod serve;
pub mod session;
pub mod sim;
pub mod store;
pub mod tui;
