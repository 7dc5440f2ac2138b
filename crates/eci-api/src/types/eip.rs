//! Elastic IPs: requests and reports.
//!
//! Fields are those of the vendor's published clients.

use eci_text::FixedText;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::EipId;
use super::lenient::{FromJson, ParseError, answer, at, object};
use super::wire_enum::word;

/// The billing of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CycleType {
    /// By the month, ahead.
    Month,
    /// By the year, ahead.
    Year,
    /// Pay-as-you-go.
    OnDemand,
}

/// The quantity by which a pay-as-you-go elastic IP is billed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum DemandBillingType {
    /// The bandwidth.
    #[serde(rename = "bandwidth")]
    Bandwidth,
    /// The traffic.
    #[serde(rename = "upflowc")]
    Traffic,
}

/// A new elastic IP.
///
/// The region and the client token are added by the call. Neither tags nor a description can be
/// given, so that nothing but its token marks it as ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateEip {
    /// Its name: 2–32 letters, digits, `_`, `-` and Chinese, the first a letter or Chinese.
    ///
    /// Not unique.
    pub name: String,
    /// The billing.
    pub cycle_type: CycleType,
    /// The number of months, 1–11, or years, 1–3; none for pay-as-you-go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cycle_count: Option<i64>,
    /// The quantity by which a pay-as-you-go EIP is billed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub demand_billing_type: Option<DemandBillingType>,
    /// Mbps, at most; 1 where not given.
    ///
    /// The cloud sells 1–300, its clients allow up to 1024.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bandwidth: Option<i64>,
    /// A shared bandwidth to join, only for pay-as-you-go.
    #[serde(rename = "bandwidthID", skip_serializing_if = "Option::is_none")]
    pub bandwidth_id: Option<String>,
    /// The carrier's line: `163` where not given, `bgp`, `chinamobile`, `chinaunicom`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line_type: Option<String>,
    /// A pool of addresses of one's own.
    #[serde(rename = "segmentID", skip_serializing_if = "Option::is_none")]
    pub segment_id: Option<String>,
    /// The name of that pool.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exclusive_name: Option<String>,
    /// The requested address.
    ///
    /// With one, another call creates it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip_address: Option<String>,
    /// The enterprise project; `0` where not given.
    #[serde(rename = "projectID", skip_serializing_if = "Option::is_none")]
    pub project_id: Option<String>,
    /// A voucher, yuan with two decimals, only for a subscription.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pay_voucher_price: Option<String>,
}

impl CreateEip {
    /// Creates a request for a pay-as-you-go EIP that is billed by its bandwidth, in Mbps.
    pub fn on_demand(name: impl Into<String>, bandwidth: i64) -> CreateEip {
        CreateEip {
            name: name.into(),
            cycle_type: CycleType::OnDemand,
            cycle_count: None,
            demand_billing_type: Some(DemandBillingType::Bandwidth),
            bandwidth: Some(bandwidth),
            bandwidth_id: None,
            line_type: None,
            segment_id: None,
            exclusive_name: None,
            ip_address: None,
            project_id: None,
            pay_voucher_price: None,
        }
    }
}

/// The type of the object that the binding call binds an elastic IP to.
///
/// A container group is none of them: its own create or update names the EIP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AssociationType {
    /// A virtual machine.
    Machine,
    /// A virtual IP.
    VirtualIp,
    /// A machine without virtualisation.
    BareMetal,
    /// A network interface of a member (in the newest client only).
    MemberInterface,
}

impl AssociationType {
    /// Returns the number as it is sent.
    pub fn number(self) -> i64 {
        match self {
            AssociationType::Machine => 1,
            AssociationType::VirtualIp => 2,
            AssociationType::BareMetal => 3,
            AssociationType::MemberInterface => 4,
        }
    }
}

/// The object that an elastic IP is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Association<'a> {
    /// Its type.
    pub kind: AssociationType,
    /// Its ID.
    pub id: &'a str,
}

impl<'a> Association<'a> {
    /// Creates an association with the object of a type that has an ID.
    pub fn new(kind: AssociationType, id: &'a str) -> Association<'a> {
        Association { kind, id }
    }
}

/// The elastic IPs to read.
///
/// A missing filter matches all. The API has no filter by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EipFilter {
    /// The page, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_no: Option<i64>,
    /// The number of EIPs on a page: 1–50 (not confirmed), 10 where not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_size: Option<i64>,
    /// Any of these ids; those that are not there are left out of the answer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ids: Vec<EipId>,
    /// `ACTIVE`, `DOWN`, `FREEZING` or `EXPIRED`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<EipStatus>,
    /// The address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
    /// The enterprise project.
    #[serde(rename = "projectID", skip_serializing_if = "Option::is_none")]
    pub project_id: Option<String>,
}

word! {
    /// The status of an elastic IP.
    EipStatus {
        /// Bound to an object.
        Active = "ACTIVE",
        /// Not bound.
        Down = "DOWN",
        /// Being changed.
        Updating = "UPDATING",
        /// Being bound or unbound.
        ///
        /// The cloud's spelling of it differs (vendor's example).
        Binding = "BANDING_OR_UNBANGDING" | "BANGDING_OR_UNBANDING" | "BINDING_OR_UNBINDING",
        /// Being deleted.
        Deleting = "DELETING",
        /// Deleted.
        Deleted = "DELETED",
        /// The EIP is in error.
        Error = "ERROR",
        /// Its term is over.
        Expired = "EXPIRED",
        /// Frozen for arrears.
        Freezing = "FREEZING",
    }
}

/// The words for an EIP that is being unbound.
const UNBINDING: FixedText = FixedText::new("unbinding", "正在解绑");

impl EipStatus {
    /// Returns the status in words for people; none for one that is not known.
    pub fn words(&self) -> Option<FixedText> {
        Some(match self {
            EipStatus::Active => FixedText::new("bound", "已绑定"),
            EipStatus::Down => FixedText::new("not bound", "未绑定"),
            EipStatus::Updating => FixedText::new("updating", "正在更新"),
            EipStatus::Binding => FixedText::new("binding or unbinding", "正在绑定或解绑"),
            EipStatus::Deleting => FixedText::new("deleting", "正在删除"),
            EipStatus::Deleted => FixedText::new("deleted", "已删除"),
            EipStatus::Error => FixedText::new("error", "错误"),
            EipStatus::Expired => FixedText::new("expired", "已到期"),
            EipStatus::Freezing => FixedText::new("frozen", "已冻结"),
            EipStatus::Other(text) if text.contains("_OR_") => {
                FixedText::new("binding or unbinding", "正在绑定或解绑")
            }
            EipStatus::Other(_) => return None,
        })
    }

    /// Returns the status in words while the EIP is being unbound or released: the cloud has one word
    /// for binding and unbinding.
    pub fn words_of_release(&self) -> Option<FixedText> {
        match self {
            EipStatus::Binding => Some(UNBINDING),
            EipStatus::Other(text) if text.contains("_OR_") => Some(UNBINDING),
            _ => self.words(),
        }
    }

    /// Returns whether the status is transitional, so that it is better to wait than to act.
    pub fn is_transitional(&self) -> bool {
        match self {
            EipStatus::Updating | EipStatus::Binding | EipStatus::Deleting => true,
            // Yet another spelling of binding and unbinding.
            EipStatus::Other(text) => text.contains("_OR_"),
            _ => false,
        }
    }
}

answer! {
    /// An elastic IP as the cloud reports it.
    ///
    /// Its billing is reported in part only: neither its cycle nor pay-as-you-go.
    #[derive(Clone, Debug, PartialEq)]
    DescribedEip {
        /// Its id.
        id: EipId = "/ID",
        /// Its name.
        name: String = "/name",
        /// The description.
        description: Option<String> = "/description",
        /// The public IP address.
        address: Option<String> = "/eipAddress",
        /// The status.
        status: EipStatus = "/status",
        /// The ID of the object that it is bound to.
        ///
        /// Empty is none; any other text counts as bound.
        association_id: Option<String> = "/associationID",
        /// The type of that object: `INSTANCE`, `VIP`, `LOADBALANCER`, `PORTFORWARDING`,
        /// `PHYSICALINSTANCE`, `MEMBER_ENI`; of a container group it is not confirmed.
        association_type: Option<String> = "/associationType",
        /// The private address that it maps to.
        private_address: Option<String> = "/privateIpAddress",
        /// The network interface that it is bound to.
        port_id: Option<String> = "/portID",
        /// Mbps.
        ///
        /// Within a shared bandwidth it is the shared one's.
        bandwidth: Option<i64> = "/bandwidth",
        /// The shared bandwidth; empty is none.
        bandwidth_id: Option<String> = "/bandwidthID",
        /// `standalone` or `upflowc`, with other lines `bgp_standalone` and such.
        bandwidth_type: Option<String> = "/bandwidthType",
        /// `periodic` or `on_demand`.
        billing_method: Option<String> = "/billingMethod",
        /// The carrier's line.
        line_type: Option<String> = "/lineType",
        /// The enterprise project.
        project_id: Option<String> = "/projectID",
        /// The time of its creation: RFC 3339.
        created_at: Option<String> = "/createdAt",
        /// The time of its last change: RFC 3339.
        updated_at: Option<String> = "/updatedAt",
        /// The end of its term; none, or a hundred years later, where it has no end.
        expired_at: Option<String> = "/expiredAt",
        /// All of it, with what is not known here.
        raw: Value = "",
    }
}

impl DescribedEip {
    /// Parses an EIP from a report of the cloud.
    ///
    /// # Errors
    /// If it has no id, or if another type is in the place of an object or a list.
    pub fn from_report(mut report: Value) -> Result<DescribedEip, String> {
        DescribedEip::from_json(&mut report).map_err(|misread| misread.to_string())
    }

    /// Returns the object that it is bound to, if there is one.
    pub fn bound_to(&self) -> Option<&str> {
        self.association_id.as_deref().filter(|id| !id.is_empty())
    }
}

/// One page of elastic IPs, in no order that the cloud promises.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EipPage {
    /// The elastic IPs.
    pub eips: Vec<DescribedEip>,
    /// The number of EIPs on all pages.
    pub total_count: Option<i64>,
    /// The number of pages.
    pub total_page: Option<i64>,
}

impl FromJson for EipPage {
    /// Parses a page; an absent list is an empty one.
    ///
    /// The total, and the caller, decide whether it is credible.
    fn from_json(json: &mut Value) -> Result<EipPage, ParseError> {
        object(json)?;
        Ok(EipPage {
            total_count: at(json, "/totalCount")?,
            total_page: at(json, "/totalPage")?,
            eips: at(json, "/eips")?,
        })
    }
}

answer! {
    /// The price of an elastic IP: yuan as decimal numbers, by the hour or for the term.
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    EipPrice {
        /// The list price.
        total_price: Option<String> = "/totalPrice",
        /// The discount.
        discount_price: Option<String> = "/discountPrice",
        /// The price to be paid.
        final_price: Option<String> = "/finalPrice",
        /// The parts.
        sub_orders: Vec<SubOrderPrice> = "/subOrderPrices",
    }
}

answer! {
    /// A part of a price.
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    SubOrderPrice {
        /// The service that the part belongs to.
        service_tag: Option<String> = "/serviceTag",
        /// The list price.
        total_price: Option<String> = "/totalPrice",
        /// The price to be paid.
        final_price: Option<String> = "/finalPrice",
        /// Its own parts.
        items: Vec<ItemPrice> = "/orderItemPrices",
    }
}

answer! {
    /// The smallest part of a price.
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    ItemPrice {
        /// The type of the resource.
        resource_type: Option<String> = "/resourceType",
        /// The list price.
        total_price: Option<String> = "/totalPrice",
        /// The price to be paid.
        final_price: Option<String> = "/finalPrice",
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_spelling_of_binding_is_a_transition() {
        for word in [
            "BANDING_OR_UNBANGDING",
            "BANGDING_OR_UNBANDING",
            "BINDIN_OR_UNBIND",
        ] {
            assert!(EipStatus::from(word).is_transitional(), "{word}");
        }
        assert!(!EipStatus::from("HIBERNATING").is_transitional());
        assert_eq!(EipStatus::from("HIBERNATING").as_str(), "HIBERNATING");
    }

    #[test]
    fn every_spelling_of_binding_has_the_same_words() {
        for word in [
            "BANDING_OR_UNBANGDING",
            "BANGDING_OR_UNBANDING",
            "BINDING_OR_UNBINDING",
            "BANDING_OR_UNBINDING",
        ] {
            let words = EipStatus::from(word).words().map(FixedText::en);
            assert_eq!(words, Some("binding or unbinding"), "{word}");
            let words = EipStatus::from(word).words_of_release();
            assert_eq!(words.map(FixedText::en), Some("unbinding"), "{word}");
        }
        assert_eq!(EipStatus::from("HIBERNATING").words(), None);
    }

    #[test]
    fn a_list_that_is_absent_is_empty() {
        let read = |mut json: Value| EipPage::from_json(&mut json).map(|page| page.eips);
        for none in [
            json!({ "eips": [] }),
            json!({ "eips": null }),
            json!({ "totalCount": 0 }),
            json!({}),
        ] {
            assert_eq!(read(none), Ok(Vec::new()));
        }
        assert!(read(json!({ "eips": [{ "name": "x" }] })).is_err());
    }

    #[test]
    fn a_free_eip_says_so_in_three_ways() {
        for free in [json!(null), json!("")] {
            let mut json = json!({ "ID": "eip-1", "status": "DOWN", "associationID": free });
            assert_eq!(DescribedEip::from_json(&mut json).unwrap().bound_to(), None);
        }
        let mut json = json!({ "ID": "eip-1" });
        assert_eq!(DescribedEip::from_json(&mut json).unwrap().bound_to(), None);
    }

    #[test]
    fn a_price_is_exact_whether_it_comes_as_a_number_or_as_text() {
        let mut json = json!({
            "totalPrice": 0.1, "finalPrice": 0.07, "discountPrice": 0.03,
            "subOrderPrices": [{ "serviceTag": "HWS", "orderItemPrices":
                [{ "resourceType": "EIP", "finalPrice": "0.0700" }] }],
        });
        let price = EipPrice::from_json(&mut json).unwrap();
        assert_eq!(price.final_price.as_deref(), Some("0.07"));
        let item = &price.sub_orders[0].items[0];
        assert_eq!(item.final_price.as_deref(), Some("0.0700"));
    }

    #[test]
    fn what_is_recorded_of_a_create_is_read_as_it_was_written() {
        let create = CreateEip {
            ip_address: Some("198.18.0.7".to_owned()),
            ..CreateEip::on_demand("web", 5)
        };
        let json = serde_json::to_value(&create).unwrap();
        assert_eq!(json["cycleType"], "on_demand");
        assert_eq!(serde_json::from_value::<CreateEip>(json).unwrap(), create);
    }
}
