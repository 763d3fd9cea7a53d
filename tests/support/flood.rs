//! A server that speaks just enough MQTT 3.1.1 to drown its client: every subscriber gets the same count of messages,
//! as fast as the socket takes them or at a given pace.
//!
//! Not a broker: it answers CONNECT, SUBSCRIBE, PINGREQ and QoS 1 publishes, and ignores everything else.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// What is sent.
#[derive(Clone, Copy)]
pub struct Flood {
    /// Number of messages.
    pub count: u64,
    /// Bytes of each payload; at least 32.
    pub size: usize,
    /// Number of topics, used in turn.
    pub topics: u64,
    /// Messages per second; `None` for as many as the socket takes.
    pub rate: Option<u64>,
}

/// A running source.
pub struct Source {
    /// The port of the loopback interface that it listens on.
    pub port: u16,
    sent: Arc<AtomicU64>,
    heard: Arc<AtomicU64>,
    go: Arc<AtomicBool>,
    stop: Arc<AtomicBool>,
}

impl Source {
    /// Listens on a free port. Nothing is sent before [`Source::go`].
    pub fn start(flood: Flood) -> Source {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let source = Source {
            port,
            sent: Arc::new(AtomicU64::new(0)),
            heard: Arc::new(AtomicU64::new(0)),
            go: Arc::new(AtomicBool::new(false)),
            stop: Arc::new(AtomicBool::new(false)),
        };
        let heard = Arc::clone(&source.heard);
        let (sent, go, stop) = (Arc::clone(&source.sent), Arc::clone(&source.go), Arc::clone(&source.stop));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (sent, go, stop) = (Arc::clone(&sent), Arc::clone(&go), Arc::clone(&stop));
                let heard = Arc::clone(&heard);
                std::thread::spawn(move || serve(stream, flood, &sent, &heard, &go, &stop));
            }
        });
        source
    }

    /// Opens the gates.
    pub fn go(&self) {
        self.go.store(true, Ordering::SeqCst);
    }

    /// Messages handed to sockets so far.
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::SeqCst)
    }

    /// Messages that clients published so far.
    pub fn heard(&self) -> u64 {
        self.heard.load(Ordering::SeqCst)
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
    }
}

fn serve(
    stream: TcpStream,
    flood: Flood,
    sent: &AtomicU64,
    heard: &Arc<AtomicU64>,
    go: &AtomicBool,
    stop: &AtomicBool,
) {
    let mut reader = stream.try_clone().unwrap();
    // Two threads write: an answer must not get into the middle of a chunk.
    let writer = Arc::new(Mutex::new(stream));
    let mut subscribed = false;
    let mut pending = Vec::new();
    while !(subscribed && go.load(Ordering::SeqCst)) {
        reader.set_read_timeout(Some(Duration::from_millis(5))).unwrap();
        if stop.load(Ordering::SeqCst) || !answer(&mut reader, &writer, &mut pending, &mut subscribed, heard) {
            return;
        }
    }
    let answers = Arc::new(AtomicBool::new(true));
    let alive = Arc::clone(&answers);
    let (answering, heard) = (Arc::clone(&writer), Arc::clone(heard));
    std::thread::spawn(move || {
        reader.set_read_timeout(None).unwrap();
        while answer(&mut reader, &answering, &mut pending, &mut subscribed, &heard) {}
        alive.store(false, Ordering::SeqCst);
    });
    pour(&writer, flood, sent, || answers.load(Ordering::SeqCst) && !stop.load(Ordering::SeqCst));
    while answers.load(Ordering::SeqCst) && !stop.load(Ordering::SeqCst) {
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Sends the messages in chunks, so that one system call carries many.
fn pour(stream: &Mutex<TcpStream>, flood: Flood, sent: &AtomicU64, alive: impl Fn() -> bool) {
    let begin = Instant::now();
    let mut chunk = Vec::with_capacity(128 * 1024);
    let mut number = 0;
    while number < flood.count && alive() {
        let due = match flood.rate {
            Some(rate) => ((begin.elapsed().as_secs_f64() * rate as f64) as u64).min(flood.count),
            None => flood.count,
        };
        if number >= due {
            std::thread::sleep(Duration::from_millis(1));
            continue;
        }
        chunk.clear();
        let first = number;
        while number < due && chunk.len() < 64 * 1024 {
            publish(&mut chunk, flood, number);
            number += 1;
        }
        if stream.lock().unwrap().write_all(&chunk).is_err() {
            return;
        }
        sent.fetch_add(number - first, Ordering::SeqCst);
    }
}

/// One PUBLISH at QoS 0 whose payload is a JSON report of exactly `flood.size` bytes.
fn publish(into: &mut Vec<u8>, flood: Flood, number: u64) {
    let topic = format!("$sys/p1/lamp{:04}/thing/property/post", number % flood.topics);
    let start = format!("{{\"id\":\"{number}\",\"version\":\"1.0\",\"params\":{{\"text\":\"");
    let end = "\"}}";
    let filler = flood.size.saturating_sub(start.len() + end.len());
    let payload = start.len() + filler + end.len();
    into.push(0x30);
    let mut rest = 2 + topic.len() + payload;
    loop {
        let byte = (rest & 0x7f) as u8;
        rest >>= 7;
        into.push(if rest > 0 { byte | 0x80 } else { byte });
        if rest == 0 {
            break;
        }
    }
    into.extend_from_slice(&(topic.len() as u16).to_be_bytes());
    into.extend_from_slice(topic.as_bytes());
    into.extend_from_slice(start.as_bytes());
    into.resize(into.len() + filler, b'x');
    into.extend_from_slice(end.as_bytes());
}

/// Reads what is there and answers it; `false` when the peer is gone.
fn answer(
    reader: &mut TcpStream,
    writer: &Mutex<TcpStream>,
    pending: &mut Vec<u8>,
    subscribed: &mut bool,
    heard: &AtomicU64,
) -> bool {
    let mut buffer = [0; 4096];
    match reader.read(&mut buffer) {
        Ok(0) => return false,
        Ok(count) => pending.extend_from_slice(&buffer[..count]),
        Err(fault) if matches!(fault.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => return true,
        Err(_) => return false,
    }
    while let Some((kind, body, used)) = packet(pending) {
        if kind >> 4 == 3 {
            heard.fetch_add(1, Ordering::SeqCst);
        }
        let reply = match kind >> 4 {
            1 => vec![0x20, 2, 0, 0],
            3 if kind & 0x06 == 0x02 => {
                let topic = usize::from(u16::from_be_bytes([body[0], body[1]]));
                vec![0x40, 2, body[2 + topic], body[3 + topic]]
            }
            8 => {
                *subscribed = true;
                let mut reply = vec![0x90, 2, body[0], body[1]];
                let mut rest = &body[2..];
                while rest.len() > 2 {
                    let length = usize::from(u16::from_be_bytes([rest[0], rest[1]]));
                    rest = &rest[length + 3..];
                    reply.push(0);
                    reply[1] += 1;
                }
                reply
            }
            12 => vec![0xd0, 0],
            14 => return false,
            _ => Vec::new(),
        };
        pending.drain(..used);
        if writer.lock().unwrap().write_all(&reply).is_err() {
            return false;
        }
    }
    true
}

/// The first whole packet of a buffer: its first byte, its body, and how many bytes it takes.
fn packet(bytes: &[u8]) -> Option<(u8, Vec<u8>, usize)> {
    let mut length = 0;
    for (index, byte) in bytes.get(1..)?.iter().take(4).enumerate() {
        length |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            let start = index + 2;
            return Some((bytes[0], bytes.get(start..start + length)?.to_vec(), start + length));
        }
    }
    None
}
