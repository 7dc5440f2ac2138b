//! Functions that encode and decode.

use std::borrow::Cow;
use std::io::Write as _;

use base64::engine::general_purpose::STANDARD as BASE64;
use base64::{DecodeError, Engine as _};
use eci_core::Value;
use eci_text::text;
use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};
use flate2::{Compression, GzBuilder};
use rsa::pkcs1::DecodeRsaPrivateKey as _;
use rsa::pkcs8::DecodePrivateKey as _;
use rsa::{Pkcs1v15Encrypt, PrivateKey};

use super::function::{Answer, CallError, FunctionRow, Implementation, quoted, row, text};
use super::{csv, json, yaml_read, yaml_write};

pub(super) static ROWS: &[FunctionRow] = &[
    row(
        "base64decode(string)",
        "A string decoded from base64.",
        "解码 base64 所得的字符串。",
        Implementation::Whole(base64decode),
    ),
    row(
        "base64encode(string)",
        "A string encoded in base64.",
        "以 base64 编码的字符串。",
        Implementation::Whole(base64encode),
    ),
    row(
        "base64gzip(string)",
        "A string compressed with gzip and encoded in base64.",
        "用 gzip 压缩并以 base64 编码的字符串。",
        Implementation::Whole(base64gzip),
    ),
    row(
        "csvdecode(string)",
        "A list with a map for each row of CSV; the first line has the names of the columns.",
        "映射的列表，CSV 的每一行对应一个映射，第一行为列名。",
        Implementation::Whole(csv::csvdecode),
    ),
    row(
        "jsondecode(string)",
        "A value decoded from JSON.",
        "解码 JSON 所得的值。",
        Implementation::Whole(json::jsondecode),
    ),
    row(
        "jsonencode(value)",
        "A value encoded as JSON.",
        "以 JSON 编码的值。",
        Implementation::Whole(json::jsonencode),
    ),
    row(
        "rsadecrypt(string, key)",
        "A base64 string decrypted with RSA (PKCS #1 v1.5) and a private key in PEM format.",
        "用 RSA（PKCS #1 v1.5）和 PEM 格式的私钥解密 base64 字符串。",
        Implementation::Whole(rsadecrypt),
    ),
    row(
        "textdecodebase64(string, encoding)",
        "A base64 string decoded in an encoding, for example \"UTF-16LE\" or \"GBK\".",
        "按指定编码解码 base64 字符串，例如 \"UTF-16LE\" 或 \"GBK\"。",
        Implementation::Whole(textdecodebase64),
    ),
    row(
        "textencodebase64(string, encoding)",
        "A string in an encoding, for example \"UTF-16LE\" or \"GBK\", in base64.",
        "按指定编码将字符串转换为 base64，例如 \"UTF-16LE\" 或 \"GBK\"。",
        Implementation::Whole(textencodebase64),
    ),
    row(
        "urlencode(string)",
        "A string escaped for the query of a URL.",
        "为 URL 查询参数转义的字符串。",
        Implementation::Whole(urlencode),
    ),
    row(
        "yamldecode(string)",
        "A value decoded from YAML.",
        "解码 YAML 所得的值。",
        Implementation::Whole(yaml_read::yamldecode),
    ),
    row(
        "yamlencode(value)",
        "A value encoded as YAML.",
        "以 YAML 编码的值。",
        Implementation::Whole(yaml_write::yamlencode),
    ),
];

fn base64encode(arguments: &[Value]) -> Answer {
    Ok(Value::from(BASE64.encode(text(arguments, 0)?.as_bytes())))
}

fn decoded(arguments: &[Value]) -> Result<Vec<u8>, CallError> {
    // Line ends may be anywhere in it.
    let text = text(arguments, 0)?.replace(['\r', '\n'], "");
    BASE64.decode(text).map_err(|error| {
        let message = match error {
            DecodeError::InvalidByte(at, byte) => text!(
                en: "invalid base64: unexpected character {found} at offset {at}",
                zh: "base64 无效：偏移量 {at} 处有意外的字符 {found}",
                found = format!("{:?}", char::from(byte)),
                at = at,
            ),
            _ => text!(
                en: "invalid base64: wrong length or padding",
                zh: "base64 无效：长度或填充错误",
            ),
        };
        CallError::at(0, message)
    })
}

fn base64decode(arguments: &[Value]) -> Answer {
    let text = String::from_utf8(decoded(arguments)?).map_err(|_| {
        let message = text!(
            en: "the decoded bytes are not UTF-8 text",
            zh: "解码所得的字节不是 UTF-8 文本",
        );
        CallError::at(0, message).help(text!(
            en: "use `textdecodebase64` for other encodings",
            zh: "对其他编码使用 `textdecodebase64`",
        ))
    })?;
    Ok(Value::from(text))
}

fn base64gzip(arguments: &[Value]) -> Answer {
    // No time and no name of a system: the same text gives the same bytes everywhere.
    let failed = |error: std::io::Error| {
        CallError::new(text!(
            en: "failed to compress the string: {error}",
            zh: "压缩字符串失败：{error}",
            error = error,
        ))
    };
    let mut encoder = GzBuilder::new()
        .operating_system(255)
        .write(Vec::new(), Compression::default());
    encoder
        .write_all(text(arguments, 0)?.as_bytes())
        .map_err(failed)?;
    Ok(Value::from(
        BASE64.encode(encoder.finish().map_err(failed)?),
    ))
}

/// The encoding of a name of IANA's.
enum IanaEncoding {
    /// The first 256 characters, a byte each.
    Latin1,
    /// UTF-16 with a mark of the byte order in front; without one it is big-endian.
    Utf16,
    Other(&'static Encoding),
}

fn named(arguments: &[Value], at: usize) -> Result<IanaEncoding, CallError> {
    let name = text(arguments, at)?;
    let unknown = || {
        CallError::at(
            at,
            text!(
                en: "unknown encoding {name}",
                zh: "未知编码 {name}",
                name = quoted(&name),
            ),
        )
        .help(text!(
            en: "use an IANA name, for example \"UTF-16LE\" or \"GBK\"",
            zh: "使用 IANA 名称，例如 \"UTF-16LE\" 或 \"GBK\"",
        ))
    };
    match name.to_ascii_lowercase().as_str() {
        "iso-8859-1" | "iso8859-1" | "iso_8859-1" | "latin1" | "l1" => Ok(IanaEncoding::Latin1),
        "utf-16" | "utf16" => Ok(IanaEncoding::Utf16),
        _ => Encoding::for_label(name.as_bytes())
            .map(IanaEncoding::Other)
            .ok_or_else(unknown),
    }
}

fn textencodebase64(arguments: &[Value]) -> Answer {
    let text = text(arguments, 0)?;
    let foreign = || {
        CallError::at(
            0,
            text!(
             en: "the string has characters that the encoding does not support",
             zh: "字符串包含该编码不支持的字符",
            ),
        )
    };
    let bytes: Cow<'_, [u8]> = match named(arguments, 1)? {
        IanaEncoding::Latin1 => {
            let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(c).ok()).collect();
            bytes.ok_or_else(foreign)?.into()
        }
        IanaEncoding::Utf16 => {
            let marked = std::iter::once(0xFEFF).chain(text.encode_utf16());
            marked.flat_map(u16::to_be_bytes).collect()
        }
        IanaEncoding::Other(encoding) if encoding == UTF_16LE => {
            text.encode_utf16().flat_map(u16::to_le_bytes).collect()
        }
        IanaEncoding::Other(encoding) if encoding == UTF_16BE => {
            text.encode_utf16().flat_map(u16::to_be_bytes).collect()
        }
        IanaEncoding::Other(encoding) => match encoding.encode(&text) {
            (_, _, true) => return Err(foreign()),
            (bytes, _, false) => Cow::Owned(bytes.into_owned()),
        },
    };
    Ok(Value::from(BASE64.encode(bytes)))
}

fn textdecodebase64(arguments: &[Value]) -> Answer {
    let bytes = decoded(arguments)?;
    let (encoding, bytes) = match named(arguments, 1)? {
        IanaEncoding::Latin1 => {
            let text: String = bytes.into_iter().map(char::from).collect();
            return Ok(Value::from(text));
        }
        IanaEncoding::Utf16 => match bytes.as_slice() {
            [0xFF, 0xFE, rest @ ..] => (UTF_16LE, rest),
            [0xFE, 0xFF, rest @ ..] | rest => (UTF_16BE, rest),
        },
        IanaEncoding::Other(encoding) => (encoding, bytes.as_slice()),
    };
    encoding
        .decode_without_bom_handling_and_without_replacement(bytes)
        .map(|text| Value::from(text.as_ref()))
        .ok_or_else(|| {
            CallError::at(
                0,
                text!(
                 en: "the bytes are not valid {encoding}",
                 zh: "字节不是有效的 {encoding} 编码",
                 encoding = encoding.name(),
                ),
            )
        })
}

fn rsadecrypt(arguments: &[Value]) -> Answer {
    let (encrypted, pem) = (decoded(arguments)?, text(arguments, 1)?);
    // The error of a key has no details: the key is a secret.
    let no_key = || {
        let message = text!(en: "invalid RSA private key", zh: "RSA 私钥无效");
        CallError::at(1, message).help(text!(
            en: "pass a PEM key in PKCS #1 or PKCS #8 format without a passphrase",
            zh: "传入 PEM 格式（PKCS #1 或 PKCS #8）且没有口令的私钥",
        ))
    };
    let key = PrivateKey::from_pkcs8_pem(&pem)
        .or_else(|_| PrivateKey::from_pkcs1_pem(&pem).map_err(drop))
        .map_err(|()| no_key())?;
    // A wrong key gives other bytes, not an error, so that trying discloses nothing.
    let foreign = || {
        CallError::at(
            0,
            text!(
             en: "the string was not encrypted for the key, or does not contain text",
             zh: "字符串不是用该密钥加密的，或内容不是文本",
            ),
        )
    };
    let bytes = key.decrypt(Pkcs1v15Encrypt, &encrypted);
    let bytes = bytes.map_err(|_| foreign())?;
    let text = String::from_utf8(bytes).map_err(|_| foreign())?;
    Ok(Value::from(text))
}

fn urlencode(arguments: &[Value]) -> Answer {
    let mut written = String::new();
    for byte in text(arguments, 0)?.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                written.push(char::from(byte));
            }
            b' ' => written.push('+'),
            byte => written.push_str(&format!("%{byte:02X}")),
        }
    }
    Ok(Value::from(written))
}
