//! The requests that make and change a group of some attributes.

use std::collections::BTreeSet;

use eci_api::types::{
    ContainerGroupId, CreateContainerGroup, InvalidId, RequestSecrets, UpdateContainerGroup,
};
use eci_core::kinds::CONTAINER_GROUP;
use eci_core::redactor::secrets;
use eci_core::schema::Type;
use eci_core::{Map, OperationTag};
use eci_text::{In, Lang, Text, messages};
use serde_json::{Value as Json, json};

use crate::wire::{EncodeError, encode};

/// An error of building a request.
#[derive(Clone, Debug, thiserror::Error)]
pub enum RequestError {
    /// An attribute has no form on the wire.
    Attribute(EncodeError),
    /// The descriptions of the fields and the API's types contradict each other: a defect of
    /// this program.
    Form(Text),
    /// The state has an invalid ID.
    Id(InvalidId),
}

impl From<EncodeError> for RequestError {
    fn from(error: EncodeError) -> RequestError {
        RequestError::Attribute(error)
    }
}

impl From<InvalidId> for RequestError {
    fn from(error: InvalidId) -> RequestError {
        RequestError::Id(error)
    }
}

messages! { RequestError:
    RequestError::Attribute(error) => en("{error}"), zh("{}", In(error, Lang::Zh));
    RequestError::Form(detail) =>
        en("the request does not have the form of the API: {detail}"),
        zh("请求不符合 API 的格式：{}", detail.get(Lang::Zh));
    RequestError::Id(error) => en("{error}"), zh("{}", In(error, Lang::Zh));
}

/// Returns the body that creates a group of these attributes, with the operation tag among its
/// tags.
///
/// # Errors
/// If an attribute is unknown, or only its digest is left.
pub(crate) fn create_body(attributes: &Map, operation: &OperationTag) -> Result<Json, EncodeError> {
    let mut body = encode(&CONTAINER_GROUP, attributes)?;
    add_tag(&mut body, operation);
    Ok(body)
}

fn add_tag(body: &mut Json, operation: &OperationTag) {
    let ours = json!({ "key": OperationTag::KEY, "value": operation.as_str() });
    match body.get_mut("tags").and_then(Json::as_array_mut) {
        Some(tags) => tags.push(ours),
        None => body["tags"] = json!([ours]),
    }
}

/// Returns the request that creates a group of these attributes.
///
/// # Errors
/// If an attribute is unknown, or only its digest is left.
pub fn create_request(
    attributes: &Map,
    operation: &OperationTag,
) -> Result<CreateContainerGroup, RequestError> {
    let mut request: CreateContainerGroup = read_as(create_body(attributes, operation)?)?;
    request.hidden = hidden(attributes);
    Ok(request)
}

/// Returns the values that are marked as sensitive, as texts.
pub(crate) fn hidden(attributes: &Map) -> RequestSecrets {
    RequestSecrets::new(secrets(attributes))
}

/// Returns the request that changes these top-level attributes to their present values; an
/// attribute that is no longer set is emptied. `None` if they are all never sent.
///
/// # Errors
/// As [`create_request`].
pub fn update_request(
    attributes: &Map,
    changed: &BTreeSet<&str>,
    operation: Option<&OperationTag>,
) -> Result<Option<UpdateContainerGroup>, RequestError> {
    let some: Map = attributes
        .iter()
        .filter(|(name, _)| changed.contains(&***name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let mut body = encode(&CONTAINER_GROUP, &some)?;
    for name in changed.iter().filter(|name| !some.contains_key(**name)) {
        let field = CONTAINER_GROUP.field(name, attributes);
        if let Some((place, ty)) = field.and_then(|field| Some((field.request_path?, &field.ty))) {
            body[place] = empty(ty);
        }
    }
    if let (true, Some(operation)) = (changed.contains("tags"), operation) {
        add_tag(&mut body, operation);
    }
    if body.as_object().is_some_and(|body| body.is_empty()) {
        return Ok(None);
    }
    let mut request: UpdateContainerGroup = read_as(body)?;
    request.hidden = hidden(&some);
    Ok(Some(request))
}

/// Returns the value that removes an attribute: an update leaves absent attributes alone.
fn empty(ty: &Type) -> Json {
    match ty {
        Type::List(_) | Type::Objects(..) | Type::Table(..) => json!([]),
        _ => json!({}),
    }
}

pub(crate) fn read_as<T: serde::de::DeserializeOwned>(body: Json) -> Result<T, RequestError> {
    serde_json::from_value(body).map_err(|error| RequestError::Form(Text::of(&error)))
}

/// Parses an ID of the state.
///
/// # Errors
/// If it is none.
pub fn group_id(id: &str) -> Result<ContainerGroupId, RequestError> {
    Ok(ContainerGroupId::new(id)?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use eci_api::types::Secret;
    use eci_core::Value;

    use super::*;
    use eci_api::FieldNames;

    fn operation() -> OperationTag {
        OperationTag::from_recorded("lineage.op1")
    }

    fn container() -> Value {
        Value::list(vec![Value::from([("name", "web"), ("image", "nginx")])])
    }

    fn update(attributes: Map, changed: &[&str]) -> Json {
        let changed = changed.iter().copied().collect();
        let request = update_request(&attributes, &changed, Some(&operation()));
        request
            .unwrap()
            .unwrap()
            .body(FieldNames::Documented)
            .unwrap()
    }

    #[test]
    fn an_update_sends_what_changed_and_nothing_else() {
        let attributes = Map::from_iter([
            ("containers".into(), container()),
            ("vpc_id".into(), Value::from("vpc-1")),
        ]);
        let sent = update(attributes, &["containers"]);
        assert_eq!(
            sent,
            json!({"containers": [{"name": "web", "image": "nginx"}]})
        );
    }

    #[test]
    fn our_tag_stays_when_tags_change_or_go() {
        let ours = json!({"key": "eci:operation", "value": "lineage.op1"});
        let tags = Map::from_iter([("tags".into(), Value::from([("a", "b")]))]);
        let sent = update(tags, &["tags"]);
        assert_eq!(sent, json!({"tags": [{"key": "a", "value": "b"}, ours]}));
        assert_eq!(update(Map::new(), &["tags"]), json!({"tags": [ours]}));
    }

    #[test]
    fn sensitive_values_are_hidden_in_reports_of_the_answer() {
        let secret = Value::from([("a", Value::from("hunter2").into_sensitive())]);
        let tags = Map::from_iter([("tags".into(), secret), ("name".into(), Value::from("web"))]);
        let changed = BTreeSet::from(["tags"]);
        let request = update_request(&tags, &changed, None).unwrap().unwrap();
        assert_eq!(
            request.hidden,
            RequestSecrets::new([Secret::new("hunter2")])
        );
    }

    #[test]
    fn what_is_no_longer_there_is_emptied() {
        let removed = ["volumes", "eip", "dns_config", "image_registry_credentials"];
        let expected = json!({
            "volumes": [], "eip": {}, "dnsConfig": {}, "imageRegistryCredentials": [],
        });
        assert_eq!(update(Map::new(), &removed), expected);
    }

    #[test]
    fn an_attribute_that_is_never_sent_makes_no_request() {
        let attributes = Map::from_iter([("wait".into(), Value::from("running"))]);
        let changed = BTreeSet::from(["wait"]);
        assert_eq!(update_request(&attributes, &changed, None).unwrap(), None);
    }
}
