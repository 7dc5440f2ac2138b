//! Functions that hash.

use base16ct::lower::encode_string;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use eci_core::Value;
use eci_text::text;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use super::function::{Answer, CallError, FunctionRow, Implementation, quoted, row, text};

pub(super) static ROWS: &[FunctionRow] = &[
    row(
        "base64sha256(string)",
        "The SHA-256 hash of a string, in base64.",
        "字符串的 SHA-256 哈希，base64 编码。",
        Implementation::Whole(base64sha256),
    ),
    row(
        "base64sha512(string)",
        "The SHA-512 hash of a string, in base64.",
        "字符串的 SHA-512 哈希，base64 编码。",
        Implementation::Whole(base64sha512),
    ),
    row(
        "md5(string)",
        "The MD5 hash of a string, in hexadecimal.",
        "字符串的 MD5 哈希，十六进制。",
        Implementation::Whole(of_text::<Md5>),
    ),
    row(
        "sha1(string)",
        "The SHA-1 hash of a string, in hexadecimal.",
        "字符串的 SHA-1 哈希，十六进制。",
        Implementation::Whole(of_text::<Sha1>),
    ),
    row(
        "sha256(string)",
        "The SHA-256 hash of a string, in hexadecimal.",
        "字符串的 SHA-256 哈希，十六进制。",
        Implementation::Whole(of_text::<Sha256>),
    ),
    row(
        "sha512(string)",
        "The SHA-512 hash of a string, in hexadecimal.",
        "字符串的 SHA-512 哈希，十六进制。",
        Implementation::Whole(of_text::<Sha512>),
    ),
    row(
        "uuidv5(namespace, name)",
        "The UUID of a name in a namespace: \"dns\", \"url\", \"oid\", \"x500\" or a UUID.",
        "名称在命名空间中的 UUID，命名空间为 \"dns\"、\"url\"、\"oid\"、\"x500\" 或某个 UUID。",
        Implementation::Whole(uuidv5),
    ),
];

/// Returns the hash of some bytes in hexadecimal.
pub(super) fn hash<H: Digest>(bytes: &[u8]) -> Value {
    Value::from(encode_string(&H::digest(bytes)))
}

/// Returns the hash of some bytes in base64.
pub(super) fn base64_hash<H: Digest>(bytes: &[u8]) -> Value {
    Value::from(BASE64.encode(H::digest(bytes)))
}

fn of_text<H: Digest>(arguments: &[Value]) -> Answer {
    Ok(hash::<H>(text(arguments, 0)?.as_bytes()))
}

fn base64sha256(arguments: &[Value]) -> Answer {
    Ok(base64_hash::<Sha256>(text(arguments, 0)?.as_bytes()))
}

fn base64sha512(arguments: &[Value]) -> Answer {
    Ok(base64_hash::<Sha512>(text(arguments, 0)?.as_bytes()))
}

/// The namespaces of RFC 4122: one number apart.
const DNS: u128 = 0x6ba7b810_9dad_11d1_80b4_00c04fd430c8;
const NEXT: u128 = 1 << 96;

fn uuidv5(arguments: &[Value]) -> Answer {
    let (namespace, name) = (text(arguments, 0)?, text(arguments, 1)?);
    let space = match &*namespace {
        "dns" => DNS,
        "url" => DNS + NEXT,
        "oid" => DNS + 2 * NEXT,
        "x500" => DNS + 4 * NEXT,
        other => uuid(other).ok_or_else(|| {
            let message = text!(
                en: "expected \"dns\", \"url\", \"oid\", \"x500\", or a UUID, found {found}",
                zh: "应为 \"dns\"、\"url\"、\"oid\"、\"x500\" 或 UUID，实际为 {found}",
                found = quoted(other),
            );
            CallError::at(0, message)
        })?,
    };
    let mut hash = Sha1::new();
    hash.update(space.to_be_bytes());
    hash.update(name.as_bytes());
    let mut uuid = encode_string(&hash.finalize());
    uuid.truncate(32);
    // The version, and the variant in the upper two bits.
    uuid.replace_range(12..13, "5");
    let variant = u8::from_str_radix(&uuid[16..17], 16).unwrap_or(0) & 0x3 | 0x8;
    uuid.replace_range(16..17, &format!("{variant:x}"));
    for at in [20, 16, 12, 8] {
        uuid.insert(at, '-');
    }
    Ok(Value::from(uuid))
}

fn uuid(text: &str) -> Option<u128> {
    let groups: Vec<&str> = text.split('-').collect();
    let lengths: &[usize] = match groups.len() {
        1 => &[32],
        _ => &[8, 4, 4, 4, 12],
    };
    let is_group = |(group, length): (&&str, &usize)| {
        group.len() == *length && group.chars().all(|c| c.is_ascii_hexdigit())
    };
    let fits = groups.len() == lengths.len() && groups.iter().zip(lengths).all(is_group);
    u128::from_str_radix(&groups.concat(), 16)
        .ok()
        .filter(|_| fits)
}
