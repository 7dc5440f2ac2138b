//! Taking EIPs and disks from a container group ahead of its own change.

use eci_api::Outcome;
use eci_api::types::{ContainerGroupId, UpdateContainerGroup};
use eci_core::{Map, Value};
use eci_planner::attachment::{Attachable, detached_attributes, without, without_volumes};
use eci_provider::{Cloud, Look, SendError, ThingId, update_request};
use eci_state::crash;
use tokio::time::Instant;

use crate::problem::Problem;
use crate::work::{Finish, Work};

/// The statuses in which a group is being changed (API reference).
const CHANGING: [&str; 2] = ["Updating", "Restarting"];

/// What is taken from a group.
pub(crate) struct Detach {
    /// The EIP and the disks.
    pub(crate) objects: Vec<Attachable>,
    /// What the group was last asked to be, secrets as digests.
    pub(crate) applied: Map,
}

impl<A: Cloud> Work<A> {
    /// Takes objects from a group by one update, and waits until they are free.
    pub(crate) async fn detach(self, id: ContainerGroupId, detach: Detach) -> Finish {
        let group = ThingId::Group(id.clone());
        let request = match self.detach_request(&group, &detach).await {
            Ok(Some(request)) => request,
            // It is gone, or has nothing: the objects are free.
            Ok(None) => return Finish::Unbound,
            Err(problem) => return Finish::NotDone(problem),
        };
        let answer = self.provider.update(&id, &request).await;
        crash::point("detach-answered");
        match answer {
            Ok(()) => self.free_after(&group, &detach.objects).await,
            Err(error) if error.outcome() == Outcome::NotDone => {
                Finish::NotDone(Problem::Call(error))
            }
            Err(error) => Finish::Unknown(Problem::Call(error)),
        }
    }

    /// Puts the request together. An update sends whole lists, also the secrets in them, of
    /// which the state has digests only: those are taken from what the group reports now.
    async fn detach_request(
        &self,
        group: &ThingId,
        detach: &Detach,
    ) -> Result<Option<UpdateContainerGroup>, Problem> {
        let changed = detached_attributes(&detach.objects).into_iter().collect();
        let mut left = without(&detach.applied, &detach.objects);
        if detach.objects.iter().any(Attachable::is_disk) {
            let Some(look) = self.provider.look(group).await.map_err(Problem::Call)? else {
                return Ok(None);
            };
            left = revealed(&left, &look.attributes);
        }
        update_request(&left, &changed, None).map_err(|error| match error {
            SendError::Attribute(error) => Problem::NotSendable(error),
            other => Problem::Broken(other.to_string()),
        })
    }

    /// Waits until the group is at rest and nothing has the objects any more. What does not show
    /// that in time is left to the task that needs it: its call is refused as long as it must be.
    async fn free_after(&self, group: &ThingId, objects: &[Attachable]) -> Finish {
        let start = Instant::now();
        let mut pause = self.poll.0;
        let limit = self.visible_within.min(self.limit);
        loop {
            let look = match self.provider.look(group).await {
                Ok(Some(look)) => look,
                Ok(None) => return Finish::Unbound,
                Err(error) => {
                    tracing::debug!(%error, "cannot look at a group that gave something up");
                    return Finish::Unbound;
                }
            };
            let at_rest = !CHANGING.contains(&&*look.status) && self.are_free(objects).await;
            if at_rest || start.elapsed() >= limit {
                return Finish::Detached(Box::new(look));
            }
            self.progress(look.status);
            tokio::time::sleep(pause).await;
            pause = self.longer(pause);
        }
    }

    async fn are_free(&self, objects: &[Attachable]) -> bool {
        for object in objects {
            let kind = match object {
                Attachable::Eip(_) => eci_core::Kind::Eip,
                Attachable::Disk(_) => eci_core::Kind::Volume,
            };
            let Ok(id) = ThingId::new(kind, object.id()) else {
                continue;
            };
            // What cannot be looked at shows by the call that takes it.
            if let Ok(Some(look)) = self.provider.look(&id).await
                && is_held(&look)
            {
                return false;
            }
        }
        true
    }
}

fn is_held(look: &Look) -> bool {
    look.is_changing() || look.user().is_some()
}

/// Returns attributes with what the group reports in place of digests. A volume of which a
/// secret is not reported is left out, and its mounts: the group's own change brings it back.
fn revealed(attributes: &Map, seen: &Map) -> Map {
    let whole = Value::map(attributes.clone());
    let whole = reveal(&whole, Some(&Value::map(seen.clone())));
    let mut left = whole.as_map().cloned().unwrap_or_default();
    without_volumes(&mut left, has_digest);
    left
}

fn reveal(value: &Value, seen: Option<&Value>) -> Value {
    match (value, seen) {
        (Value::Digest(_), Some(seen)) => seen.clone().into_sensitive(),
        (Value::Map(entries), _) => {
            let entries = entries.iter().map(|(name, value)| {
                let seen = seen.and_then(|seen| seen.get(name));
                (name.clone(), reveal(value, seen))
            });
            Value::map(entries.collect())
        }
        (Value::List(items), Some(Value::List(seen))) => {
            let items = items.iter().enumerate().map(|(at, item)| {
                let twin = twin(item, seen);
                let by_place = || seen.get(at).filter(|_| seen.len() == items.len());
                reveal(item, twin.or_else(by_place))
            });
            Value::list(items.collect())
        }
        _ => value.clone(),
    }
}

/// Returns the element of a list that has the same name or path.
fn twin<'a>(item: &Value, seen: &'a [Value]) -> Option<&'a Value> {
    let (key, identity) = ["name", "path"]
        .into_iter()
        .find_map(|key| Some((key, item.get(key)?)))?;
    seen.iter().find(|seen| seen.get(key) == Some(identity))
}

fn has_digest(value: &Value) -> bool {
    match value {
        Value::Digest(_) => true,
        Value::List(items) => items.iter().any(has_digest),
        Value::Map(entries) => entries.values().any(has_digest),
        _ => false,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn group(token: Value, credential: Option<Value>) -> Map {
        let env = Value::from([("TOKEN", token)]);
        let mounts = Value::list(vec![Value::from([("volume", "bucket")])]);
        let container = Value::from([
            ("name", Value::from("main")),
            ("env", env),
            ("volume_mounts", mounts),
        ]);
        let mut bucket = Map::from_iter([("name".into(), Value::from("bucket"))]);
        bucket.extend(credential.map(|it| ("credential".into(), it)));
        Map::from_iter([
            ("containers".into(), Value::list(vec![container])),
            ("volumes".into(), Value::list(vec![Value::map(bucket)])),
        ])
    }

    #[test]
    fn secrets_are_taken_from_the_report_and_what_is_not_reported_is_left_out() {
        let digest = || Value::Digest("hmac-sha256:x".into());
        let applied = group(digest(), Some(digest()));
        let seen = group(Value::from("hush"), None);
        let left = revealed(&applied, &seen);
        assert_eq!(left.get("volumes"), None);
        let container = &left[&"containers".into()].as_list().unwrap()[0];
        let token = container.get("env").unwrap().get("TOKEN").unwrap();
        assert_eq!(token, &Value::from("hush").into_sensitive());
        assert_eq!(container.get("volume_mounts"), None);
    }
}
