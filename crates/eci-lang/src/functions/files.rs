//! Functions over files next to the manifests, and over paths.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use eci_core::Value;
use md5::Md5;
use sha1::Sha1;
use sha2::{Sha256, Sha512};

use eci_text::text;

use super::function::{Answer, CallError, FunctionRow, Implementation, row, spend, text, timed};
use super::glob::Glob;
use super::hashes::{base64_hash, hash};
use crate::files::{Content, FileError};
use crate::resolver::Resolver;

pub(super) static ROWS: &[FunctionRow] = &[
    row(
        "basename(path)",
        "The last part of a path.",
        "路径的最后一部分。",
        Implementation::Whole(basename),
    ),
    row(
        "dirname(path)",
        "A path without its last part.",
        "路径中除最后一部分外的部分。",
        Implementation::Whole(dirname),
    ),
    row(
        "env(name)",
        "A variable of the environment; only in `[backend]` and `[state]`.",
        "环境变量的值，只能用在 `[backend]` 和 `[state]` 中。",
        Implementation::File(env),
    ),
    row(
        "file(path)",
        "The content of a file as a string.",
        "文件内容，以字符串返回。",
        Implementation::File(file),
    ),
    row(
        "filebase64(path)",
        "The content of a file in base64.",
        "文件内容，base64 编码。",
        Implementation::File(filebase64),
    ),
    row(
        "filebase64sha256(path)",
        "The SHA-256 hash of a file, in base64.",
        "文件的 SHA-256 哈希，base64 编码。",
        Implementation::File(|files, arguments| {
            with_bytes(files, arguments, base64_hash::<Sha256>)
        }),
    ),
    row(
        "filebase64sha512(path)",
        "The SHA-512 hash of a file, in base64.",
        "文件的 SHA-512 哈希，base64 编码。",
        Implementation::File(|files, arguments| {
            with_bytes(files, arguments, base64_hash::<Sha512>)
        }),
    ),
    row(
        "fileexists(path)",
        "Whether a file exists.",
        "文件是否存在。",
        Implementation::File(fileexists),
    ),
    row(
        "filemd5(path)",
        "The MD5 hash of a file, in hexadecimal.",
        "文件的 MD5 哈希，十六进制。",
        Implementation::File(|files, arguments| with_bytes(files, arguments, hash::<Md5>)),
    ),
    row(
        "fileset(directory, pattern)",
        "The paths in a directory that match a pattern: `*`, `**`, `?`, `{a,b}`, `[a-z]`.",
        "目录中匹配模式的路径，模式可以使用 `*`、`**`、`?`、`{a,b}`、`[a-z]`。",
        Implementation::File(fileset),
    ),
    row(
        "filesha1(path)",
        "The SHA-1 hash of a file, in hexadecimal.",
        "文件的 SHA-1 哈希，十六进制。",
        Implementation::File(|files, arguments| with_bytes(files, arguments, hash::<Sha1>)),
    ),
    row(
        "filesha256(path)",
        "The SHA-256 hash of a file, in hexadecimal.",
        "文件的 SHA-256 哈希，十六进制。",
        Implementation::File(|files, arguments| with_bytes(files, arguments, hash::<Sha256>)),
    ),
    row(
        "filesha512(path)",
        "The SHA-512 hash of a file, in hexadecimal.",
        "文件的 SHA-512 哈希，十六进制。",
        Implementation::File(|files, arguments| with_bytes(files, arguments, hash::<Sha512>)),
    ),
];

fn env(resolver: &dyn Resolver, arguments: &[Value]) -> Answer {
    let name = text(arguments, 0)?;
    if !resolver.reads_environment() {
        let message = text!(
            en: "`env` can be used only in `[backend]` and `[state]`",
            zh: "`env` 只能用在 `[backend]` 和 `[state]` 中",
        );
        return Err(CallError::new(message).help(text!(
            en: "declare a variable, and set it with `ECI_VAR_NAME` in the environment",
            zh: "声明变量，并通过环境变量 `ECI_VAR_NAME` 设置",
        )));
    }
    if resolver.is_environment_unknown() {
        return Ok(Value::Unknown);
    }
    match resolver.environment(&name) {
        Some(value) => Ok(Value::from(value)),
        None => {
            let message = text!(
                en: "the environment variable `{name}` is not set",
                zh: "未设置环境变量 `{name}`",
                name = name,
            );
            let help = text!(
                en: "set it, or give a default: `try(env(\"{name}\"), \"…\")`",
                zh: "设置该变量，或给出默认值：`try(env(\"{name}\"), \"…\")`",
                name = name,
            );
            Err(CallError::at(0, message).help(help))
        }
    }
}

fn file(files: &dyn Resolver, arguments: &[Value]) -> Answer {
    let path = text(arguments, 0)?;
    Ok(Value::String(files.file(&path)?.into_text(&path)?))
}

fn with_bytes(files: &dyn Resolver, arguments: &[Value], run: fn(&[u8]) -> Value) -> Answer {
    let path = text(arguments, 0)?;
    let content = files.file(&path)?;
    let bytes = match &content {
        Content::Text(text) => text.as_bytes(),
        Content::Bytes(bytes) => bytes,
    };
    spend(bytes.len() / 256)?;
    Ok(run(bytes))
}

fn filebase64(files: &dyn Resolver, arguments: &[Value]) -> Answer {
    with_bytes(files, arguments, |bytes| Value::from(BASE64.encode(bytes)))
}

fn fileexists(files: &dyn Resolver, arguments: &[Value]) -> Answer {
    match files.file(&text(arguments, 0)?) {
        Ok(_) => Ok(Value::Bool(true)),
        Err(FileError::Missing { .. }) => Ok(Value::Bool(false)),
        Err(error) => Err(error.into()),
    }
}

fn fileset(files: &dyn Resolver, arguments: &[Value]) -> Answer {
    let (directory, pattern) = (text(arguments, 0)?, text(arguments, 1)?);
    let glob = timed(|| Glob::new(&pattern))?.map_err(|message| CallError::at(1, message))?;
    let paths = timed(|| files.files_below(&directory))??;
    spend(paths.len() * (1 + pattern.len() / 16))?;
    let matching = timed(|| {
        let matching = paths.iter().filter(|path| glob.matches(path));
        matching.map(|path| Value::String(path.clone())).collect()
    })?;
    Ok(Value::list(matching))
}

fn basename(arguments: &[Value]) -> Answer {
    let path = text(arguments, 0)?;
    let trimmed = path.trim_end_matches('/');
    Ok(Value::from(match (path.is_empty(), trimmed.is_empty()) {
        (true, _) => ".",
        (false, true) => "/",
        (false, false) => trimmed.rsplit('/').next().unwrap_or(trimmed),
    }))
}

fn dirname(arguments: &[Value]) -> Answer {
    let path = text(arguments, 0)?;
    let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
    let mut parts: Vec<&str> = Vec::new();
    for part in directory.split('/') {
        match (part, parts.last()) {
            ("" | ".", _) => {}
            ("..", Some(last)) if *last != ".." => {
                parts.pop();
            }
            // There is nothing above the root.
            ("..", None) if path.starts_with('/') => {}
            _ => parts.push(part),
        }
    }
    let root = if path.starts_with('/') { "/" } else { "" };
    Ok(match format!("{root}{}", parts.join("/")) {
        empty if empty.is_empty() => Value::from("."),
        cleaned => Value::from(cleaned),
    })
}
