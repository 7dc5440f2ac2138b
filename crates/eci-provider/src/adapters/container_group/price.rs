//! The question for the price of a container group.

use eci_api::types::{Decimal as Amount, PriceQuery};
use eci_core::path::identity_of;
use eci_core::{Map, Path, Value};
use eci_text::text;
use rust_decimal::Decimal;

use crate::price::{PriceError, PriceRequest, decimal};

/// Returns the request for the price of a group.
///
/// A flavor alone determines the price: sizes given in addition are ignored.
pub(super) fn request(attributes: &Map) -> Result<PriceRequest, PriceError> {
    let root = Path::root();
    let whole = |name| scalar(attributes, &root, name);
    let text = |name| Ok::<_, PriceError>(whole(name)?.and_then(Value::as_str).map(str::to_owned));
    let storage = whole("ephemeral_volume")?.and_then(Value::as_number);
    let mut query = PriceQuery {
        flavor_name: text("flavor_name")?,
        az_name: text("az_name")?,
        ephemeral_storage: storage.and_then(|number| number.as_i64()),
        ..PriceQuery::default()
    };
    if query.flavor_name.is_some() {
        let rounded = false;
        return Ok(PriceRequest::Group { query, rounded });
    }
    let given = (
        number(attributes, &root, "cpu")?,
        number(attributes, &root, "memory")?,
    );
    let (cpu, memory, rounded) = match given {
        (Some(cpu), Some(memory)) => (cpu, memory, false),
        (None, None) => {
            let (cpu, memory) = of_containers(attributes)?;
            (cpu, memory, true)
        }
        _ => return Err(PriceError::ChosenSize),
    };
    query.cpu = Some(amount(cpu)?);
    query.memory = Some(amount(memory)?);
    Ok(PriceRequest::Group { query, rounded })
}

/// Returns the vCPUs and GiB of all containers, or of the largest init container where that has more.
fn of_containers(attributes: &Map) -> Result<(Decimal, Decimal), PriceError> {
    let mut sum = (Decimal::ZERO, Decimal::ZERO);
    for (cpu, memory) in sizes(attributes, "containers")? {
        sum.0 = sum.0.checked_add(cpu).ok_or(PriceError::ChosenSize)?;
        sum.1 = sum.1.checked_add(memory).ok_or(PriceError::ChosenSize)?;
    }
    for (cpu, memory) in sizes(attributes, "init_containers")? {
        sum = (sum.0.max(cpu), sum.1.max(memory));
    }
    if sum.0.is_zero() || sum.1.is_zero() {
        return Err(PriceError::ChosenSize);
    }
    Ok(sum)
}

fn sizes(attributes: &Map, name: &str) -> Result<Vec<(Decimal, Decimal)>, PriceError> {
    let root = Path::root();
    let list = scalar(attributes, &root, name)?.and_then(Value::as_list);
    let containers = list.unwrap_or_default().iter().enumerate();
    let size = |(at, container): (usize, &Value)| {
        let path = match identity_of(container, &["name"]) {
            Some(identity) => root.name(name).element(&identity),
            None => root.name(name).index(at),
        };
        let Some(container) = container.as_map() else {
            return Err(PriceError::Unknown { path });
        };
        let cpu = number(container, &path, "cpu")?;
        let memory = number(container, &path, "memory")?;
        cpu.zip(memory).ok_or(PriceError::ChosenSize)
    };
    containers.map(size).collect()
}

/// Returns a value that is known and no secret; parts further inside may be either.
fn scalar<'a>(map: &'a Map, at: &Path, name: &str) -> Result<Option<&'a Value>, PriceError> {
    let path = || at.name(name);
    match map.get(name) {
        None => Ok(None),
        Some(value) if value.is_null() => Ok(None),
        Some(Value::Sensitive(_) | Value::Digest(_)) => Err(PriceError::Secret { path: path() }),
        Some(Value::Unknown) => Err(PriceError::Unknown { path: path() }),
        Some(value) => Ok(Some(value)),
    }
}

fn number(map: &Map, at: &Path, name: &str) -> Result<Option<Decimal>, PriceError> {
    let Some(number) = scalar(map, at, name)?.and_then(Value::as_number) else {
        return Ok(None);
    };
    match decimal(&number.to_string()) {
        Some(number) => Ok(Some(number)),
        None => Err(PriceError::NotQueryable(text!(
            en: "`{path}` is out of range",
            zh: "`{path}` 超出范围",
            path = at.name(name).to_string(),
        ))),
    }
}

/// Returns a size in the form in which it is sent.
fn amount(size: Decimal) -> Result<Amount, PriceError> {
    let size = size.normalize().to_string();
    let sent = size.parse::<f64>().ok();
    sent.and_then(|sent| Amount::try_from(sent).ok())
        .ok_or_else(|| {
            PriceError::NotQueryable(text!(
                en: "the size {size} is out of range",
                zh: "大小 {size} 超出范围",
                size = size,
            ))
        })
}
