//! A directory of manifests.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use eci_state::{LocalStore, Snapshot};
use tempfile::TempDir;

use crate::{Cloud, Eci, Run, binaries};

/// The time for which the impatient program searches for a create without an answer.
pub(crate) const CONSISTENCY_WINDOW: Duration = Duration::from_millis(600);

/// A disk, and a container group that has it and the EIP `front`, which is declared separately.
pub const GROUP_WITH_DISK: &str = r#"
[volume.data]
type = "DiskVolume"
fs_type = "xfs"
disk = { size = 40, kind = "SATA", name = "orders", az_name = "az1", labels = { team = "a" } }

[container_group.web]
vpc_id = "vpc-1"
vswitch_id = "subnet-1"
security_group_id = "sg-1"
az_name = "az1"
eip = "front"
tags = { app = "web" }
containers = [
  { name = "main", image = "nginx:1.27", volume_mounts = [{ volume = "data", mount_path = "/data" }] },
]
"#;

/// A directory of manifests that belongs to one test and is deleted after it.
#[derive(Debug)]
pub struct Project {
    directory: TempDir,
    /// The directory in it with the manifests that are planned.
    within: PathBuf,
}

/// Returns the names of all examples: folders that can be planned, and those in a folder of
/// environments, for example `gitops/envs/dev`. The packages next to them show the library.
///
/// # Panics
///
/// If the folder of examples cannot be listed.
pub fn examples() -> Vec<String> {
    let root = binaries::workspace().join("examples");
    let mut names = Vec::new();
    for name in folders(&root) {
        if root.join(&name).join("Cargo.toml").exists() {
            continue;
        }
        match folders(&root.join(&name).join("envs")).as_slice() {
            [] => names.push(name),
            environments => {
                names.extend(environments.iter().map(|it| format!("{name}/envs/{it}")));
            }
        }
    }
    names
}

/// Returns the names of the folders in a folder, in order; none if it is not there.
fn folders(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).into_iter().flatten();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().unwrap().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

impl Project {
    /// Creates a project without manifests.
    ///
    /// # Panics
    ///
    /// If its directory cannot be created.
    pub fn empty() -> Project {
        Project {
            directory: TempDir::with_prefix("eci-test-").unwrap(),
            within: PathBuf::new(),
        }
    }

    /// Creates a project with one manifest, `main.eci.toml`.
    pub fn new(manifest: &str) -> Project {
        let project = Project::empty();
        project.write("main.eci.toml", manifest);
        project
    }

    /// Returns a copy of an example, without its state.
    ///
    /// # Panics
    ///
    /// If the example does not exist.
    pub fn example(name: &str) -> Project {
        let (whole, within) = name.split_once('/').unwrap_or((name, ""));
        let directory = TempDir::with_prefix(format!("eci-test-{whole}-")).unwrap();
        copy(
            &binaries::workspace().join("examples").join(whole),
            directory.path(),
        );
        Project {
            within: directory.path().join(within),
            directory,
        }
    }

    /// Returns the configuration directory.
    pub fn path(&self) -> &Path {
        if self.within.as_os_str().is_empty() {
            self.root()
        } else {
            &self.within
        }
    }

    /// Returns the directory with all that was copied.
    pub fn root(&self) -> &Path {
        self.directory.path()
    }

    /// Writes a file.
    ///
    /// # Panics
    ///
    /// If it cannot be written.
    pub fn write(&self, file: &str, text: &str) {
        fs::write(self.path().join(file), text).unwrap();
    }

    /// Puts the files of a directory in the place of all others, except those of the state and
    /// kept plans.
    ///
    /// # Panics
    ///
    /// If a file cannot be removed or copied.
    pub fn replace_by(&self, directory: &Path) {
        for entry in fs::read_dir(self.path()).unwrap() {
            let path = entry.unwrap().path();
            let is_plan = path.extension().is_some_and(|it| it == "eciplan");
            if path.is_file() && !is_plan {
                fs::remove_file(&path).unwrap();
            }
        }
        copy(directory, self.path());
    }

    /// Reads a file.
    ///
    /// # Panics
    ///
    /// If it cannot be read.
    pub fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path().join(file)).unwrap()
    }

    /// Replaces a text in a file, for example an image by another.
    ///
    /// # Panics
    ///
    /// If the file does not have it.
    pub fn edit(&self, file: &str, from: &str, to: &str) {
        let text = self.read(file);
        assert!(text.contains(from), "{file} has no {from:?}: {text}");
        self.write(file, &text.replace(from, to));
    }

    /// Returns every file below a folder, with its content.
    ///
    /// # Panics
    ///
    /// If one cannot be read.
    pub fn files(&self, folder: &str) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        collect(&self.path().join(folder), &mut files);
        files
    }

    /// Returns every file of the modules next to the environments.
    ///
    /// # Panics
    ///
    /// If one cannot be read.
    pub fn files_of_modules(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        let modules = self.root().join("modules");
        if modules.is_dir() {
            collect(&modules, &mut files);
        }
        files
    }

    /// Returns the state.
    ///
    /// # Panics
    ///
    /// If it cannot be read.
    pub fn state(&self) -> Snapshot {
        LocalStore::read(&self.path().join("state")).unwrap()
    }

    /// Returns a command on the directory, without a cloud.
    pub fn eci(&self, command: &str) -> Eci {
        Eci::new("eci", self.path()).args(command.split_whitespace())
    }

    /// `eci-plan --detailed-exitcode`.
    pub fn plan(&self, cloud: &Cloud) -> Eci {
        Eci::new("eci-plan", self.path())
            .arg("--detailed-exitcode")
            .args(cloud.flags())
    }

    /// `eci-apply --auto-approve`.
    pub fn apply(&self, cloud: &Cloud) -> Eci {
        Eci::new("eci-apply", self.path())
            .arg("--auto-approve")
            .args(cloud.flags())
    }

    /// `eci` with other arguments, separated by spaces, and with less patience: a create without an
    /// answer is searched for only briefly. Calls must be answered within a fraction of it.
    pub fn impatient_eci(&self, arguments: &str) -> Eci {
        let window = CONSISTENCY_WINDOW.as_millis().to_string();
        Eci::new(binaries::FAILPOINTS, self.path())
            .args(arguments.split_whitespace())
            .env("ECI_CONSISTENCY_MS", window)
    }

    /// `eci destroy --auto-approve`.
    pub fn destroy(&self, cloud: &Cloud) -> Eci {
        self.eci("destroy --auto-approve").args(cloud.flags())
    }

    /// Plans twice and checks that both plans have no changes.
    ///
    /// # Panics
    ///
    /// If one has changes.
    #[track_caller]
    pub fn assert_no_changes(&self, cloud: &Cloud) {
        for _ in 0..2 {
            self.plan(cloud).run().exits(0).says("No changes.");
        }
    }

    /// Returns the standard error of a run, without the parts that differ from run to run: see the
    /// filters of the snapshots for the rest.
    pub fn shown(&self, run: &Run) -> String {
        let directory = self.path().display().to_string();
        run.stderr.replace(&directory, "[project]")
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (entry, name) = entry
            .map(|entry| (entry.path(), entry.file_name()))
            .unwrap();
        if name == "state" {
            continue;
        }
        if entry.is_dir() {
            copy(&entry, &to.join(name));
        } else {
            fs::copy(&entry, to.join(name)).unwrap();
        }
    }
}

fn collect(directory: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
}
