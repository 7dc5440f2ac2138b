//! Functions that encode and decode.

use std::borrow::Cow;
use std::io::Write as _;

use base64::engine::general_purpose::STANDARD as BASE64;
use base64::{DecodeError, Engine as _};
use eci_core::Value;
use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};
use flate2::{Compression, GzBuilder};
use rsa::pkcs1::DecodeRsaPrivateKey as _;
use rsa::pkcs8::DecodePrivateKey as _;
use rsa::{Pkcs1v15Encrypt, PrivateKey};

use super::function::{Answer, CallError, Row, Run, row, text};
use super::{csv, json, yaml_read, yaml_write};

pub(super) static ROWS: &[Row] = &[
    row(
        "base64decode(string)",
        "A string decoded from base64.",
        Run::Whole(base64decode),
    ),
    row(
        "base64encode(string)",
        "A string encoded in base64.",
        Run::Whole(base64encode),
    ),
    row(
        "base64gzip(string)",
        "A string compressed with gzip and encoded in base64.",
        Run::Whole(base64gzip),
    ),
    row(
        "csvdecode(string)",
        "A list with a map for each row of CSV; the first line has the names of the columns.",
        Run::Whole(csv::csvdecode),
    ),
    row(
        "jsondecode(string)",
        "A value decoded from JSON.",
        Run::Whole(json::jsondecode),
    ),
    row(
        "jsonencode(value)",
        "A value encoded as JSON.",
        Run::Whole(json::jsonencode),
    ),
    row(
        "rsadecrypt(string, key)",
        "A base64 string decrypted with RSA (PKCS #1 v1.5) and a private key in PEM format.",
        Run::Whole(rsadecrypt),
    ),
    row(
        "textdecodebase64(string, encoding)",
        "A base64 string decoded in an encoding, for example \"UTF-16LE\" or \"GBK\".",
        Run::Whole(textdecodebase64),
    ),
    row(
        "textencodebase64(string, encoding)",
        "A string in an encoding, for example \"UTF-16LE\" or \"GBK\", in base64.",
        Run::Whole(textencodebase64),
    ),
    row(
        "urlencode(string)",
        "A string escaped for the query of a URL.",
        Run::Whole(urlencode),
    ),
    row(
        "yamldecode(string)",
        "A value decoded from YAML.",
        Run::Whole(yaml_read::yamldecode),
    ),
    row(
        "yamlencode(value)",
        "A value encoded as YAML.",
        Run::Whole(yaml_write::yamlencode),
    ),
];

fn base64encode(arguments: &[Value]) -> Answer {
    Ok(Value::from(BASE64.encode(text(arguments, 0)?.as_bytes())))
}

fn decoded(arguments: &[Value]) -> Result<Vec<u8>, CallError> {
    // Line ends may stand anywhere in it.
    let text = text(arguments, 0)?.replace(['\r', '\n'], "");
    BASE64.decode(text).map_err(|error| {
        let what = match error {
            DecodeError::InvalidByte(at, byte) => {
                format!("it has {:?} at offset {at}", char::from(byte))
            }
            _ => "its length or the `=` at its end is wrong".to_owned(),
        };
        CallError::at(0, format!("this is not base64: {what}"))
    })
}

fn base64decode(arguments: &[Value]) -> Answer {
    let text = String::from_utf8(decoded(arguments)?).map_err(|_| {
        let message =
            "the decoded bytes are not UTF-8 text; textdecodebase64 knows other encodings";
        CallError::at(0, message)
    })?;
    Ok(Value::from(text))
}

fn base64gzip(arguments: &[Value]) -> Answer {
    // No time and no name of a system: the same text gives the same bytes everywhere.
    let failed =
        |error: std::io::Error| CallError::new(format!("it cannot be compressed: {error}"));
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
enum Named {
    /// The first 256 characters, a byte each.
    Latin1,
    /// UTF-16 with a mark of the byte order in front; without one it is big-endian.
    Utf16,
    Other(&'static Encoding),
}

fn named(arguments: &[Value], at: usize) -> Result<Named, CallError> {
    let name = text(arguments, at)?;
    let unknown = || {
        CallError::at(
            at,
            format!("there is no encoding {name:?}, such as \"UTF-16LE\""),
        )
    };
    match name.to_ascii_lowercase().as_str() {
        "iso-8859-1" | "iso8859-1" | "iso_8859-1" | "latin1" | "l1" => Ok(Named::Latin1),
        "utf-16" | "utf16" => Ok(Named::Utf16),
        _ => Encoding::for_label(name.as_bytes())
            .map(Named::Other)
            .ok_or_else(unknown),
    }
}

fn textencodebase64(arguments: &[Value]) -> Answer {
    let text = text(arguments, 0)?;
    let foreign = || CallError::at(0, "it has characters that the encoding does not have");
    let bytes: Cow<'_, [u8]> = match named(arguments, 1)? {
        Named::Latin1 => {
            let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(c).ok()).collect();
            bytes.ok_or_else(foreign)?.into()
        }
        Named::Utf16 => {
            let marked = std::iter::once(0xFEFF).chain(text.encode_utf16());
            marked.flat_map(u16::to_be_bytes).collect()
        }
        Named::Other(encoding) if encoding == UTF_16LE => {
            text.encode_utf16().flat_map(u16::to_le_bytes).collect()
        }
        Named::Other(encoding) if encoding == UTF_16BE => {
            text.encode_utf16().flat_map(u16::to_be_bytes).collect()
        }
        Named::Other(encoding) => match encoding.encode(&text) {
            (_, _, true) => return Err(foreign()),
            (bytes, _, false) => Cow::Owned(bytes.into_owned()),
        },
    };
    Ok(Value::from(BASE64.encode(bytes)))
}

fn textdecodebase64(arguments: &[Value]) -> Answer {
    let bytes = decoded(arguments)?;
    let (encoding, bytes) = match named(arguments, 1)? {
        Named::Latin1 => {
            let text: String = bytes.into_iter().map(char::from).collect();
            return Ok(Value::from(text));
        }
        Named::Utf16 => match bytes.as_slice() {
            [0xFF, 0xFE, rest @ ..] => (UTF_16LE, rest),
            [0xFE, 0xFF, rest @ ..] | rest => (UTF_16BE, rest),
        },
        Named::Other(encoding) => (encoding, bytes.as_slice()),
    };
    encoding
        .decode_without_bom_handling_and_without_replacement(bytes)
        .map(|text| Value::from(text.as_ref()))
        .ok_or_else(|| CallError::at(0, format!("the bytes are no {}", encoding.name())))
}

fn rsadecrypt(arguments: &[Value]) -> Answer {
    let (encrypted, pem) = (decoded(arguments)?, text(arguments, 1)?);
    // What is wrong with a key is not told: it is a secret.
    let no_key =
        "it is no private key of RSA in PEM, as of PKCS #1 or PKCS #8, without a passphrase";
    let key = PrivateKey::from_pkcs8_pem(&pem)
        .or_else(|_| PrivateKey::from_pkcs1_pem(&pem).map_err(drop))
        .map_err(|()| CallError::at(1, no_key))?;
    // A wrong key gives other bytes, not an error, so that trying tells nothing.
    let foreign = || CallError::at(0, "it was not encrypted for this key, or holds no text");
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
