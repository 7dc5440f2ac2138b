//! Real servers for tests, each in a separate directory and at a separate port.

use std::fs;
use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use eci_backend::{PostgresDevice, PostgresSettings, S3Credentials, S3Device, S3Settings};
use tempfile::TempDir;

use crate::tool::Tool;

/// The time in which a server must answer after its start.
const START_TIMEOUT: Duration = Duration::from_secs(180);

/// The bucket of all states of tests.
const BUCKET: &str = "states";

/// The credentials of all buckets.
const ACCESS_KEY: &str = "ak";
const SECRET_KEY: &str = "sk";

/// A process that is killed when this is dropped.
#[derive(Debug)]
struct Server {
    child: Child,
    directory: TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended on its own.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns ports at which nothing listens.
fn free_ports<const N: usize>() -> [u16; N] {
    // All at once, so that they differ.
    let listeners: [TcpListener; N] =
        std::array::from_fn(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap());
    listeners.map(|listener| listener.local_addr().unwrap().port())
}

fn wait_until(what: &str, is_ready: impl Fn() -> bool) {
    let began = Instant::now();
    while !is_ready() {
        assert!(began.elapsed() < START_TIMEOUT, "{what} did not start");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn is_open(port: u16) -> bool {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// A server of buckets.
pub trait Bucket {
    /// Returns the address of the server.
    fn endpoint(&self) -> String;

    /// Returns the settings of a state.
    fn settings(&self, prefix: &str) -> S3Settings {
        let keys = S3Credentials {
            access_key: ACCESS_KEY.to_owned(),
            secret_key: SECRET_KEY.into(),
        };
        let mut settings = S3Settings::new(self.endpoint(), BUCKET, keys);
        settings.prefix = prefix.to_owned();
        settings
    }

    /// Returns the device of a state.
    fn device(&self, prefix: &str) -> S3Device {
        S3Device::new(self.settings(prefix), http_client()).unwrap()
    }

    /// Returns the table of the backend of a state, at a port that leads to the server.
    fn table_at(&self, prefix: &str, port: u16) -> String {
        format!(
            "[backend.s3]\nbucket = {BUCKET:?}\nprefix = {prefix:?}\nendpoint = \"http://127.0.0.1:{port}\"\n"
        )
    }

    /// Returns the variables with the credentials.
    fn variables(&self) -> Vec<(&'static str, String)> {
        vec![
            ("AWS_ACCESS_KEY_ID", ACCESS_KEY.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", SECRET_KEY.to_owned()),
        ]
    }
}

/// Returns a client for servers without TLS.
///
/// # Panics
///
/// If the client cannot be created.
pub fn http_client() -> reqwest::Client {
    let http = reqwest::Client::builder()
        .tls_backend_preconfigured(tls())
        .timeout(Duration::from_secs(10));
    http.build().unwrap()
}

/// TLS settings that trust nothing: servers of tests have no TLS.
fn tls() -> rustls::ClientConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth()
}

/// SeaweedFS: durable, with conditional writes.
#[derive(Debug)]
pub struct SeaweedFs {
    _server: Server,
    port: u16,
}

impl SeaweedFs {
    /// Starts a server; `None` if it is not installed.
    ///
    /// # Panics
    ///
    /// If it does not start.
    pub fn start() -> Option<SeaweedFs> {
        let weed = Tool::find("weed")?;
        let directory = tempfile::tempdir().unwrap();
        let config = directory.path().join("s3.json");
        let identities = r#"{"identities": [{"name": "t",
            "credentials": [{"accessKey": "ak", "secretKey": "sk"}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"]}]}"#;
        fs::write(&config, identities).unwrap();
        let [master, volume, filer, s3] = low_ports();
        let mut command = weed.command();
        command
            .arg("server")
            .args(["-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-filer", "-s3"])
            .arg(format!("-dir={}", directory.path().display()))
            .arg("-master.telemetry=false")
            .arg(format!("-master.port={master}"))
            .arg(format!("-volume.port={volume}"))
            .arg(format!("-filer.port={filer}"))
            .args(["-master.volumeSizeLimitMB=64", "-volume.max=200"])
            .arg(format!("-s3.port={s3}"))
            // They would have the same ports in each server.
            .args(["-s3.port.iceberg=0", "-s3.port.lance=0"])
            .arg(format!("-s3.config={}", config.display()));
        let server = started(&mut command, directory);
        let seaweed = SeaweedFs {
            _server: server,
            port: s3,
        };
        wait_until("SeaweedFS", || {
            is_open(s3) && seaweed.create_bucket().is_ok()
        });
        Some(seaweed)
    }

    /// Returns the port of the server.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Creates the bucket: a folder of the filer.
    fn create_bucket(&self) -> Result<(), String> {
        create_bucket(&self.endpoint())
    }
}

/// The number of ports that the servers of one process of tests get.
const PORTS: u16 = 128;

/// Returns free ports below those that the operating system gives to connections. No two servers of
/// this process get the same ones, also if they start at the same time.
fn low_ports<const N: usize>() -> [u16; N] {
    static TRIED: AtomicU16 = AtomicU16::new(0);
    let first = 10_240 + u16::try_from(std::process::id() % 40).unwrap() * PORTS;
    std::array::from_fn(|_| {
        loop {
            let tried = TRIED.fetch_add(1, Ordering::Relaxed);
            let port = first + tried % PORTS;
            let is_free = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
            // Each has a port for gRPC besides, 10,000 higher.
            if is_free(port) && is_free(port + 10_000) {
                return port;
            }
        }
    })
}

impl Bucket for SeaweedFs {
    fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

/// Moto: a second implementation of Amazon's protocol, in memory. It verifies no signatures.
#[derive(Debug)]
pub struct Moto {
    _server: Server,
    port: u16,
}

/// Starts moto with one thread: it checks `If-None-Match` and writes the object in two steps, between which
/// another thread may write, as no real store permits.
const ONE_AT_A_TIME: &str = "\
import sys
import moto.server as server
run = server.run_simple
server.run_simple = lambda *address, **options: run(*address, **{**options, 'threaded': False})
server.main(sys.argv[1:])
";

impl Moto {
    /// Starts a server; `None` if it is not installed.
    ///
    /// # Panics
    ///
    /// If it does not start.
    pub fn start() -> Option<Moto> {
        Tool::find("moto_server")?;
        let [port] = free_ports();
        let mut command =
            Command::new(crate::binaries::workspace().join("target/tools/bin/python"));
        let port_text = port.to_string();
        command.args(["-c", ONE_AT_A_TIME, "-H", "127.0.0.1", "-p", &port_text]);
        let server = started(&mut command, tempfile::tempdir().unwrap());
        let moto = Moto {
            _server: server,
            port,
        };
        wait_until("moto", || {
            is_open(port) && create_bucket(&moto.endpoint()).is_ok()
        });
        Some(moto)
    }

    /// Returns the port of the server.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl Bucket for Moto {
    fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

/// Creates the bucket of all states, with the published client of the protocol.
fn create_bucket(endpoint: &str) -> Result<(), String> {
    let python = crate::binaries::workspace().join("target/tools/bin/python");
    let script = format!(
        "import boto3, botocore.config as c; \
         boto3.client('s3', endpoint_url='{endpoint}', region_name='us-east-1', \
         aws_access_key_id='ak', aws_secret_access_key='sk', \
         config=c.Config(retries={{'max_attempts': 1}})).create_bucket(Bucket='{BUCKET}')"
    );
    let created = Command::new(python)
        .args(["-c", &script])
        .output()
        .map_err(|error| error.to_string())?;
    if created.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&created.stderr).into_owned())
    }
}

fn started(command: &mut Command, directory: TempDir) -> Server {
    let log = fs::File::create(directory.path().join("server.log")).unwrap();
    let child = command
        .current_dir(directory.path())
        .stdin(Stdio::null())
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .unwrap();
    Server { child, directory }
}

/// A server of PostgreSQL.
#[derive(Debug)]
pub struct Postgres {
    server: Option<Server>,
    programs: PathBuf,
    data: PathBuf,
    port: u16,
}

impl Postgres {
    /// Starts a server; `None` if it is not installed.
    ///
    /// # Panics
    ///
    /// If it does not start.
    pub fn start() -> Option<Postgres> {
        let programs = postgres_programs()?;
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path().join("data");
        if let Some(user) = other_user() {
            std::os::unix::fs::chown(directory.path(), Some(user), None).unwrap();
        }
        let mut init = Command::new(programs.join("initdb"));
        init.arg("-D").arg(&data);
        init.args(["-U", "eci", "--auth=trust", "--no-sync", "-E", "UTF8"]);
        as_other_user(&mut init);
        let done = init.current_dir("/").output().unwrap();
        assert!(
            done.status.success(),
            "{}",
            String::from_utf8_lossy(&done.stderr)
        );
        let [port] = free_ports();
        let mut postgres = Postgres {
            server: None,
            programs,
            data,
            port,
        };
        let child = postgres.spawn(directory.path());
        postgres.server = Some(Server { child, directory });
        postgres.wait();
        Some(postgres)
    }

    fn spawn(&self, directory: &Path) -> Child {
        let mut command = Command::new(self.programs.join("postgres"));
        command.arg("-D").arg(&self.data);
        command.args([
            "-p",
            &self.port.to_string(),
            "-c",
            "listen_addresses=127.0.0.1",
        ]);
        command
            .arg("-c")
            .arg(format!("unix_socket_directories={}", directory.display()));
        as_other_user(&mut command);
        let log = fs::File::create(directory.join("server.log")).unwrap();
        command
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap()
    }

    fn wait(&self) {
        let is_ready = || {
            let mut command = Command::new(self.programs.join("pg_isready"));
            command.args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()]);
            command.status().is_ok_and(|status| status.success())
        };
        wait_until("PostgreSQL", is_ready);
    }

    /// Stops the server at once, as a crash of its machine would, and starts it again.
    ///
    /// # Panics
    ///
    /// If it does not start.
    pub fn restart(&mut self) {
        let mut server = self.server.take().unwrap();
        server.child.kill().unwrap();
        server.child.wait().unwrap();
        // The children of the server end once they notice.
        let lock = self.data.join("postmaster.pid");
        let _ = fs::remove_file(lock);
        std::thread::sleep(Duration::from_secs(1));
        server.child = self.spawn(server.directory.path());
        self.server = Some(server);
        self.wait();
    }

    /// Runs a statement and returns its output.
    ///
    /// # Panics
    ///
    /// If it fails.
    pub fn run(&self, statement: &str) -> String {
        let done = Command::new(self.programs.join("psql"))
            .args(["-h", "127.0.0.1", "-p", &self.port.to_string()])
            .args(["-U", "eci", "-d", "postgres", "-At", "-c", statement])
            .output()
            .unwrap();
        assert!(
            done.status.success(),
            "{}",
            String::from_utf8_lossy(&done.stderr)
        );
        String::from_utf8_lossy(&done.stdout).trim().to_owned()
    }

    /// Ends the connections of all programs to the database.
    pub fn end_connections(&self) {
        self.run(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity \
             where pid <> pg_backend_pid() and usename = 'eci'",
        );
    }

    /// Returns the address of the database.
    pub fn url(&self) -> String {
        self.url_at(self.port)
    }

    /// Returns the address of the database behind a port that leads to it.
    fn url_at(&self, port: u16) -> String {
        format!("postgres://eci@127.0.0.1:{port}/postgres")
    }

    /// Returns the port of the server.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the table of the backend of a state.
    pub fn table(&self, name: &str) -> String {
        format!("[backend.postgres]\nname = {name:?}\n")
    }

    /// Returns the variables with the address, at a port that leads to the server.
    pub fn variables_at(&self, port: u16) -> Vec<(&'static str, String)> {
        vec![("ECI_STATE_URL", self.url_at(port))]
    }

    /// Returns the device of a state.
    pub fn device(&self, name: &str) -> PostgresDevice {
        let config = self.url().parse().unwrap();
        PostgresDevice::new(PostgresSettings::new(config, "eci", name, Arc::new(tls())))
    }
}

/// Returns the directory of the programs of PostgreSQL.
fn postgres_programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let mut found: Vec<PathBuf> = versions
        .filter_map(|version| Some(version.ok()?.path().join("bin")))
        .filter(|programs| programs.join("initdb").is_file())
        .collect();
    found.sort();
    if let Some(programs) = found.pop() {
        return Some(programs);
    }
    let missing = "PostgreSQL is not installed; to install: apt-get install postgresql";
    assert!(std::env::var_os("CI").is_none(), "{missing}");
    // Past what is captured of tests that succeed.
    let _ = writeln!(std::io::stderr(), "skipped: {missing}");
    None
}

/// Returns the user that a server runs as, where the test is run by root: PostgreSQL refuses root.
fn other_user() -> Option<u32> {
    rustix::process::geteuid().is_root().then_some(65_534)
}

fn as_other_user(command: &mut Command) {
    if let Some(user) = other_user() {
        command.uid(user);
    }
}
