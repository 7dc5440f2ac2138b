//! A group as the cloud reports it.

use std::fmt;

use serde_json::Value;

use super::lenient::{FromJson as _, ParseError, answer};
use super::{
    ContainerGroupId, Decimal, DescribedContainer, DescribedTag, DescribedVolume, Event, Status,
};

answer! {
    /// A container group as `describeContainerGroup` and `describeContainerGroups` report it.
    #[derive(Clone, PartialEq)]
    DescribedGroup {
        /// Its id.
        container_group_id: ContainerGroupId = "/containerGroupId",
        /// Its name.
        container_group_name: String = "/containerGroupName",
        /// Its status.
        status: Status = "/status",
        /// Its address in the VPC; none, or empty, before it has a place.
        intranet_ip: Option<String> = "/intranetIp",
        /// Its address in the internet.
        internet_ip: Option<String> = "/internetIp",
        /// Its IPv6 address.
        ipv6_address: Option<String> = "/ipv6Address",
        /// vCPUs.
        cpu: Option<Decimal> = "/cpu",
        /// GiB.
        memory: Option<Decimal> = "/memory",
        /// GPUs.
        gpu: Option<Decimal> = "/gpu",
        /// The restart policy.
        restart_policy: Option<String> = "/restartPolicy",
        /// The VPC.
        vpc_id: Option<String> = "/vpcId",
        /// The subnet.
        vswitch_id: Option<String> = "/vSwitchId",
        /// The security group.
        security_group_id: Option<String> = "/securityGroupId",
        /// Its tags.
        tags: Vec<DescribedTag> = "/tags",
        /// Its containers.
        containers: Vec<DescribedContainer> = "/containers",
        /// Its init containers.
        init_containers: Vec<DescribedContainer> = "/initContainers",
        /// Its volumes.
        volumes: Vec<DescribedVolume> = "/volumes",
        /// The events.
        events: Vec<Event> = "/events",
        /// Its network interface.
        tenant_eni_instance_id: Option<String> = "/tenantEniInstanceId",
        /// The machine it runs on.
        vm_id: Option<String> = "/vmId",
        /// The time of its creation.
        creation_time: Option<String> = "/creationTime",
        /// The time at which it ended with success.
        succeeded_time: Option<String> = "/succeededTime",
        /// The time at which it failed.
        failed_time: Option<String> = "/failedTime",
        /// The product instance that it is billed as.
        prod_inst_id: Option<String> = "/prodInstId",
        /// The enterprise project.
        ep_id: Option<String> = "/epId",
        /// All that is reported, as it is, for those who read it by descriptions of fields.
        /// It may hold secrets.
        raw: Value = "",
    }
}

impl DescribedGroup {
    pub(crate) fn read(json: &mut Value) -> Result<DescribedGroup, ParseError> {
        DescribedGroup::from_json(json)
    }

    /// Parses a group from a report of the cloud; the error says why it cannot be one.
    ///
    /// # Errors
    /// If it has no id, or if another type is in the place of an object or a list.
    pub fn from_report(mut report: Value) -> Result<DescribedGroup, String> {
        DescribedGroup::read(&mut report).map_err(|misread| misread.to_string())
    }

    /// Returns the value of a tag.
    pub fn tag(&self, key: &str) -> Option<&str> {
        self.tags
            .iter()
            .find(|tag| tag.key == key)
            .map(|tag| tag.value.as_str())
    }

    /// Returns whether the group serves its purpose: it runs and every container is ready, or it
    /// ended with success and is not to be restarted.
    pub fn is_ready(&self) -> bool {
        match self.status {
            Status::Running => {
                !self.containers.is_empty()
                    && self.containers.iter().all(|container| container.ready)
            }
            Status::Succeeded => {
                matches!(self.restart_policy.as_deref(), Some("Never" | "OnFailure"))
            }
            _ => false,
        }
    }
}

/// Only the identity and the status of the group: the rest may hold secrets.
impl fmt::Debug for DescribedGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DescribedGroup")
            .field("container_group_id", &self.container_group_id)
            .field("container_group_name", &self.container_group_name)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    fn report() -> Value {
        json!({
            "containerGroupId": "eci-1", "containerGroupName": "web", "status": "Running",
            "cpu": "2", "memory": 4, "restartPolicy": "Always", "vSwitchId": "subnet-1",
            "tags": [{ "key": "app", "value": "web" }, { "key": "empty" }],
            "containers": [{
                "name": "nginx", "ready": true, "restartCount": "3",
                "environmentVar": [{ "key": "TOKEN", "value": "hunter2" }],
                "readinessProbe": { "httpGet": { "scheme": "HTTP", "port": 80, "path": "/" } },
                "previousState": { "state": "Terminated", "exitCode": 137, "signal": 9 },
            }],
            "volumes": [{
                "type": "EmptyDirVolume", "name": "scratch", "emptyDirVolumeSizeLimit": "64",
            }],
            "events": null,
            "futureField": { "of": ["next", "year"] },
        })
    }

    #[test]
    fn a_report_is_read_and_kept_whole() {
        let group = DescribedGroup::from_report(report()).unwrap();
        assert_eq!(group.raw, report());
        assert_eq!(group.container_group_id.as_str(), "eci-1");
        assert_eq!(group.status, Status::Running);
        assert_eq!(group.cpu.unwrap().get(), 2.0);
        assert_eq!(group.vswitch_id.as_deref(), Some("subnet-1"));
        assert_eq!(
            (group.tag("app"), group.tag("empty")),
            (Some("web"), Some(""))
        );
        assert_eq!(group.tag("other"), None);
        let container = &group.containers[0];
        assert_eq!(container.restart_count, Some(3));
        let probe = container.readiness_probe.as_ref().unwrap();
        assert_eq!(probe.http_get_port, Some(80));
        let past = container.previous_state.as_ref().unwrap();
        assert_eq!((past.exit_code, past.signal), (Some(137), Some(9)));
        assert_eq!(group.volumes[0].empty_dir_volume_size_limit, Some(64));
    }

    #[test]
    fn no_secret_shows_in_debug() {
        let group = DescribedGroup::from_report(report()).unwrap();
        let shown = format!("{group:?} {:?}", group.containers);
        assert!(
            shown.contains("eci-1") && shown.contains("TOKEN"),
            "{shown}"
        );
        assert!(!shown.contains("hunter2"), "{shown}");
    }

    #[test]
    fn a_group_is_ready_when_every_container_is_or_when_it_ended_well() {
        let ready = |change: fn(&mut Value)| {
            let mut report = report();
            change(&mut report);
            DescribedGroup::from_report(report).unwrap().is_ready()
        };
        assert!(ready(|_| {}));
        assert!(!ready(
            |report| report["containers"][0]["ready"] = json!(false)
        ));
        assert!(!ready(|report| report["containers"] = json!(null)));
        assert!(!ready(|report| report["status"] = json!("Updating")));
        assert!(!ready(|report| report["status"] = json!("Succeeded")));
        assert!(ready(|report| {
            report["status"] = json!("Succeeded");
            report["restartPolicy"] = json!("Never");
        }));
    }

    #[test]
    fn a_report_without_an_id_is_an_error() {
        let misread = DescribedGroup::from_report(json!({ "status": "Running" })).unwrap_err();
        assert_eq!(misread, "containerGroupId: missing container group ID");
    }
}
