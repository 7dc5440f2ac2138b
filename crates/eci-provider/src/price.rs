//! What things cost by the month.
//!
//! The vendor does not say which time the price of a call is for. What is paid as it is used is
//! assumed to be priced by the hour (not confirmed), and a month to have [`HOURS_A_MONTH`] of
//! them. What is paid ahead is priced for its whole term, which is known.

use eci_api::CallError;
use eci_api::types::{
    ClientToken, CreateEip, CycleType, Decimal as Amount, DemandBillingType, PriceQuery,
};
use eci_core::kinds::is_standalone;
use eci_core::schema::identity_of;
use eci_core::{Kind, Map, Path, Value};
use rust_decimal::Decimal;

use crate::order::eip_request;
use crate::provider::Provider;
use crate::request::RequestError;
use crate::services::Cloud;
use crate::wire::EncodeError;

/// How many hours a month is taken to have.
pub const HOURS_A_MONTH: u32 = 730;

/// The currency of EIPs, whose prices come without one: yuan, as assumed of a vendor who sells
/// for nothing else on the pages that the call is known from.
const CURRENCY_OF_EIPS: &str = "CNY";

/// Something that the cloud can be asked the price of.
#[derive(Clone, Debug, PartialEq)]
pub enum PriceRequest {
    /// A container group.
    Group {
        /// Its size.
        query: PriceQuery,
        /// Whether the cloud rounds that size up to one that it sells.
        rounded: bool,
    },
    /// An EIP of its own.
    Eip(Box<CreateEip>),
}

/// What something costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    /// By the month.
    pub monthly: Decimal,
    /// In this currency, as the cloud names it.
    pub currency: String,
    /// Whether it may be more.
    pub at_least: bool,
}

/// Why it is not known what something costs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PriceError {
    /// There is no call for it.
    #[error("the cloud has no call that tells the price of a disk")]
    Disk,
    /// There is no call for it.
    #[error("the cloud has no call that tells the price of an EIP that it makes with a group")]
    AutomaticEip,
    /// It depends on its use.
    #[error("it is paid for by its traffic")]
    Traffic,
    /// The cloud chooses a size from nothing that is given.
    #[error("the cloud chooses its size; give `cpu` and `memory`, to the group or each container")]
    ChosenSize,
    /// A part of the size waits for something that was not applied.
    #[error("`{path}` is not known yet")]
    Unknown {
        /// The attribute.
        path: Path,
    },
    /// The price would tell a secret.
    #[error("`{path}` is sensitive, and its price would tell it")]
    Secret {
        /// The attribute.
        path: Path,
    },
    /// The question cannot be put together.
    #[error("{0}")]
    Question(String),
    /// The call failed.
    #[error("{0}")]
    Call(String),
    /// An amount of what.
    #[error("the cloud answered a price without its currency")]
    NoCurrency,
    /// The cloud answered no price.
    #[error("the cloud answered no price that can be read")]
    Unreadable,
}

/// One sentence without the id of the request: several calls that fail alike are told once.
impl From<CallError> for PriceError {
    fn from(error: CallError) -> PriceError {
        PriceError::Call(format!("{} {}", error.operation(), error.kind()))
    }
}

impl From<RequestError> for PriceError {
    fn from(error: RequestError) -> PriceError {
        match error {
            RequestError::Attribute(EncodeError::Unknown { path }) => PriceError::Unknown { path },
            RequestError::Attribute(EncodeError::OnlyDigest { path }) => {
                PriceError::Secret { path }
            }
            error => PriceError::Question(error.to_string()),
        }
    }
}

/// What to ask the price of for a resource of these attributes; nothing for one that costs
/// nothing by itself.
///
/// # Errors
/// If no question can be asked.
pub fn priced(kind: Kind, attributes: &Map) -> Result<Option<PriceRequest>, PriceError> {
    let managed = is_standalone(kind, attributes);
    match kind {
        Kind::ContainerGroup => group(attributes).map(Some),
        Kind::Eip if managed => eip(attributes).map(Some),
        Kind::Eip if attributes.get("auto").and_then(Value::as_bool) == Some(true) => {
            Err(PriceError::AutomaticEip)
        }
        Kind::Volume if managed => Err(PriceError::Disk),
        Kind::Eip | Kind::Volume => Ok(None),
    }
}

/// The attributes that a change in place can change the price by.
const PRICED_BY: [(Kind, &[&str]); 3] = [
    (
        Kind::ContainerGroup,
        &["cpu", "memory", "flavor_name", "ephemeral_volume"],
    ),
    (Kind::Eip, &["bandwidth", "bandwidth_id"]),
    (Kind::Volume, &["disk.size", "disk.provisioned_iops"]),
];

/// Whether a change of this attribute can change the price.
pub fn is_priced_by(kind: Kind, path: &Path) -> bool {
    let path = path.to_string();
    let of_kind = PRICED_BY.iter().filter(|(of, _)| *of == kind);
    of_kind
        .flat_map(|(_, names)| *names)
        .any(|name| path == *name)
}

/// The size of a group. What a flavor is, is what it costs: sizes beside it say nothing more.
fn group(attributes: &Map) -> Result<PriceRequest, PriceError> {
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

/// Cores and GiB of all containers, or of the largest init container where that has more.
fn of_containers(attributes: &Map) -> Result<(Decimal, Decimal), PriceError> {
    let mut sum = (Decimal::ZERO, Decimal::ZERO);
    for (cpu, memory) in sizes(attributes, "containers")? {
        sum.0 = sum.0.checked_add(cpu).ok_or(PriceError::ChosenSize)?;
        sum.1 = sum.1.checked_add(memory).ok_or(PriceError::ChosenSize)?;
    }
    for (cpu, memory) in sizes(attributes, "init_containers")? {
        sum = (sum.0.max(cpu), sum.1.max(memory));
    }
    match sum.0.is_zero() || sum.1.is_zero() {
        true => Err(PriceError::ChosenSize),
        false => Ok(sum),
    }
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

/// A value that is known and no secret; parts further inside may be either.
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
        None => Err(PriceError::Question(format!(
            "`{}` is larger than anything that has a price",
            at.name(name)
        ))),
    }
}

/// A size as it is sent.
fn amount(size: Decimal) -> Result<Amount, PriceError> {
    let size = size.normalize().to_string();
    let sent = size.parse::<f64>().ok();
    sent.and_then(|sent| Amount::try_from(sent).ok())
        .ok_or_else(|| PriceError::Question(format!("{size} is no size that can be sent")))
}

fn eip(attributes: &Map) -> Result<PriceRequest, PriceError> {
    let secret = attributes.iter().find(|(_, value)| value.has_sensitive());
    if let Some((name, _)) = secret {
        let path = Path::root().name(name.clone());
        return Err(PriceError::Secret { path });
    }
    let mut request = eip_request(attributes)?;
    if request.demand_billing_type == Some(DemandBillingType::Traffic) {
        return Err(PriceError::Traffic);
    }
    // A voucher pays a part of the first term only, and no address costs more than another.
    request.pay_voucher_price = None;
    request.ip_address = None;
    Ok(PriceRequest::Eip(Box::new(request)))
}

impl PriceRequest {
    /// What is the same for all that cost the same.
    pub fn key(&self) -> String {
        let json = match self {
            PriceRequest::Group { query, .. } => serde_json::to_value(query),
            PriceRequest::Eip(request) => serde_json::to_value(CreateEip {
                name: String::new(),
                ..CreateEip::clone(request)
            }),
        };
        // Neither holds what has no form in JSON; if one ever did, it is asked for by itself.
        json.map_or_else(|_| format!("{self:?}"), |json| json.to_string())
    }

    /// The price of an answer.
    fn price(
        &self,
        answered: [Option<&str>; 2],
        currency: Option<&str>,
    ) -> Result<Price, PriceError> {
        let amount = answered.into_iter().flatten().find_map(decimal);
        let amount = amount.filter(|amount| !amount.is_sign_negative());
        let amount = amount.ok_or(PriceError::Unreadable)?;
        let currency = currency.map(str::trim).filter(|name| !name.is_empty());
        let (currency, rounded) = match self {
            PriceRequest::Group { rounded, .. } => {
                (currency.ok_or(PriceError::NoCurrency)?, *rounded)
            }
            PriceRequest::Eip(_) => (currency.unwrap_or(CURRENCY_OF_EIPS), false),
        };
        let monthly = match self.months()? {
            Some(months) => amount.checked_div(months),
            None => amount.checked_mul(Decimal::from(HOURS_A_MONTH)),
        };
        Ok(Price {
            monthly: monthly.ok_or(PriceError::Unreadable)?,
            currency: currency.to_owned(),
            at_least: rounded,
        })
    }

    /// The term that is paid for at once; none for what is paid as it is used.
    fn months(&self) -> Result<Option<Decimal>, PriceError> {
        let PriceRequest::Eip(request) = self else {
            return Ok(None);
        };
        let a_cycle = match request.cycle_type {
            CycleType::OnDemand => return Ok(None),
            CycleType::Month => 1,
            CycleType::Year => 12,
        };
        let months = request.cycle_count.filter(|count| *count > 0);
        let months = months.and_then(|count| count.checked_mul(a_cycle));
        match months {
            Some(months) => Ok(Some(Decimal::from(months))),
            None => Err(PriceError::Question("its term is not known".to_owned())),
        }
    }
}

/// A decimal number as JSON writes it.
fn decimal(text: &str) -> Option<Decimal> {
    let text = text.trim();
    let exact = Decimal::from_str_exact(text);
    exact.or_else(|_| Decimal::from_scientific(text)).ok()
}

impl<A: Cloud> Provider<A> {
    /// Asks what something costs.
    ///
    /// # Errors
    /// If the cloud does not tell.
    pub async fn price(&self, of: &PriceRequest) -> Result<Price, PriceError> {
        match of {
            PriceRequest::Group { query, .. } => {
                let call = || self.api().describe_container_group_price(query);
                let told = self.call_idempotent(call).await?;
                let amounts = [&told.trade_price, &told.original_price];
                of.price(amounts.map(Option::as_deref), told.currency.as_deref())
            }
            PriceRequest::Eip(request) => {
                let token = ClientToken::random();
                let call = || self.api().eip_create_price(&token, request);
                let told = self.call_idempotent(call).await?;
                let amounts = [&told.final_price, &told.total_price];
                of.price(amounts.map(Option::as_deref), None)
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
