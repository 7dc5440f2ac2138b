//! Answers of the other calls.

use serde_json::Value;

use super::lenient::{FromJson, ParseError, answer, at, object};
use super::{ContainerGroupId, DescribedGroup, Event, Secret, Status};

answer! {
    /// The answer to a create.
    #[derive(Clone, Debug, PartialEq, Eq)]
    ContainerGroupCreated {
        /// The id that the cloud gave the request.
        request_id: Option<String> = "/requestId",
        /// The id of the new group.
        container_group_id: ContainerGroupId = "/containerGroupId",
        /// The order that it is paid by.
        master_order_id: Option<String> = "/masterOrderId",
    }
}

/// The answer to a call that only confirms it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Acknowledgement {
    /// The id that the cloud gave the request.
    pub request_id: Option<String>,
}

impl Acknowledgement {
    /// Creates an acknowledgement of any object, or of none: the envelope states the success.
    pub(crate) fn of(object: &Value) -> Acknowledgement {
        let request_id = object.get("requestId").and_then(Value::as_str);
        Acknowledgement {
            request_id: request_id.map(str::to_owned),
        }
    }
}

answer! {
    /// The offer of a region.
    ///
    /// Empty lists are omitted (published client).
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    Region {
        /// The region.
        region_id: Option<String> = "/region/regionId",
        /// The names of its zones.
        zones: Vec<String> = "/region/zones",
        /// Those that the vendor recommends.
        recommend_zones: Vec<String> = "/region/recommendZones",
        /// The address of its services.
        region_endpoint: Option<String> = "/region/regionEndpoint",
    }
}

/// One page of groups.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ContainerGroupPage {
    /// The number of groups on all pages.
    pub total_count: Option<i64>,
    /// The token at the end of this page; none on the last page.
    pub next_token: Option<String>,
    /// The groups.
    pub container_groups: Vec<DescribedGroup>,
}

impl FromJson for ContainerGroupPage {
    /// Parses a page.
    ///
    /// Empty fields are omitted (raw responses that the vendor published): an absent list is an
    /// empty one.
    ///
    /// The total, and the caller, decide whether it is credible.
    fn from_json(json: &mut Value) -> Result<ContainerGroupPage, ParseError> {
        object(json)?;
        Ok(ContainerGroupPage {
            total_count: at(json, "/totalCount")?,
            next_token: token(json)?,
            container_groups: at(json, "/containerGroups")?,
        })
    }
}

/// Parses the token at the end of a page.
///
/// The last page's token is missing or empty.
fn token(json: &mut Value) -> Result<Option<String>, ParseError> {
    let token: Option<String> = at(json, "/nextToken")?;
    Ok(token.filter(|token| !token.is_empty()))
}

/// One page of statuses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StatusPage {
    /// The token at the end of this page; none on the last page.
    pub next_token: Option<String>,
    /// The statuses of the groups that there are.
    pub statuses: Vec<GroupStatus>,
}

impl FromJson for StatusPage {
    /// Parses a page.
    ///
    /// The list is `data` (published client), in older clients `containerGroups` (assumed).
    fn from_json(json: &mut Value) -> Result<StatusPage, ParseError> {
        object(json)?;
        let older = json.get("data").is_none() && json.get("containerGroups").is_some();
        let place = if older { "containerGroups" } else { "data" };
        Ok(StatusPage {
            next_token: token(json)?,
            statuses: at(json, &format!("/{place}"))?,
        })
    }
}

answer! {
    /// The status of one group.
    #[derive(Clone, Debug, PartialEq, Eq)]
    GroupStatus {
        /// The group.
        container_group_id: ContainerGroupId = "/containerGroupId",
        /// Its name.
        name: Option<String> = "/name",
        /// Its status.
        status: Status = "/status",
    }
}

/// One page of events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct EventPage {
    /// The token at the end of this page; none on the last page.
    pub next_token: Option<String>,
    /// The events of each group.
    pub data: Vec<GroupEvents>,
}

impl FromJson for EventPage {
    fn from_json(json: &mut Value) -> Result<EventPage, ParseError> {
        object(json)?;
        Ok(EventPage {
            next_token: token(json)?,
            data: at(json, "/data")?,
        })
    }
}

answer! {
    /// The events of one group.
    #[derive(Clone, Debug, PartialEq, Eq)]
    GroupEvents {
        /// The group.
        container_group_id: ContainerGroupId = "/containerGroupId",
        /// Its name.
        name: Option<String> = "/name",
        /// Its events.
        events: Vec<Event> = "/events",
    }
}

answer! {
    /// A part of a container's log.
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    ContainerLog {
        /// The id that the cloud gave the request.
        request_id: Option<String> = "/requestId",
        /// The container.
        container_name: Option<String> = "/containerName",
        /// The content of the log.
        content: String = "/content",
    }
}

answer! {
    /// A price.
    ///
    /// Amounts are decimal text, as the cloud gives them, so that nothing is lost.
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    Price {
        /// Before discounts.
        original_price: Option<String> = "/priceInfo/price/originalPrice",
        /// The discount.
        discount_price: Option<String> = "/priceInfo/price/discountPrice",
        /// The price to be paid.
        trade_price: Option<String> = "/priceInfo/price/tradePrice",
        /// The currency.
        currency: Option<String> = "/priceInfo/price/currency",
        /// The parts of the price.
        detail_infos: Vec<PriceDetail> = "/priceInfo/price/detailInfos",
    }
}

answer! {
    /// A part of a price.
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    PriceDetail {
        /// The type of the resource.
        resource_type: Option<String> = "/resourceType",
        /// Before discounts.
        original_price: Option<String> = "/originalPrice",
        /// The discount.
        discount_price: Option<String> = "/discountPrice",
        /// The price to be paid.
        trade_price: Option<String> = "/tradePrice",
    }
}

answer! {
    /// The answer to a command.
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    ExecAnswer {
        /// The URL at which to talk to the command; anyone who knows it can, so that it is a
        /// secret.
        web_socket_uri: Option<Secret> = "/webSocketUri",
        /// The output of the command, if it was awaited.
        sync_response: Option<String> = "/syncResponse",
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read<T: FromJson>(mut json: Value) -> Result<T, String> {
        T::from_json(&mut json).map_err(|misread| misread.to_string())
    }

    #[test]
    fn a_list_that_is_absent_is_empty() {
        for none in [
            json!({ "requestId": "r" }),
            json!({}),
            json!({ "containerGroups": [] }),
            json!({ "containerGroups": null }),
            json!({ "totalCount": "0" }),
        ] {
            let page: ContainerGroupPage = read(none.clone()).unwrap();
            assert_eq!(page.container_groups, []);
            assert_eq!(read::<StatusPage>(none.clone()).unwrap().statuses, []);
            assert_eq!(read::<EventPage>(none).unwrap().data, []);
        }
        let counted: ContainerGroupPage = read(json!({ "totalCount": 3 })).unwrap();
        assert_eq!(counted.total_count, Some(3));
        assert!(read::<ContainerGroupPage>(json!([])).is_err());
        let odd =
            read::<ContainerGroupPage>(json!({ "containerGroups": [{ "status": "Running" }] }));
        assert_eq!(
            odd.unwrap_err(),
            "containerGroups[0].containerGroupId: missing container group ID"
        );
    }

    #[test]
    fn the_last_page_has_no_token() {
        let token = |json| read::<ContainerGroupPage>(json).unwrap().next_token;
        assert_eq!(
            token(json!({ "containerGroups": [], "nextToken": "" })),
            None
        );
        assert_eq!(
            token(json!({ "containerGroups": [], "nextToken": 20 })),
            Some("20".to_owned())
        );
    }

    #[test]
    fn statuses_are_found_under_either_name() {
        for name in ["data", "containerGroups"] {
            let page: StatusPage =
                read(json!({ name: [{ "containerGroupId": "eci-1", "status": "Pending" }] }))
                    .unwrap();
            assert_eq!(page.statuses[0].status, Status::Pending);
        }
    }

    #[test]
    fn a_price_is_read_from_its_depth() {
        let price: Price = read(json!({ "priceInfo": { "price": {
            "tradePrice": "0.5300", "currency": "CNY",
            "detailInfos": [{ "resourceType": "cpu", "tradePrice": 0.26 }],
        }}}))
        .unwrap();
        assert_eq!(price.trade_price.as_deref(), Some("0.5300"));
        assert_eq!(price.detail_infos[0].trade_price.as_deref(), Some("0.26"));
    }

    #[test]
    fn the_way_into_a_command_is_secret() {
        let answer: ExecAnswer = read(json!({ "webSocketUri": "wss://x?token=hunter2" })).unwrap();
        assert!(!format!("{answer:?}").contains("hunter2"));
    }
}
