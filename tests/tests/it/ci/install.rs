//! `install.sh`, with releases from a server in the process of the test.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use eci_tests::Project;
use eci_tests::binaries::workspace;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

type Files = BTreeMap<String, Vec<u8>>;

/// A server of the files of a release.
struct Downloads {
    url: String,
    _runtime: Runtime,
}

impl Downloads {
    fn start(files: Files) -> Downloads {
        async fn serve(State(files): State<Files>, request: Request) -> Response {
            let name = request.uri().path().trim_start_matches("/release/");
            match files.get(name) {
                Some(bytes) => bytes.clone().into_response(),
                None => StatusCode::NOT_FOUND.into_response(),
            }
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("http://{}/release", listener.local_addr().unwrap());
        let router = Router::new().fallback(serve).with_state(files);
        runtime.spawn(async move { axum::serve(listener, router).await });
        Downloads {
            url,
            _runtime: runtime,
        }
    }

    fn install(&self, directory: &Path) -> Output {
        self.install_version(directory, VERSION)
    }

    fn install_version(&self, directory: &Path, version: &str) -> Output {
        Command::new("sh")
            .arg(workspace().join("install.sh"))
            .env("ECI_INSTALL_URL", &self.url)
            .env("ECI_INSTALL_DIR", directory)
            .env("ECI_VERSION", version)
            .env("no_proxy", "127.0.0.1")
            .output()
            .unwrap()
    }
}

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Returns the name of the archive for this machine.
fn archive() -> String {
    let target = format!("{}-unknown-linux-musl", std::env::consts::ARCH);
    format!("eci-{VERSION}-{target}.tar.gz")
}

/// Packs a program, as a release does. It is a script: the program of the tests has debug information, and
/// packing that takes long.
fn release() -> Files {
    let (folder, program) = (Project::empty(), Project::empty());
    program.write("eci", "#!/bin/sh\necho \"${0##*/} $ECI_VERSION\"\n");
    let target = format!("{}-unknown-linux-musl", std::env::consts::ARCH);
    let packed = Command::new("sh")
        .arg(workspace().join("ci/package"))
        .arg(target)
        .arg(program.path().join("eci"))
        .arg(folder.path())
        .env("ECI_VERSION", VERSION)
        .output()
        .unwrap();
    assert!(packed.status.success(), "{packed:?}");
    let entries = fs::read_dir(folder.path()).unwrap();
    entries
        .map(|entry| {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            (name, fs::read(entry.path()).unwrap())
        })
        .collect()
}

fn said(output: &Output) -> String {
    let text = [&*output.stdout, &*output.stderr].concat();
    String::from_utf8(text).unwrap()
}

#[test]
fn a_release_is_installed_with_its_links() {
    let files = release();
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(names, ["SHA256SUMS", &*archive(), "install.sh"]);
    let downloads = Downloads::start(files);
    let directory = Project::empty();
    let installed = directory.path().join("bin");
    // Twice: the second time replaces the first.
    // The name of a tag is accepted as well.
    for version in [VERSION, &format!("v{VERSION}")] {
        let output = downloads.install_version(&installed, version);
        assert!(output.status.success(), "{}", said(&output));
        assert!(said(&output).contains(&format!("eci {version}")));
    }
    for name in ["eci", "eci-plan", "eci-apply"] {
        let mut version = Command::new(installed.join(name));
        let version = version.env("ECI_VERSION", VERSION).output().unwrap();
        assert!(version.status.success(), "{version:?}");
        assert!(said(&version).starts_with(name), "{version:?}");
    }
    assert_eq!(fs::read_dir(&installed).unwrap().count(), 3);
}

#[test]
fn a_file_that_is_not_the_one_of_its_checksum_is_not_installed() {
    let mut files = release();
    files.get_mut(&archive()).unwrap().push(0);
    let directory = Project::empty();
    let output = Downloads::start(files).install(directory.path());
    assert!(!output.status.success());
    assert!(
        said(&output).contains("has the checksum"),
        "{}",
        said(&output)
    );
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[test]
fn a_release_without_checksum_or_file_is_not_installed() {
    for (missing, expected) in [
        ("SHA256SUMS".to_owned(), "failed to download"),
        (archive(), "failed to download"),
    ] {
        let mut files = release();
        files.remove(&missing);
        let directory = Project::empty();
        let output = Downloads::start(files).install(directory.path());
        assert!(!output.status.success());
        assert!(said(&output).contains(expected), "{}", said(&output));
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
    }
    let mut files = release();
    files.insert("SHA256SUMS".to_owned(), b"".to_vec());
    let directory = Project::empty();
    let output = Downloads::start(files).install(directory.path());
    assert!(said(&output).contains("does not list"), "{}", said(&output));
    assert!(!output.status.success());
}

#[test]
fn a_directory_in_the_place_of_a_program_is_reported_before_the_download() {
    for name in ["eci", "eci-plan", "eci-apply"] {
        let directory = Project::empty();
        fs::create_dir(directory.path().join(name)).unwrap();
        let output = Downloads::start(Files::new()).install(directory.path());
        assert!(!output.status.success());
        let said = said(&output);
        let path = directory.path().join(name);
        let expected = format!("cannot install {}: it is a directory", path.display());
        assert!(said.contains(&expected), "{said}");
        assert!(said.contains("set ECI_INSTALL_DIR"), "{said}");
    }
}

#[test]
fn a_machine_without_a_home_requires_a_directory() {
    let output = Command::new("sh")
        .arg(workspace().join("install.sh"))
        .env_remove("HOME")
        .env_remove("ECI_INSTALL_DIR")
        .output()
        .unwrap();
    assert!(!output.status.success());
    let said = said(&output);
    assert!(said.contains("HOME is not set"), "{said}");
    assert!(said.contains("set ECI_INSTALL_DIR"), "{said}");
}
