//! Lists that come in pages, and those that are not what they say.

use serde_json::{Value, json};

use super::server::{Server, ServerAction};
use super::*;
use crate::api::{Api as _, DiskApi as _, EipApi as _, MOST_IDS};
use crate::types::{
    ClientToken, ContainerGroupFilter, ContainerGroupId, DiskFilter, EipFilter, EipId, GroupIds,
};
use crate::{CallError, CallErrorKind, CallOutcome};

fn answering(status: i64, objects: impl IntoIterator<Item = Value>) -> (Server, Client) {
    let actions = objects.into_iter().map(|object| {
        let body = json!({ "statusCode": status, "returnObj": object });
        ServerAction::ok(&body.to_string())
    });
    let server = Server::that(actions);
    let client = Client::new(ClientConfig {
        body_limit: 100_000,
        ..config(&server.endpoint)
    });
    (server, client.unwrap())
}

fn groups(ids: std::ops::Range<usize>) -> Vec<Value> {
    let group = |id| json!({ "containerGroupId": format!("eci-{id}") });
    ids.map(group).collect()
}

async fn listed(pages: impl IntoIterator<Item = Value>) -> Result<Vec<String>, CallError> {
    let (_, client) = answering(200, pages);
    let all = ContainerGroupFilter::default();
    let ids = client.list_container_groups(&all).await?.into_iter();
    Ok(ids.map(|it| it.container_group_id.to_string()).collect())
}

fn incomplete<T: std::fmt::Debug>(listed: Result<T, CallError>) -> String {
    let error = listed.unwrap_err();
    let kind = matches!(error.kind(), CallErrorKind::Incomplete { .. });
    assert!(kind && error.is_transient(), "{error}");
    error.to_string()
}

#[tokio::test]
async fn a_list_with_fewer_items_than_it_counts_is_an_error() {
    let twice = [groups(0..1), groups(0..1)].concat();
    for page in [
        json!({ "totalCount": 2 }),
        json!({ "totalCount": 2, "containerGroups": null }),
        json!({ "totalCount": 2, "containerGroups": [] }),
        json!({ "totalCount": 2, "containerGroups": groups(0..1) }),
        // The same row twice is one.
        json!({ "totalCount": 2, "containerGroups": twice }),
        json!({ "totalCount": 45, "containerGroups": groups(0..20) }),
        // Nothing says that the full page is the last one.
        json!({ "containerGroups": groups(0..20) }),
    ] {
        let message = incomplete(listed([page.clone()]).await);
        let begin = "describeContainerGroups returned an incomplete list: ";
        assert!(message.starts_with(begin), "{message} {page}");
    }
}

#[tokio::test]
async fn a_list_that_is_as_long_as_it_counts_is_read_once_each() {
    let first = json!({ "totalCount": 25, "nextToken": "t", "containerGroups": groups(0..20) });
    let second = json!({ "totalCount": 25, "containerGroups": groups(18..25) });
    assert_eq!(listed([first.clone(), second]).await.unwrap().len(), 25);
    // One was deleted after it was read: the last page counts.
    let second = json!({ "totalCount": 24, "containerGroups": groups(20..25) });
    assert_eq!(listed([first, second]).await.unwrap().len(), 25);
    assert_eq!(
        listed([json!({ "requestId": "r" })]).await.unwrap().len(),
        0
    );
}

#[tokio::test]
async fn numbered_pages_that_are_capped_are_followed_to_the_end() {
    let disks = |ids: std::ops::Range<usize>, pages: i64| {
        let disks: Vec<Value> = ids
            .map(|id| json!({ "diskID": format!("d{id}") }))
            .collect();
        json!({ "diskList": disks, "totalCount": 25, "totalPage": pages })
    };
    // The number of pages follows from the requested size.
    let (server, client) = answering(800, [disks(0..20, 1), disks(20..25, 1)]);
    let read = client.list_all_disks(&DiskFilter::default()).await.unwrap();
    assert_eq!((read.len(), server.requests().len()), (25, 2));
    let (_, client) = answering(800, [disks(0..20, 1), disks(0..20, 1)]);
    incomplete(client.list_all_disks(&DiskFilter::default()).await);
    let eips = json!({ "totalCount": 2, "totalPage": 1 });
    let (_, client) = answering(800, [eips]);
    incomplete(client.list_all_eips(&EipFilter::default()).await);
}

#[tokio::test]
async fn no_query_names_more_ids_than_the_cloud_is_known_to_take() {
    let ids = |count: usize| (0..count).map(|id| format!("eci-{id}"));
    let named: Vec<ContainerGroupId> = ids(45)
        .map(|id| ContainerGroupId::new(id).unwrap())
        .collect();
    let (server, client) = answering(200, [json!({})]);
    let filter = ContainerGroupFilter {
        container_group_ids: named.clone(),
        ..ContainerGroupFilter::default()
    };
    client.list_container_groups(&filter).await.unwrap();
    let counts = server.requests().into_iter().map(|request| {
        let body: Value = serde_json::from_str(&request.body).unwrap();
        body["containerGroupIds"]
            .as_str()
            .unwrap()
            .split(',')
            .count()
    });
    assert_eq!(counts.collect::<Vec<_>>(), [MOST_IDS, MOST_IDS, 5]);
    let eips: Vec<EipId> = (0..45)
        .map(|id| EipId::new(format!("eip-{id}")).unwrap())
        .collect();
    let of_eips = EipFilter {
        ids: eips.clone(),
        ..EipFilter::default()
    };
    let (server, other) = answering(800, [json!({})]);
    other.list_all_eips(&of_eips).await.unwrap();
    assert_eq!(server.requests().len(), 3);
    let token = ClientToken::random();
    for refused in [
        client.describe_container_groups(&filter).await.map(drop),
        client
            .describe_container_group_status(&GroupIds::new(named.clone()))
            .await
            .map(drop),
        client
            .describe_container_group_event(&GroupIds::new(named))
            .await
            .map(drop),
        client.list_eips(&token, &of_eips).await.map(drop),
    ] {
        let error = refused.unwrap_err();
        assert!(
            matches!(error.kind(), CallErrorKind::NotSent { .. }),
            "{error}"
        );
        assert_eq!(error.outcome(), CallOutcome::NotDone);
    }
}
