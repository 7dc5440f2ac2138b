//! A group as the cloud reports it, in terms of its attributes.

use std::sync::Arc;

use eci_api::Status;
use eci_api::types::DescribedGroup;
use eci_core::kinds::CONTAINER_GROUP;
use eci_core::{Map, OperationTag, Value};

use crate::wire::decode;

/// A group as the cloud reports it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ObservedGroup {
    /// The cloud's id.
    pub id: String,
    /// Its status.
    pub status: Status,
    /// Its attributes in normal form, read-only ones included, without the operation tag.
    /// Secrets that the cloud reports are in clear.
    pub attributes: Map,
    /// The tag of the create that created it, if it carries one.
    pub operation: Option<OperationTag>,
    /// The cloud's description of the group without its report, which is in the attributes.
    pub group: DescribedGroup,
}

/// The attribute that only the answer to a create contains.
const ORDER_ID: &str = "order_id";

impl ObservedGroup {
    pub(crate) fn new(mut group: DescribedGroup) -> ObservedGroup {
        // It is by far the largest part, and of no further use.
        let report = std::mem::take(&mut group.raw);
        let mut attributes = match decode(&CONTAINER_GROUP, &report) {
            Value::Map(attributes) => Arc::unwrap_or_clone(attributes),
            _ => Map::new(),
        };
        let operation = take_operation(&mut attributes);
        ObservedGroup {
            id: group.container_group_id.to_string(),
            status: group.status.clone(),
            attributes,
            operation,
            group,
        }
    }

    /// Returns the attributes, completed with those that only an earlier answer had.
    #[must_use]
    pub fn attributes_with_prior(&self, before: &Map) -> Map {
        let mut attributes = self.attributes.clone();
        ObservedGroup::add_order(&mut attributes, before);
        attributes
    }

    /// Adds to attributes what only the answer to the create contained.
    pub(crate) fn add_order(attributes: &mut Map, before: &Map) {
        if let Some(order) = before.get(ORDER_ID) {
            attributes.entry(ORDER_ID.into()).or_insert(order.clone());
        }
    }
}

/// Returns the known attributes of a group that was just created.
pub(crate) fn initial_attributes(id: &str, order: Option<&str>) -> Map {
    let mut attributes = Map::from_iter([("id".into(), Value::from(id))]);
    if let Some(order) = order.filter(|order| !order.is_empty()) {
        attributes.insert(ORDER_ID.into(), Value::from(order));
    }
    attributes
}

fn take_operation(attributes: &mut Map) -> Option<OperationTag> {
    let Value::Map(tags) = attributes.get("tags")? else {
        return None;
    };
    let operation = tags.get(OperationTag::KEY)?.as_str()?.to_owned();
    let mut tags = (**tags).clone();
    tags.remove(OperationTag::KEY);
    if tags.is_empty() {
        attributes.remove("tags");
    } else {
        attributes.insert("tags".into(), Value::map(tags));
    }
    Some(OperationTag::from_recorded(operation))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_operation_tag_is_separated_from_the_tags_of_the_user() {
        let report = |tags| {
            let report = json!({"containerGroupId": "eci-1", "status": "Running", "tags": tags});
            ObservedGroup::new(DescribedGroup::from_report(report).unwrap())
        };
        let ours = json!({"key": "eci:operation", "value": "l.1"});
        let both = report(json!([{"key": "a", "value": "b"}, ours]));
        assert_eq!(both.operation, Some(OperationTag::from_recorded("l.1")));
        assert_eq!(both.attributes[&"tags".into()], Value::from([("a", "b")]));
        assert!(!report(json!([ours])).attributes.contains_key("tags"));
        assert_eq!(report(json!([])).operation, None);
    }

    #[test]
    fn the_order_id_of_the_create_is_kept() {
        let report = json!({"containerGroupId": "eci-1", "status": "Running"});
        let group = ObservedGroup::new(DescribedGroup::from_report(report).unwrap());
        let before = initial_attributes("eci-1", Some("order-1"));
        assert_eq!(
            group.attributes_with_prior(&before)[&"order_id".into()],
            Value::from("order-1")
        );
    }
}
