//! The example of the API reference, from the manifest to the request.

#![allow(clippy::unwrap_used)]

use eci_core::OperationTag;
use eci_tests::{Cloud, Project, vendor_page};
use serde_json::Value;

/// The body at the end of the page of the API reference.
fn body() -> Value {
    serde_json::from_str(include_str!("../../data/vendor-body.json")).unwrap()
}

/// Takes our tag out of a body, and gives it.
#[track_caller]
fn take_operation_tag(body: &mut Value) -> String {
    let tags = body["tags"].as_array_mut().unwrap();
    let at = tags.iter().position(|tag| tag["key"] == OperationTag::KEY);
    let tag = tags.remove(at.expect("each create carries an operation tag"));
    tag["value"].as_str().unwrap().to_owned()
}

#[test]
fn the_body_that_is_compared_with_is_the_pages() {
    assert_eq!(body(), vendor_page::example(vendor_page::PAGE));
}

#[test]
fn the_vendors_example_is_sent_as_the_page_has_it_but_for_our_tag() {
    let (project, cloud) = (Project::example("vendor"), Cloud::start());
    project.apply(&cloud).run().exits(0);

    let bodies = cloud.bodies("createContainerGroup");
    let [mut sent] = <[Value; 1]>::try_from(bodies).unwrap();
    let tag = take_operation_tag(&mut sent);
    assert!(!tag.is_empty());
    assert_eq!(sent, body());
}

#[test]
fn the_ids_of_the_answer_are_in_the_state() {
    let (project, cloud) = (Project::example("vendor"), Cloud::start());
    project.apply(&cloud).run().exits(0);

    let reported = cloud.groups().remove(0);
    let text: Value = serde_json::from_str(&project.read("state/state.json")).unwrap();
    let group = &text["state"]["resources"]["container_group.cg-test"];
    assert_eq!(group["id"], reported["containerGroupId"], "{text:#}");
    assert_eq!(group["observed"]["id"], reported["containerGroupId"]);
    // Only the answer of the create has the order that created the group.
    assert_eq!(group["observed"]["order_id"], reported["prodInstId"]);
    let tag = reported["tags"].as_array().unwrap();
    let tag = tag.iter().find(|tag| tag["key"] == OperationTag::KEY);
    assert_eq!(group["operation"], tag.unwrap()["value"]);
}
