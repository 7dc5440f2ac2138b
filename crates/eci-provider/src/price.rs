//! Monthly prices of objects.
//!
//! The vendor does not say which time the price of a call is for. Pay-as-you-go is
//! assumed to be priced by the hour (not confirmed), and a month to have [`HOURS_A_MONTH`] of
//! them. A subscription is priced for its whole term, which is known.

use eci_api::CallError;
use eci_api::types::{ClientToken, CreateEip, CycleType, PriceQuery};
use eci_core::Path;
use eci_text::{In, Lang, Text, messages};
use rust_decimal::Decimal;

use crate::provider::ResourceProvider;
use crate::request::RequestError;
use crate::services::Cloud;
use crate::wire::EncodeError;

/// The number of hours that a month counts.
pub const HOURS_A_MONTH: u32 = 730;

/// The currency of EIPs, whose prices come without one: yuan, as assumed of a vendor who sells
/// for nothing else on the pages that the call is known from.
const CURRENCY_OF_EIPS: &str = "CNY";

/// A request for a price.
#[derive(Clone, Debug, PartialEq)]
pub enum PriceRequest {
    /// A container group.
    Group {
        /// Its size.
        query: PriceQuery,
        /// Whether the cloud rounds that size up to one that it sells.
        rounded: bool,
    },
    /// A standalone EIP.
    Eip(Box<CreateEip>),
}

/// The price of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    /// By the month.
    pub monthly: Decimal,
    /// The currency, as the cloud names it.
    pub currency: String,
    /// Whether the price may be higher.
    pub at_least: bool,
}

/// The reason why a price is not known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PriceError {
    /// A disk: the cloud has no call for its price.
    Disk,
    /// An automatic EIP: the cloud has no call for its price.
    AutomaticEip,
    /// Traffic, whose price depends on its use.
    Traffic,
    /// The cloud chooses a size from nothing that is given.
    ChosenSize,
    /// A part of the size depends on a value that was not applied.
    Unknown {
        /// The attribute.
        path: Path,
    },
    /// The price would reveal a secret.
    Secret {
        /// The attribute.
        path: Path,
    },
    /// The question cannot be put together.
    NotQueryable(Text),
    /// The call failed.
    Call(Text),
    /// An amount of what.
    NoCurrency,
    /// The cloud answered no price.
    Unreadable,
}

messages! { PriceError:
    PriceError::Disk =>
        en("the cloud has no API call for the price of a disk"),
        zh("云端没有查询云硬盘价格的 API");
    PriceError::AutomaticEip =>
        en("the cloud has no API call for the price of an EIP that is created with a container group"),
        zh("云端没有查询随容器组创建的弹性 IP 价格的 API");
    PriceError::Traffic => en("the EIP is billed by traffic"), zh("该弹性 IP 按流量计费");
    PriceError::ChosenSize =>
        en("the cloud chooses its size, because `cpu` and `memory` are set neither for the container group nor for each container"),
        zh("规格由云端选择，因为容器组和每个容器都未设置 `cpu` 和 `memory`");
    PriceError::Unknown { path } =>
        en("`{path}` is known after apply"), zh("`{path}` 应用后才可知");
    PriceError::Secret { path } =>
        en("`{path}` is sensitive, and the price would reveal it"),
        zh("`{path}` 为敏感值，价格会泄露该值");
    PriceError::NotQueryable(message) | PriceError::Call(message) =>
        en("{message}"), zh("{}", In(message, Lang::Zh));
    PriceError::NoCurrency =>
        en("the cloud returned a price without a currency"), zh("云端返回的价格没有货币单位");
    PriceError::Unreadable =>
        en("the cloud returned no valid price"), zh("云端未返回有效的价格");
}

/// One sentence without the ID of the request, so that several calls that fail alike are reported once.
impl From<CallError> for PriceError {
    fn from(error: CallError) -> PriceError {
        PriceError::Call(error.problem())
    }
}

impl From<RequestError> for PriceError {
    fn from(error: RequestError) -> PriceError {
        match error {
            RequestError::Attribute(EncodeError::Unknown { path }) => PriceError::Unknown { path },
            RequestError::Attribute(EncodeError::OnlyDigest { path }) => {
                PriceError::Secret { path }
            }
            error => PriceError::NotQueryable(Text::of(&error)),
        }
    }
}

impl PriceRequest {
    /// Returns a key that is equal for all resources of equal price.
    pub fn key(&self) -> String {
        let json = match self {
            PriceRequest::Group { query, .. } => serde_json::to_value(query),
            PriceRequest::Eip(request) => serde_json::to_value(CreateEip {
                name: String::new(),
                ..CreateEip::clone(request)
            }),
        };
        // Neither holds a value without a form in JSON; if one ever did, it is requested separately.
        json.map_or_else(|_| format!("{self:?}"), |json| json.to_string())
    }

    /// Returns the price in an answer.
    fn price(
        &self,
        answered: [Option<&str>; 2],
        currency: Option<&str>,
    ) -> Result<Price, PriceError> {
        let amount = answered.into_iter().flatten().find_map(decimal);
        let amount = amount.filter(|amount| !amount.is_sign_negative());
        let amount = amount.ok_or(PriceError::Unreadable)?;
        let currency = currency.map(str::trim).filter(|name| !name.is_empty());
        let currency = match self {
            PriceRequest::Group { .. } => currency.ok_or(PriceError::NoCurrency)?,
            PriceRequest::Eip(_) => currency.unwrap_or(CURRENCY_OF_EIPS),
        };
        let monthly = match self.months()? {
            Some(months) => amount.checked_div(months),
            None => amount.checked_mul(Decimal::from(HOURS_A_MONTH)),
        };
        Ok(Price {
            monthly: monthly.ok_or(PriceError::Unreadable)?,
            currency: currency.to_owned(),
            at_least: self.is_rounded(),
        })
    }

    /// Returns whether the cloud rounds the requested size up to one that it sells.
    pub fn is_rounded(&self) -> bool {
        match self {
            PriceRequest::Group { rounded, .. } => *rounded,
            PriceRequest::Eip(_) => false,
        }
    }

    /// Returns the term that is paid in advance; `None` for pay-as-you-go.
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
            None => Err(PriceError::NotQueryable(Text::fixed(
                "the term is not known",
                "订购时长未知",
            ))),
        }
    }
}

/// Reads a decimal number as JSON writes it.
pub(crate) fn decimal(text: &str) -> Option<Decimal> {
    let text = text.trim();
    let exact = Decimal::from_str_exact(text);
    exact.or_else(|_| Decimal::from_scientific(text)).ok()
}

impl<A: Cloud> ResourceProvider<A> {
    /// Requests a price.
    ///
    /// Cancel safe: nothing but reads is performed.
    ///
    /// # Errors
    /// If the cloud does not report it.
    pub async fn price(&self, of: &PriceRequest) -> Result<Price, PriceError> {
        match of {
            PriceRequest::Group { query, .. } => {
                let call = || self.api().describe_container_group_price(query);
                let answer = self.call_idempotent(call).await?;
                let amounts = [&answer.trade_price, &answer.original_price];
                of.price(amounts.map(Option::as_deref), answer.currency.as_deref())
            }
            PriceRequest::Eip(request) => {
                let token = ClientToken::random();
                let call = || self.api().eip_create_price(&token, request);
                let answer = self.call_idempotent(call).await?;
                let amounts = [&answer.final_price, &answer.total_price];
                of.price(amounts.map(Option::as_deref), None)
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
