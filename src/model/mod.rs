//! L1: the nouns that every layer speaks in. Plain values, no behaviour of a platform, no I/O.

pub mod batch;
pub mod describe;
pub mod dissection;
pub mod fields;
pub mod kind;
pub mod learn;
pub mod message;
pub mod notice;
pub mod operation;
pub mod origin;
pub mod packet;
pub mod report;
pub mod request;
pub mod role;
pub mod step;
pub mod thing;

pub use batch::{Batch, Envelope};
pub use dissection::{Dissection, Field, Problem, Severity};
pub use fields::{FieldFault, Fields};
pub use kind::Kind;
pub use message::{Code, ConnectionId, Direction, Id, MessageRef, Meta, Place, Span};
pub use notice::{LinkState, Notice, Stage, StageReport};
pub use operation::{OpKind, Request};
pub use origin::{Origin, Played};
pub use request::{RequestInfo, RequestKey, RequestState, RequestUpdate};
pub use role::Role;
pub use thing::ThingModel;
