//! Handlers of the calls of container groups.

mod container_output;
mod pagination;
mod price;
mod report;

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::engine::api_behavior::ApiBehavior;
use crate::engine::cloud::Engine;
use crate::engine::faults::ListFault;
use crate::handlers::query;
use crate::model::DiskGrowth;
use crate::model::change::{Actor, ChangeKind};
use crate::model::clock::Timing;
use crate::model::group_error::GroupApiError;
use crate::model::lifecycle::ContainerState;
use crate::model::operation::ApiOperation;
use crate::model::request::{
    DESCRIBE_MANY, EVENTS, EXEC, IDS, NOTHING, PRICE, RESIZE, accept_create, conform, is_set,
    objects, text, texts, whole,
};
use crate::model::{Filter, Group, GroupPage, Identity, Realm, Term};
use crate::storage::database::PendingWrite;
use container_output::Excerpt;

/// A call that is believed.
#[derive(Debug)]
pub(crate) struct GroupCall<'a> {
    pub(crate) operation: ApiOperation,
    /// The id in the path, where it has one.
    pub(crate) id: &'a str,
    pub(crate) query: &'a str,
    pub(crate) realm: Realm,
    /// The zones of the region, as far as they are known.
    pub(crate) zones: &'a [String],
    /// Whether groups are described as they were before their latest changes.
    pub(crate) stale: bool,
    /// The distortion of the answer, if it is a list.
    pub(crate) lie: ListFault,
    pub(crate) request_id: &'a str,
    pub(crate) api_behavior: &'a ApiBehavior,
    pub(crate) body: Map<String, Value>,
}

type ReturnObject = Map<String, Value>;
type Change = Result<(Arc<Group>, PendingWrite), GroupApiError>;

/// Returns the `returnObj` of a call.
///
/// Its changes are on disk.
pub(crate) async fn answer(
    cloud: &Engine,
    call: GroupCall<'_>,
) -> Result<ReturnObject, GroupApiError> {
    let request_id = call.request_id;
    let mut returned = match call.operation {
        ApiOperation::Create => created(kept(create(cloud, call)).await?),
        ApiOperation::Update => changed(kept(update(cloud, call)).await?),
        ApiOperation::Restart => changed(kept(restart(cloud, call)).await?),
        ApiOperation::Delete => changed(kept(delete(cloud, call)).await?),
        ApiOperation::ResizeVolume => changed(kept(resize_volume(cloud, call)).await?),
        ApiOperation::Describe => describe(cloud, &call)?,
        ApiOperation::DescribeMany => describe_many(cloud, call)?,
        ApiOperation::Status => status(cloud, call)?,
        ApiOperation::Events => events(cloud, call)?,
        ApiOperation::Log => log(cloud, &call)?,
        ApiOperation::Price => priced(call)?,
        ApiOperation::Exec => exec(cloud, call)?,
        ApiOperation::Region => region(&call)?,
        // The server hands all others to the services that they are calls of.
        _ => return Err(GroupApiError::internal()),
    };
    returned.insert("requestId".to_owned(), json!(request_id));
    Ok(returned)
}

/// Waits until a change is on disk.
///
/// If it cannot be written, what the client hears is that the outcome is unknown.
async fn kept(change: Change) -> Result<Arc<Group>, GroupApiError> {
    let (group, pending) = change?;
    pending
        .written()
        .await
        .map_err(|_| GroupApiError::internal())?;
    Ok(group)
}

fn create(cloud: &Engine, call: GroupCall<'_>) -> Change {
    let spec = accept_create(call.body)?;
    let identity = Identity::random();
    cloud.change(ChangeKind::Create, Actor::Client, |world, at| {
        world.create(call.realm, identity, spec, at)
    })
}

fn created(group: Arc<Group>) -> ReturnObject {
    let mut returned = changed(Arc::clone(&group));
    returned.insert("masterOrderId".to_owned(), json!(group.identity.order));
    returned
}

fn changed(group: Arc<Group>) -> ReturnObject {
    fields([("containerGroupId", json!(group.id))])
}

fn update(cloud: &Engine, call: GroupCall<'_>) -> Change {
    cloud.change(ChangeKind::Update, Actor::Client, |world, at| {
        world.update(&call.realm, call.id, call.body, at)
    })
}

fn restart(cloud: &Engine, call: GroupCall<'_>) -> Change {
    conform(&NOTHING, call.body)?;
    cloud.change(ChangeKind::Restart, Actor::Client, |world, at| {
        world.restart(&call.realm, call.id, at)
    })
}

fn delete(cloud: &Engine, call: GroupCall<'_>) -> Change {
    let pairs = query::pairs(call.query);
    let body = conform(&NOTHING, call.body)?;
    let force = flag(&pairs, "force")? || is_set(&body, "force");
    cloud.change(ChangeKind::Delete, Actor::Client, |world, at| {
        world.delete(&call.realm, call.id, force, at)
    })
}

fn resize_volume(cloud: &Engine, call: GroupCall<'_>) -> Change {
    let body = conform(&RESIZE, call.body)?;
    let growth = DiskGrowth {
        volume: text(&body, "volumeName"),
        disk: text(&body, "volumeHandle"),
        size: whole(&body, "newSize").unwrap_or(0),
    };
    cloud.change(ChangeKind::Resize, Actor::Client, |world, at| {
        world.grow_disk(&call.realm, text(&body, "containerGroupId"), growth, at)
    })
}

fn describe(cloud: &Engine, call: &GroupCall<'_>) -> Result<ReturnObject, GroupApiError> {
    let (group, Timing { now, scale }) = found(cloud, &call.realm, call.id)?;
    let group = version(cloud, &group, call.stale);
    Ok(report::group(&group, now, scale))
}

fn describe_many(cloud: &Engine, call: GroupCall<'_>) -> Result<ReturnObject, GroupApiError> {
    let body = conform(&DESCRIBE_MANY, call.body)?;
    let mut filter = filter(&body, call.api_behavior)?;
    for (field, term) in [
        ("containerGroupName", Term::Name as fn(String) -> Term),
        ("epId", Term::Project),
    ] {
        let value = text(&body, field);
        if !value.is_empty() {
            filter.terms.push(term(value.to_owned()));
        }
    }
    for tag in objects(&body, "tags") {
        let key = text(tag, "key").to_owned();
        filter.terms.push(if tag.contains_key("value") {
            Term::Tag(key, text(tag, "value").to_owned())
        } else {
            Term::TagKey(key)
        });
    }
    let status = text(&body, "status");
    filter.status = (!status.is_empty()).then(|| status.to_owned());
    let (mut page, Timing { now, scale }) = cloud.look_back(call.lie.age, |world, at| {
        (world.page(&call.realm, &filter, at), at)
    });
    call.lie.distort(&mut page.groups);
    let groups = page.groups.iter();
    let groups = groups.map(|group| {
        let group = version(cloud, group, call.stale);
        Value::Object(report::group(&group, now, scale))
    });
    Ok(paged(&page, "containerGroups", groups.collect()))
}

fn status(cloud: &Engine, call: GroupCall<'_>) -> Result<ReturnObject, GroupApiError> {
    let body = conform(&IDS, call.body)?;
    let filter = filter(&body, call.api_behavior)?;
    if filter.ids.is_empty() {
        return Err(GroupApiError::invalid(
            "containerGroupIds must not be empty",
        ));
    }
    let (page, Timing { now, scale }) = look_up(cloud, &call.realm, &filter);
    let reports = page.groups.iter().map(|group| {
        json!({
            "containerGroupId": group.id,
            "name": group.name(),
            "status": group.phase(now, scale).status,
        })
    });
    Ok(paged(&page, "data", reports.collect()))
}

fn events(cloud: &Engine, call: GroupCall<'_>) -> Result<ReturnObject, GroupApiError> {
    let body = conform(&EVENTS, call.body)?;
    let (page, Timing { now, scale }) =
        look_up(cloud, &call.realm, &filter(&body, call.api_behavior)?);
    let reports = page.groups.iter().map(|group| {
        json!({
            "containerGroupId": group.id,
            "name": group.name(),
            "events": report::events(group, now, scale),
        })
    });
    Ok(paged(&page, "data", reports.collect()))
}

fn log(cloud: &Engine, call: &GroupCall<'_>) -> Result<ReturnObject, GroupApiError> {
    let pairs = query::pairs(call.query);
    let excerpt = Excerpt {
        tail: number(&pairs, "tail")?,
        previous: flag(&pairs, "previous")?,
        since_seconds: number(&pairs, "sinceSeconds")?,
        start_time: parsed(&pairs, "startTime", "a time such as 2026-01-01T00:00:00Z")?,
        limit_bytes: number(&pairs, "limitBytes")?,
        timestamps: flag(&pairs, "timestamps")?,
    };
    let name = query::value(&pairs, "containerName").unwrap_or("");
    let (group, Timing { now, scale }) = found(cloud, &call.realm, call.id)?;
    let (container, view) = container_output::container(&group, name, now, scale)?;
    Ok(fields([
        ("containerName", json!(text(container, "name"))),
        (
            "content",
            json!(container_output::log(container, &view, &excerpt, now)?),
        ),
    ]))
}

fn priced(call: GroupCall<'_>) -> Result<ReturnObject, GroupApiError> {
    let body = conform(&PRICE, call.body)?;
    Ok(fields([("priceInfo", price::price_info(&body)?)]))
}

/// Returns the region in the header; the query may name it too.
///
/// Empty lists are left out.
fn region(call: &GroupCall<'_>) -> Result<ReturnObject, GroupApiError> {
    let region = &call.realm.region;
    let pairs = query::pairs(call.query);
    if let Some(other) = query::value(&pairs, "regionId").filter(|given| given != region) {
        return Err(GroupApiError::bad_request(format!(
            "regionId is {region:?} in the header and {other:?} in the query"
        )));
    }
    let mut region_fields = fields([("regionId", json!(region))]);
    if let Some(first) = call.zones.first() {
        region_fields.insert("zones".to_owned(), json!(call.zones));
        region_fields.insert("recommendZones".to_owned(), json!([first]));
    }
    Ok(fields([("region", Value::Object(region_fields))]))
}

fn exec(cloud: &Engine, call: GroupCall<'_>) -> Result<ReturnObject, GroupApiError> {
    let body = conform(&EXEC, call.body)?;
    if !is_set(&body, "sync") {
        return Err(GroupApiError::invalid(
            "the sandbox has no terminal: call with sync true, and the answer holds the output",
        ));
    }
    let id = text(&body, "containerGroupId");
    let (group, Timing { now, scale }) = found(cloud, &call.realm, id)?;
    let name = text(&body, "containerName");
    let (container, view) = container_output::container(&group, name, now, scale)?;
    if !matches!(view.standing, ContainerState::Running(_)) {
        return Err(GroupApiError::conflict(format!(
            "container {name} of {id} is not running"
        )));
    }
    let command: Vec<&str> = texts(&body, "command").collect();
    Ok(fields([
        ("webSocketUri", json!("")),
        (
            "syncResponse",
            json!(container_output::exec(&group, container, &command)),
        ),
    ]))
}

fn found(cloud: &Engine, realm: &Realm, id: &str) -> Result<(Arc<Group>, Timing), GroupApiError> {
    cloud.read(|world, at| Ok((Arc::clone(world.find(realm, id)?), at)))
}

/// Returns the present group, or the one before its latest change.
fn version(cloud: &Engine, group: &Arc<Group>, stale: bool) -> Arc<Group> {
    if stale {
        cloud.read(|world, _| Arc::clone(world.before_change(group)))
    } else {
        Arc::clone(group)
    }
}

fn look_up(cloud: &Engine, realm: &Realm, filter: &Filter) -> (GroupPage, Timing) {
    cloud.read(|world, at| (world.page(realm, filter, at), at))
}

/// Returns the filter of IDs and page, which all calls for many groups have.
fn filter(body: &Map<String, Value>, behavior: &ApiBehavior) -> Result<Filter, GroupApiError> {
    let ids = text(body, "containerGroupIds").split(',').map(str::trim);
    Ok(Filter {
        ids: ids.filter(|id| !id.is_empty()).map(str::to_owned).collect(),
        limit: pagination::limit(body, behavior)?,
        after: pagination::after(body)?,
        ..Filter::default()
    })
}

fn paged(page: &GroupPage, name: &'static str, reports: Vec<Value>) -> ReturnObject {
    let mut returned = fields([
        ("totalCount", json!(page.total)),
        (name, Value::Array(reports)),
    ]);
    // The last page has no token.
    if let Some(last) = page.next {
        returned.insert("nextToken".to_owned(), json!(pagination::token(last)));
    }
    returned
}

fn fields<const N: usize>(fields: [(&str, Value); N]) -> ReturnObject {
    fields
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

type Pairs = [(String, String)];

fn flag(pairs: &Pairs, name: &str) -> Result<bool, GroupApiError> {
    Ok(parsed(pairs, name, "true or false")?.unwrap_or(false))
}

fn number<T: std::str::FromStr>(pairs: &Pairs, name: &str) -> Result<Option<T>, GroupApiError> {
    parsed(pairs, name, "an integer of 0 or more")
}

/// Parses a parameter, if it is given and not empty.
fn parsed<T: std::str::FromStr>(
    pairs: &Pairs,
    name: &str,
    form: &str,
) -> Result<Option<T>, GroupApiError> {
    let given = query::value(pairs, name).filter(|given| !given.is_empty());
    given
        .map(|given| {
            given.parse().map_err(|_| {
                GroupApiError::bad_request(format!("{name} must be {form}, found {given:?}"))
            })
        })
        .transpose()
}
