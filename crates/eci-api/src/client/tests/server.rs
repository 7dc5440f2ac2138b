//! A server that answers each request with a scripted action, byte by byte.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// The server's reaction to a request.
#[derive(Clone, Debug)]
pub(super) enum ServerAction {
    /// These bytes are sent, and the connection stays.
    Answer(String),
    /// These bytes are sent, and the connection is cut.
    Cut(String),
    /// The first bytes are sent, then the others every 20 ms for as long as anyone listens.
    Dribble(String, String),
    /// Nothing is sent, and the connection stays for longer than anyone waits.
    Hang,
}

impl ServerAction {
    /// Creates an answer with a status line, a content type and a body of the right length.
    pub(super) fn ok(body: &str) -> ServerAction {
        ServerAction::status("200 OK", &[], body)
    }

    pub(super) fn status(status: &str, headers: &[&str], body: &str) -> ServerAction {
        let headers: String = headers
            .iter()
            .map(|header| format!("{header}\r\n"))
            .collect();
        let length = body.len();
        ServerAction::Answer(format!(
            "HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
        ))
    }
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) target: String,
    /// By lower-case name.
    pub(super) headers: HashMap<String, String>,
    pub(super) body: String,
    /// The number of the connection it came on.
    pub(super) connection: usize,
}

/// The server.
///
/// It ends with the test's process.
pub(super) struct Server {
    pub(super) endpoint: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// Starts a server that performs these actions in turn, and repeats the last of them.
    pub(super) fn that(actions: impl IntoIterator<Item = ServerAction>) -> Server {
        let actions: Vec<ServerAction> = actions.into_iter().collect();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let received = Arc::clone(&requests);
        thread::spawn(move || {
            for (connection, stream) in listener.incoming().enumerate() {
                let (actions, received) = (actions.clone(), Arc::clone(&received));
                thread::spawn(move || serve(&stream.unwrap(), connection, &actions, &received));
            }
        });
        Server { endpoint, requests }
    }

    pub(super) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

fn serve(
    stream: &TcpStream,
    connection: usize,
    actions: &[ServerAction],
    received: &Mutex<Vec<Request>>,
) {
    let mut reader = BufReader::new(stream);
    while let Some(request) = read(&mut reader, connection) {
        let turn = {
            let mut received = received.lock().unwrap();
            received.push(request);
            received.len().min(actions.len()) - 1
        };
        let mut writer = stream;
        match &actions[turn] {
            ServerAction::Answer(bytes) => writer.write_all(bytes.as_bytes()).unwrap(),
            ServerAction::Cut(bytes) => {
                writer.write_all(bytes.as_bytes()).unwrap();
                let _ = stream.shutdown(Shutdown::Both);
                return;
            }
            ServerAction::Dribble(first, again) => {
                let mut next = first;
                while writer.write_all(next.as_bytes()).is_ok() {
                    thread::sleep(Duration::from_millis(20));
                    next = again;
                }
                return;
            }
            ServerAction::Hang => thread::sleep(Duration::from_secs(30)),
        }
    }
}

/// Reads the next request; `None` if the client has disconnected.
fn read(reader: &mut BufReader<&TcpStream>, connection: usize) -> Option<Request> {
    let mut line = || {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        Some(line.trim_end().to_owned())
    };
    let first = line()?;
    let mut words = first.split(' ').map(str::to_owned);
    let (method, target) = (words.next()?, words.next()?);
    let mut headers = HashMap::new();
    while let Some((name, value)) = line()?.split_once(": ") {
        headers.insert(name.to_lowercase(), value.to_owned());
    }
    let length = headers
        .get("content-length")
        .map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Request {
        method,
        target,
        headers,
        body: String::from_utf8(body).unwrap(),
        connection,
    })
}
