//! A network that can be cut between a program and a server.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, mpsc};
use std::thread;
use std::time::{Duration, Instant};

/// The interval at which a connection that is cut looks whether it is whole again.
const GLANCE: Duration = Duration::from_millis(5);

/// A proxy in front of a server on this machine. Until the end of the test program.
#[derive(Clone, Debug)]
pub struct TcpProxy {
    port: u16,
    network: Arc<Network>,
}

#[derive(Debug, Default)]
struct Network {
    is_cut: AtomicBool,
    /// The time that data takes from one end to the other, in milliseconds.
    latency: AtomicU64,
    /// The header of requests that no server sees.
    hidden: OnceLock<&'static str>,
}

impl Network {
    fn latency(&self) -> Duration {
        Duration::from_millis(self.latency.load(Ordering::SeqCst))
    }

    /// Gives the hidden header another name, so that a server ignores it.
    fn hide_header(&self, data: &mut [u8]) {
        let Some(header) = self.hidden.get() else {
            return;
        };
        let at = data
            .windows(header.len())
            .position(|it| it.eq_ignore_ascii_case(header.as_bytes()));
        if let Some(at) = at {
            data[at] = b'x';
        }
    }

    /// Waits until what was sent at this time arrives at the other end.
    fn carry(&self, sent: Instant) {
        thread::sleep((sent + self.latency()).saturating_duration_since(Instant::now()));
        while self.is_cut.load(Ordering::SeqCst) {
            thread::sleep(GLANCE);
        }
    }
}

impl TcpProxy {
    /// Starts a proxy in front of this port.
    ///
    /// # Panics
    ///
    /// If it cannot listen.
    pub fn start(server: u16) -> TcpProxy {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let proxy = TcpProxy {
            port: listener.local_addr().unwrap().port(),
            network: Arc::default(),
        };
        let network = Arc::clone(&proxy.network);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let network = Arc::clone(&network);
                thread::spawn(move || connect(&client, server, &network));
            }
        });
        proxy
    }

    /// Returns the port to connect to.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Cuts the network: nothing arrives any more, and no connection ends.
    pub fn cut(&self) {
        self.network.is_cut.store(true, Ordering::SeqCst);
    }

    /// Joins the network again: what was sent meanwhile arrives.
    pub fn join(&self) {
        self.network.is_cut.store(false, Ordering::SeqCst);
    }

    /// Hides a header of requests from the server, once and for all.
    pub fn hide(&self, header: &'static str) {
        let _ = self.network.hidden.set(header);
    }

    /// Sets the time that data takes in each direction.
    pub fn delay(&self, latency: Duration) {
        let milliseconds = u64::try_from(latency.as_millis()).unwrap_or(u64::MAX);
        self.network.latency.store(milliseconds, Ordering::SeqCst);
    }
}

/// Carries what a client and the server send each other, until one of them ends the connection.
fn connect(client: &TcpStream, server: u16, network: &Network) {
    // There and back, before the client may send anything.
    let began = Instant::now();
    network.carry(began);
    network.carry(began + network.latency());
    let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, server)) else {
        return;
    };
    for stream in [client, &server] {
        // Small packets are not collected.
        let _ = stream.set_nodelay(true);
    }
    thread::scope(|scope| {
        scope.spawn(|| copy(client, &server, network));
        copy(&server, client, network);
    });
}

/// Data on its way.
struct Packet {
    sent: Instant,
    data: Vec<u8>,
}

/// Carries data in one direction. What is sent meanwhile does not wait for it.
fn copy(mut from: &TcpStream, mut to: &TcpStream, network: &Network) {
    let (packets, carried) = mpsc::channel::<Packet>();
    thread::scope(|scope| {
        scope.spawn(move || {
            for Packet { sent, data } in carried {
                network.carry(sent);
                if to.write_all(&data).is_err() {
                    break;
                }
            }
            network.carry(Instant::now());
            // The other end may be closed already.
            let _ = to.shutdown(Shutdown::Write);
            let _ = from.shutdown(Shutdown::Read);
        });
        let mut some = [0; 64 * 1024];
        while let Ok(length @ 1..) = from.read(&mut some) {
            let mut data = some[..length].to_vec();
            network.hide_header(&mut data);
            let sent = Instant::now();
            if packets.send(Packet { sent, data }).is_err() {
                break;
            }
        }
        drop(packets);
    });
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn data_does_not_wait_for_what_was_sent_before() {
        let latency = Duration::from_millis(300);
        let server = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let proxy = TcpProxy::start(server.local_addr().unwrap().port());
        let mut client = TcpStream::connect((Ipv4Addr::LOCALHOST, proxy.port())).unwrap();
        client.set_nodelay(true).unwrap();
        let (mut accepted, _) = server.accept().unwrap();
        proxy.delay(latency);
        let began = Instant::now();
        for _ in 0..2 {
            client.write_all(b"x").unwrap();
            thread::sleep(Duration::from_millis(50));
        }
        accepted.read_exact(&mut [0; 2]).unwrap();
        let elapsed = began.elapsed();
        assert!(elapsed >= latency, "{elapsed:?}");
        assert!(elapsed < 2 * latency, "{elapsed:?}");
    }
}
