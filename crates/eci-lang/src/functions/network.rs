//! Functions over networks of IPv4 and IPv6.

use std::net::{Ipv4Addr, Ipv6Addr};

use eci_core::{Number, Value};
use eci_text::{Noun, Text, text};

use super::function::{
    Answer, CallError, FunctionRow, Implementation, expected, given, number, quoted, row, text,
    whole,
};

const BIT: Noun = Noun {
    one: "bit",
    many: "bits",
    zh: "位",
    measure: "",
};

const COUNT: Text = Text::fixed("a non-negative integer", "非负整数");

pub(super) static ROWS: &[FunctionRow] = &[
    row(
        "cidrhost(prefix, number)",
        "The IP address with that number in a prefix; a negative number counts from its end.",
        "网段中指定编号的 IP 地址，编号为负时从末尾算起。",
        Implementation::Whole(cidrhost),
    ),
    row(
        "cidrnetmask(prefix)",
        "The netmask of an IPv4 prefix.",
        "IPv4 网段的子网掩码。",
        Implementation::Whole(cidrnetmask),
    ),
    row(
        "cidrsubnet(prefix, bits, number)",
        "The subnet with that number, of those whose prefix is longer by these bits.",
        "将前缀增加指定位数后，指定编号的子网。",
        Implementation::Whole(cidrsubnet),
    ),
    row(
        "cidrsubnets(prefix, bits...)",
        "Consecutive subnets whose prefixes are longer by these bits.",
        "将前缀分别增加指定位数后，依次相邻的多个子网。",
        Implementation::Whole(cidrsubnets),
    ),
];

/// A network: its first address, how many bits it fixes, and how many there are.
#[derive(Clone, Copy)]
struct Network {
    first: u128,
    bits: u32,
    width: u32,
}

impl Network {
    fn parse(text: &str) -> Option<Network> {
        let (address, bits) = text.split_once('/')?;
        if bits.is_empty() || !bits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let (address, width) = if address.contains(':') {
            (u128::from(address.parse::<Ipv6Addr>().ok()?), 128)
        } else {
            (u128::from(of_four(address)?), 32)
        };
        let bits = bits.parse().ok().filter(|bits| *bits <= width)?;
        let network = Network {
            first: 0,
            bits,
            width,
        };
        Some(Network {
            first: address & !network.hosts(),
            ..network
        })
    }

    /// Returns the host bits, all set: also the number of addresses after the first.
    fn hosts(self) -> u128 {
        match self.width - self.bits {
            0 => 0,
            host => u128::MAX >> (128 - host),
        }
    }

    fn last(self) -> u128 {
        self.first | self.hosts()
    }

    /// Returns the network with another prefix length that contains `first`.
    fn with_bits(self, first: u128, bits: u32) -> Network {
        let network = Network { bits, ..self };
        Network {
            first: first & !network.hosts(),
            ..network
        }
    }

    fn address(self, address: u128) -> String {
        match u32::try_from(address) {
            Ok(address) if self.width == 32 => Ipv4Addr::from(address).to_string(),
            _ => Ipv6Addr::from(address).to_string(),
        }
    }

    fn written(self) -> Value {
        Value::from(format!("{}/{}", self.address(self.first), self.bits))
    }
}

/// Returns an address of four numbers, which may have zeros in front.
fn of_four(text: &str) -> Option<u32> {
    let mut address = 0;
    let parts: Vec<&str> = text.split('.').collect();
    if parts.len() != 4 {
        return None;
    }
    for part in parts {
        if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        address = address << 8 | u32::from(part.parse::<u8>().ok()?);
    }
    Some(address)
}

fn network(arguments: &[Value]) -> Result<Network, CallError> {
    let text = text(arguments, 0)?;
    Network::parse(&text).ok_or_else(|| {
        CallError::at(
            0,
            text!(
             en: "expected a prefix, for example \"10.0.0.0/16\" or \"fd00::/48\", found {found}",
             zh: "应为网段（例如 \"10.0.0.0/16\" 或 \"fd00::/48\"），实际为 {found}",
             found = quoted(&text),
            ),
        )
        .help(text!(
            en: "write the address and the length of the prefix, separated by `/`",
            zh: "写成地址和前缀长度，以 `/` 分隔",
        ))
    })
}

fn cidrhost(arguments: &[Value]) -> Answer {
    let network = network(arguments)?;
    let host = i128::from(whole(arguments, 1)?);
    let size = match host {
        0.. => host.unsigned_abs(),
        _ => (host + 1).unsigned_abs(),
    };
    if size > network.hosts() {
        let message = text!(
            en: "a /{bits} prefix has no address with number {host}",
            zh: "/{bits} 网段没有编号为 {host} 的地址",
            bits = network.bits,
            host = host,
        );
        return Err(CallError::at(1, message));
    }
    let address = match host {
        0.. => network.first + size,
        _ => network.last() - size,
    };
    Ok(Value::from(network.address(address)))
}

fn cidrnetmask(arguments: &[Value]) -> Answer {
    let network = network(arguments)?;
    if network.width != 32 {
        return Err(CallError::at(
            0,
            text!(
             en: "IPv6 prefixes do not have a netmask",
             zh: "IPv6 网段没有子网掩码",
            ),
        ));
    }
    let mask = !network.hosts() & u128::from(u32::MAX);
    Ok(Value::from(network.address(mask)))
}

/// Returns the bits of a network with more of them.
fn extended(network: Network, arguments: &[Value], at: usize) -> Result<u32, CallError> {
    let more = whole(arguments, at)?;
    let bits = u32::try_from(more)
        .ok()
        .and_then(|more| network.bits.checked_add(more))
        .filter(|bits| *bits <= network.width);
    bits.ok_or_else(|| {
        let left = network.width - network.bits;
        let message = text!(
            en: "a /{bits} prefix can be extended by at most {left}, found {more}",
            zh: "/{bits} 网段的前缀最多可增加 {left}，实际为 {more}",
            bits = network.bits,
            left = BIT.count(left as usize),
            more = more,
        );
        CallError::at(at, message).help(text!(
            en: "add fewer bits, or start from a larger prefix",
            zh: "减少增加的位数，或使用更大的网段",
        ))
    })
}

fn cidrsubnet(arguments: &[Value]) -> Answer {
    let network = network(arguments)?;
    let bits = extended(network, arguments, 1)?;
    let chosen = subnet_number(arguments, 2)?;
    let more = bits - network.bits;
    let fits = more >= 127 || chosen < 1 << more;
    if !fits {
        let message = text!(
            en: "{more} give no subnet with number {chosen}",
            zh: "增加 {more} 时没有编号为 {chosen} 的子网",
            more = BIT.count(more as usize),
            chosen = chosen,
        );
        return Err(CallError::at(2, message));
    }
    // Of no bits there is one network, the number of which is 0.
    let offset = chosen.checked_shl(network.width - bits).unwrap_or(0);
    Ok(network.with_bits(network.first | offset, bits).written())
}

fn subnet_number(arguments: &[Value], at: usize) -> Result<u128, CallError> {
    let found = || expected(at, &COUNT, given(arguments, at));
    match number(arguments, at)? {
        Number::Int(whole) => u128::try_from(whole).map_err(|_| found()),
        Number::Float(_) => Err(found()),
    }
}

fn cidrsubnets(arguments: &[Value]) -> Answer {
    let network = network(arguments)?;
    let mut subnets = Vec::with_capacity(arguments.len() - 1);
    let mut next = Some(network.first);
    for at in 1..arguments.len() {
        let more = whole(arguments, at)?;
        if !(1..=32).contains(&more) {
            return Err(CallError::at(
                at,
                text!(
                 en: "expected an integer from 1 to 32, found {more}",
                 zh: "应为 1 到 32 之间的整数，实际为 {more}",
                 more = more,
                ),
            ));
        }
        let bits = extended(network, arguments, at)?;
        let full = || {
            CallError::at(
                at,
                text!(
                 en: "no room left for a /{bits} subnet",
                 zh: "剩余空间不足以划分 /{bits} 子网",
                 bits = bits,
                ),
            )
        };
        // It begins where a network of its size can, at or behind the end of the last.
        let hosts = network.with_bits(0, bits).hosts();
        let first = next
            .and_then(|next| next.checked_add(hosts))
            .map(|end| end & !hosts)
            .filter(|first| *first <= network.last())
            .ok_or_else(full)?;
        let subnet = network.with_bits(first, bits);
        next = subnet.last().checked_add(1);
        subnets.push(subnet.written());
    }
    Ok(Value::list(subnets))
}
