//! The way of a flood without a screen: a link, the mailbox of one, a store and a view, as the loop of the terminal
//! application uses them.

use std::time::{Duration, Instant};

use iotdbg::dialect::{self, ConnectionSettings, Server};
use iotdbg::link::{self, LinkConfig};
use iotdbg::model::{Batch, ConnectionId, Fields, LinkState, Notice, Role};
use iotdbg::session::{Command, Reconnect, SessionConfig};
use iotdbg::store::{Filter, Store, View};
use tokio::sync::mpsc;

use super::PATIENCE;
use super::flood::Source;

/// What came through.
pub struct Ingested {
    /// Everything that is kept.
    pub store: Store,
    /// What the filter admits.
    pub view: View,
    /// Messages that the link said it had to drop.
    pub lost: u64,
    /// From opening the gates to the last message.
    pub took: Duration,
}

/// Takes the whole flood in. `pause` is slept after each batch: a loop that is busy with something else.
pub fn ingest(source: &Source, count: u64, budget: usize, filter: Filter, pause: Duration) -> Ingested {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        let (mailbox, mut batches) = mpsc::channel::<Batch>(1);
        let link = link::spawn(
            LinkConfig { id: ConnectionId(1), session: session(source.port), trace: None, packets: false },
            mailbox,
        );
        link.command(Command::Connect);
        source.go();
        let begin = Instant::now();
        let mut took = Duration::ZERO;
        let (mut store, mut view, mut lost) = (Store::new(budget), View::new(filter), 0);
        let mut state = LinkState::Closed;
        while store.stats().total + lost < count {
            let batch = tokio::time::timeout(PATIENCE, batches.recv()).await;
            let seen = store.stats().total;
            let batch = batch.unwrap_or_else(|_| panic!("{seen} of {count} messages, {lost} lost, then {state:?}"));
            let batch = batch.expect("the link ended");
            for notice in batch.notices() {
                match notice {
                    Notice::Lost { count, .. } => lost += count,
                    Notice::State { state: new, .. } => state = new.clone(),
                    _ => {}
                }
            }
            let range = store.push(&batch);
            view.extend(&store, range);
            took = begin.elapsed();
            std::thread::sleep(pause);
        }
        link.close();
        Ingested { store, view, lost, took }
    })
}

fn session(port: u16) -> SessionConfig {
    let identity =
        Fields::new().with("product_id", "p1").with("device_name", "lamp").with("access_key", "aW90ZGJnLXRlc3Qta2V5");
    let server = Some(Server::parse(&format!("mqtt://127.0.0.1:{port}")).unwrap());
    SessionConfig {
        dialect: dialect::find("onenet").expect("OneNET is registered"),
        role: Role::Device,
        settings: ConnectionSettings { identity, server, ..ConnectionSettings::default() },
        model: None,
        reconnect: Reconnect::Never,
        thing: None,
        seed: 1,
    }
}
