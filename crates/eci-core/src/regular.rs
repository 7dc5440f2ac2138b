//! Files as they are read everywhere: regular ones of a bounded size.
//!
//! A read of a pipe or a device may never begin or never end.

use std::fs::{File, Metadata};
use std::io::{self, Read as _};
use std::path::Path;

use eci_text::{Message, Text, text};

/// The largest file of a state or a plan.
pub const LARGEST_STATE: u64 = 2 << 30;

/// The largest manifest, and the largest file that one names.
pub const LARGEST_TEXT: u64 = 32 << 20;

/// Opens a file for reading, unless it is none or too large.
///
/// # Errors
///
/// It is not a regular file, has more bytes than that, or cannot be opened.
pub fn open(path: &Path, most: u64) -> io::Result<File> {
    // Opening a pipe waits for its writer.
    check(&std::fs::metadata(path)?, most)?;
    let file = File::open(path)?;
    check(&file.metadata()?, most)?;
    Ok(file)
}

/// Reads a file, unless it is none or too large.
///
/// # Errors
///
/// As [`open`], and where it cannot be read.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    read_open(open(path, most)?, most)
}

/// Reads a file of text, unless it is none or too large.
///
/// # Errors
///
/// As [`read`], and where it is not UTF-8.
pub fn read_to_string(path: &Path, most: u64) -> io::Result<String> {
    let bytes = read(path, most)?;
    String::from_utf8(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

/// Reads what is left of a file, unless that is too large.
///
/// # Errors
///
/// It has more bytes than that, or cannot be read.
pub fn read_open(file: File, most: u64) -> io::Result<Vec<u8>> {
    let size = file.metadata()?.len().min(most);
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
    // It may grow while it is read.
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length <= most) {
        Ok(bytes)
    } else {
        Err(too_large(most))
    }
}

/// Refuses what is not a regular file or larger than that.
///
/// # Errors
///
/// It is.
pub fn check(about: &Metadata, most: u64) -> io::Result<()> {
    if !about.is_file() {
        return Err(io::Error::other(Message::new(text!(
            en: "it is not a file",
            zh: "不是文件",
        ))));
    }
    if about.len() > most {
        return Err(too_large(most));
    }
    Ok(())
}

fn too_large(most: u64) -> io::Error {
    let limit = match most {
        most if most >= 1 << 20 => Text::verbatim(format!("{} MiB", most >> 20)),
        most if most >= 1 << 10 => Text::verbatim(format!("{} KiB", most >> 10)),
        most => text!(en: "{most} bytes", zh: "{most} 字节", most = most),
    };
    let message = Message::new(text!(
        en: "it is larger than {limit}",
        zh: "大小超过 {limit}",
        limit = limit,
    ));
    io::Error::new(io::ErrorKind::FileTooLarge, message)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_up_to_its_bound_and_nothing_else_is() {
        let directory = std::env::temp_dir().join(format!("eci-regular-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let path = directory.join("file");
        std::fs::write(&path, "12345").unwrap();
        assert_eq!(read(&path, 5).unwrap(), b"12345");
        let error = read(&path, 4).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
        assert_eq!(error.to_string(), "it is larger than 4 bytes");
        assert_eq!(
            read(&directory, 5).unwrap_err().to_string(),
            "it is not a file"
        );
        let missing = read(&directory.join("missing"), 5).unwrap_err();
        assert_eq!(missing.kind(), io::ErrorKind::NotFound);
        std::fs::remove_dir_all(&directory).unwrap();
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_device_is_refused_at_once() {
        for device in ["/dev/zero", "/dev/null"] {
            let error = read(Path::new(device), 5).unwrap_err();
            assert_eq!(error.to_string(), "it is not a file", "{device}");
        }
    }
}
