//! Errors of the operating system in words of eci.

use std::fmt;
use std::io::{self, ErrorKind};

use crate::{Lang, Localize, Message, Text, text};

/// A common error of the operating system in words of eci, other errors in their own; or a [`Message`] of eci
/// that was passed as an error of a file.
impl Localize for io::Error {
    fn fmt_in(&self, lang: Lang, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let own = self.get_ref().and_then(|own| own.downcast_ref::<Message>());
        match own {
            Some(message) => message.fmt_in(lang, f),
            None => match text_of(self) {
                Some(text) => f.write_str(text.get(lang)),
                None => fmt::Display::fmt(self, f),
            },
        }
    }
}

/// Returns the text of an error that the operating system reports, if it is a common one.
fn text_of(error: &io::Error) -> Option<Text> {
    // Other errors have words of the library that created them.
    let is_of_system =
        error.raw_os_error().is_some() || error.to_string() == error.kind().to_string();
    if is_of_system {
        of_kind(error.kind())
    } else {
        None
    }
}

fn of_kind(kind: ErrorKind) -> Option<Text> {
    Some(match kind {
        ErrorKind::NotFound => text!(en: "file or directory not found", zh: "文件或目录不存在"),
        ErrorKind::PermissionDenied => text!(en: "permission denied", zh: "权限不足"),
        ErrorKind::AlreadyExists => text!(en: "already exists", zh: "已存在"),
        ErrorKind::IsADirectory => text!(en: "is a directory", zh: "是目录"),
        ErrorKind::NotADirectory => text!(
            en: "a part of the path is not a directory",
            zh: "路径的一部分不是目录",
        ),
        ErrorKind::DirectoryNotEmpty => text!(en: "the directory is not empty", zh: "目录不为空"),
        ErrorKind::InvalidFilename => text!(en: "invalid file name", zh: "文件名无效"),
        ErrorKind::StorageFull => text!(en: "no space left on the device", zh: "存储空间不足"),
        ErrorKind::QuotaExceeded => text!(en: "disk quota exceeded", zh: "超出磁盘配额"),
        ErrorKind::FileTooLarge => text!(en: "the file is too large", zh: "文件过大"),
        ErrorKind::ReadOnlyFilesystem => {
            text!(en: "the file system is read-only", zh: "文件系统只读")
        }
        ErrorKind::ResourceBusy => text!(en: "in use by another process", zh: "正被其他进程使用"),
        ErrorKind::ConnectionRefused => text!(en: "connection refused", zh: "连接被拒绝"),
        ErrorKind::ConnectionReset => {
            text!(en: "connection reset by the peer", zh: "连接被对方重置")
        }
        ErrorKind::ConnectionAborted => text!(en: "connection aborted", zh: "连接已中止"),
        ErrorKind::HostUnreachable => text!(en: "host unreachable", zh: "主机不可达"),
        ErrorKind::NetworkUnreachable => text!(en: "network unreachable", zh: "网络不可达"),
        ErrorKind::AddrInUse => text!(en: "address already in use", zh: "地址已被占用"),
        ErrorKind::AddrNotAvailable => text!(en: "address not available", zh: "地址不可用"),
        ErrorKind::BrokenPipe => {
            text!(en: "the other end closed the pipe", zh: "管道的另一端已关闭")
        }
        ErrorKind::TimedOut => text!(en: "timed out", zh: "超时"),
        ErrorKind::OutOfMemory => text!(en: "out of memory", zh: "内存不足"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::In;

    #[test]
    fn an_error_of_a_file_has_the_language_of_its_message() {
        let own = io::Error::other(Message::new(text!(en: "not a file", zh: "不是文件")));
        assert_eq!(In(&own, Lang::Zh).to_string(), "不是文件");
        assert_eq!(own.to_string(), "not a file");
        let system = io::Error::from(ErrorKind::NotFound);
        assert_eq!(In(&system, Lang::Zh).to_string(), "文件或目录不存在");
    }

    #[test]
    fn a_common_error_has_a_text_in_each_language_and_a_rare_one_the_words_of_the_system() {
        // ENOENT, EACCES and ENOSPC have these numbers on every Unix.
        for (number, en, zh) in [
            (2, "file or directory not found", "文件或目录不存在"),
            (13, "permission denied", "权限不足"),
            (28, "no space left on the device", "存储空间不足"),
        ] {
            let error = io::Error::from_raw_os_error(number);
            assert_eq!(In(&error, Lang::En).to_string(), en);
            assert_eq!(In(&error, Lang::Zh).to_string(), zh);
        }
        let rare = io::Error::from_raw_os_error(9);
        assert_eq!(In(&rare, Lang::Zh).to_string(), rare.to_string());
        let of_library = io::Error::new(ErrorKind::NotFound, "no `x` in the archive");
        assert_eq!(
            In(&of_library, Lang::Zh).to_string(),
            "no `x` in the archive"
        );
    }
}
