//! Output of containers: their logs, and answers to commands run in them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Value};

use crate::model::Group;
use crate::model::clock::{SimTime, TimeScale};
use crate::model::group_error::GroupApiError;
use crate::model::lifecycle::{ContainerState, FinishedRun, View};
use crate::model::request::{objects, text};

/// The requested part of a log.
#[derive(Clone, Debug, Default)]
pub(crate) struct Excerpt {
    /// The last lines only.
    pub(crate) tail: Option<usize>,
    /// Of the run before.
    pub(crate) previous: bool,
    /// Lines that are at most so old.
    pub(crate) since_seconds: Option<u64>,
    /// Lines from this time on: RFC 3339.
    pub(crate) start_time: Option<jiff::Timestamp>,
    /// The most bytes, from the beginning.
    pub(crate) limit_bytes: Option<usize>,
    /// With the time before each line.
    pub(crate) timestamps: bool,
}

/// Returns the container with this name, or the first where none is named, and its status.
pub(crate) fn container<'a>(
    group: &'a Group,
    name: &str,
    now: SimTime,
    scale: TimeScale,
) -> Result<(&'a Map<String, Value>, View), GroupApiError> {
    let phase = group.phase(now, scale);
    let main = objects(&group.spec, "containers").zip(phase.main);
    let init = objects(&group.spec, "initContainers").zip(phase.init);
    main.chain(init)
        .find(|(container, _)| name.is_empty() || text(container, "name") == name)
        .ok_or_else(|| {
            GroupApiError::invalid(format!(
                "containerName {name:?} names no container of {}",
                group.id
            ))
        })
}

/// Returns the log of a container at `now`.
pub(crate) fn log(
    container: &Map<String, Value>,
    view: &View,
    excerpt: &Excerpt,
    now: SimTime,
) -> Result<String, GroupApiError> {
    let (name, image) = (text(container, "name"), text(container, "image"));
    let mut lines = match (excerpt.previous, view.standing, view.previous) {
        (true, _, Some(past)) | (false, ContainerState::Waiting(_), Some(past)) => {
            whole(container, former_image(container, view), &past)
        }
        (true, _, None) => {
            return Err(GroupApiError::invalid(format!(
                "container {name} had no run before"
            )));
        }
        (false, ContainerState::Ended(past), _) => whole(container, image, &past),
        (false, ContainerState::Running(start), _) => running(container, image, start),
        (false, ContainerState::Waiting(_), None) => {
            return Err(GroupApiError::invalid(format!(
                "container {name} is waiting to start and has no log yet"
            )));
        }
    };
    lines.retain(|line| {
        let young = excerpt
            .since_seconds
            .is_none_or(|seconds| now.since(line.time).as_secs() <= seconds);
        let late = excerpt
            .start_time
            .is_none_or(|start| SimTime::from_millis(start.as_millisecond()) <= line.time);
        line.time <= now && young && late
    });
    let first = excerpt
        .tail
        .map_or(0, |tail| lines.len().saturating_sub(tail));
    let mut content = String::new();
    for line in &lines[first..] {
        if excerpt.timestamps {
            content.push_str(&format!("{} ", line.time));
        }
        content.push_str(&line.text);
        content.push('\n');
    }
    if let Some(limit) = excerpt.limit_bytes {
        content.truncate(content.floor_char_boundary(limit));
    }
    Ok(content)
}

/// A line of a log.
struct Line {
    time: SimTime,
    text: String,
}

impl Line {
    fn new(time: SimTime, text: impl Into<String>) -> Line {
        Line {
            time,
            text: text.into(),
        }
    }
}

/// Returns the image of the run before.
fn former_image<'a>(container: &'a Map<String, Value>, view: &'a View) -> &'a str {
    match &*view.previous_image {
        // A world of an earlier version does not record it.
        "" => text(container, "image"),
        image => image,
    }
}

fn running(container: &Map<String, Value>, image: &str, start: SimTime) -> Vec<Line> {
    let name = text(container, "name");
    let mut lines = vec![Line::new(start, format!("{name} starting from {image}"))];
    for port in objects(container, "ports") {
        let number = port.get("port").and_then(Value::as_i64).unwrap_or(0);
        let protocol = text(port, "protocol");
        lines.push(Line::new(
            start,
            format!("listening on 0.0.0.0:{number} ({protocol})"),
        ));
    }
    lines.push(Line::new(start, "ready to serve"));
    lines
}

fn whole(container: &Map<String, Value>, image: &str, past: &FinishedRun) -> Vec<Line> {
    let mut lines = running(container, image, past.start);
    lines.push(Line::new(
        past.finish,
        match past.code {
            0 => "done".to_owned(),
            137 | 143 => format!("stopped by signal {}", past.code - 128),
            code => format!("fatal: exiting with code {code}"),
        },
    ));
    lines
}

/// Answers a command as a small image would.
pub(crate) fn exec(group: &Group, container: &Map<String, Value>, command: &[&str]) -> String {
    let [program, arguments @ ..] = command else {
        return String::new();
    };
    let program = program.rsplit('/').next().unwrap_or(program);
    match (program, arguments) {
        ("sh" | "bash" | "ash", ["-c", script]) => {
            let words: Vec<&str> = script.split_whitespace().collect();
            exec(group, container, &words)
        }
        ("true" | "false" | "sh" | "bash" | "ash" | "exit", _) => String::new(),
        ("echo", ["-n", words @ ..]) => words.join(" "),
        ("echo", words) => format!("{}\n", words.join(" ")),
        ("hostname", _) => format!("{}\n", host_name(group)),
        ("pwd", _) => match text(container, "workingDir") {
            "" => "/\n".to_owned(),
            directory => format!("{directory}\n"),
        },
        ("whoami", _) => "root\n".to_owned(),
        ("id", _) => "uid=0(root) gid=0(root) groups=0(root)\n".to_owned(),
        ("printenv", [name, ..]) => environment(group, container)
            .into_iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| format!("{value}\n"))
            .unwrap_or_default(),
        ("env" | "printenv", _) => environment(group, container)
            .into_iter()
            .map(|(key, value)| format!("{key}={value}\n"))
            .collect(),
        ("cat", paths) => paths
            .iter()
            .map(|path| {
                file(group, container, path).unwrap_or_else(|| {
                    format!("cat: can't open '{path}': No such file or directory\n")
                })
            })
            .collect(),
        _ => format!("sh: {program}: not found\n"),
    }
}

fn host_name(group: &Group) -> &str {
    match text(&group.spec, "hostName") {
        "" => group.name(),
        given => given,
    }
}

fn environment(group: &Group, container: &Map<String, Value>) -> Vec<(String, String)> {
    let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    let mut variables = vec![
        ("PATH".to_owned(), path.to_owned()),
        ("HOSTNAME".to_owned(), host_name(group).to_owned()),
    ];
    for variable in objects(container, "environmentVar") {
        let key = text(variable, "key").to_owned();
        variables.retain(|(known, _)| *known != key);
        variables.push((key, text(variable, "value").to_owned()));
    }
    variables.push(("HOME".to_owned(), "/root".to_owned()));
    variables
}

/// Returns a file of a ConfigFileVolume or a DownwardAPIVolume, by its mount path.
fn file(group: &Group, container: &Map<String, Value>, path: &str) -> Option<String> {
    objects(container, "volumeMount").find_map(|mount| {
        let inner = path
            .strip_prefix(text(mount, "mountPath").trim_end_matches('/'))?
            .strip_prefix('/')?;
        let volume = objects(&group.spec, "volumes")
            .find(|volume| text(volume, "name") == text(mount, "name"))?;
        config_file(volume, inner).or_else(|| downward_file(group, volume, inner))
    })
}

fn config_file(volume: &Map<String, Value>, path: &str) -> Option<String> {
    let settings = volume.get("configFileVolume")?.as_object()?;
    let file = objects(settings, "configFileToPaths")
        .find(|file| text(file, "path").trim_start_matches('/') == path)?;
    let bytes = BASE64.decode(text(file, "content")).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn downward_file(group: &Group, volume: &Map<String, Value>, path: &str) -> Option<String> {
    let settings = volume.get("downwardAPIVolume")?.as_object()?;
    let item = objects(settings, "items").find(|item| text(item, "path") == path)?;
    let reference = item.get("fieldRef")?.as_object()?;
    Some(match text(reference, "fieldPath") {
        "metadata.name" => group.name().to_owned(),
        _ => "default".to_owned(),
    })
}
