//! Lines of a journal, and disks that fail.

use super::*;

#[test]
fn a_line_is_a_checksum_and_json() {
    let line = line(b"[\"a\"]");
    assert_eq!(line, b"78a7a40c [\"a\"]\n");
    assert_eq!(content(&line[..line.len() - 1]).unwrap(), b"[\"a\"]");
}

#[test]
fn invalid_lines_are_reported() {
    for text in ["", "abc", "78a7a40c", "78a7a40c_[\"a\"]"] {
        let damage = content(text.as_bytes()).unwrap_err();
        assert!(
            matches!(damage, CorruptionKind::NoChecksum),
            "{text:?}: {damage}"
        );
    }
    let damage = content(b"78A7A40C [\"a\"]").unwrap_err().to_string();
    assert_eq!(damage, "expected checksum 78A7A40C, found 78a7a40c");
}

/// Creates a journal on a device that behaves like a faulty disk.
#[cfg(target_os = "linux")]
fn journal_on(device: &str) -> Journal {
    let directory = tempfile::tempdir().unwrap();
    Journal {
        file: StateFile::open(Path::new(device), files::OpenMode::Keep).unwrap(),
        path: device.into(),
        length: 0,
        end: Position {
            journal: String::new(),
            serial: Serial(0),
            lines: 0,
            last: String::new(),
        },
        mark: Mark::open(&directory.path().join("flushed")).unwrap(),
        unflushed: false,
        fault: None,
    }
}

#[cfg(target_os = "linux")]
#[test]
fn nothing_follows_half_a_line() {
    // The device is always full, and what was written to it cannot be truncated.
    let mut journal = journal_on("/dev/full");
    let error = journal.append(b"one").unwrap_err();
    assert!(error.help().unwrap().en().contains("free disk space"));
    let error = journal.append(b"two").unwrap_err().to_string();
    assert!(error.contains("no record can follow it"), "{error}");
    assert!(journal.flush().is_err());
}

#[cfg(target_os = "linux")]
#[test]
fn after_a_failed_flush_none_is_believed() {
    // The device takes everything and cannot be flushed.
    let mut journal = journal_on("/dev/null");
    journal.append(b"one").unwrap();
    journal.flush().unwrap_err();
    journal.append(b"two").unwrap();
    let error = journal.flush().unwrap_err().to_string();
    assert!(error.contains("may not have reached the disk"), "{error}");
}

#[test]
fn a_line_that_could_not_be_written_is_truncated() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("journal.jsonl");
    let mut journal = Journal::begin(&path, &Snapshot::new_random().unwrap()).unwrap();
    journal.append(b"one").unwrap();
    let whole = std::fs::read(&path).unwrap();
    journal.file.write_all(b"tw").unwrap();
    journal.take_back();
    let last = journal.end.last.clone();
    journal.append(b"three").unwrap();
    journal.flush().unwrap();
    assert_eq!(
        std::fs::read(&path).unwrap(),
        [whole, chained(&last, b"three")].concat()
    );
}
