//! The parts of a group as the cloud reports it.

use super::lenient::answer;
use super::{Decimal, Secret};

answer! {
    /// A tag.
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    DescribedTag {
        /// Its key.
        key: String = "/key",
        /// Its value.
        value: String = "/value",
    }
}

answer! {
    /// A container with its status.
    #[derive(Clone, Debug, Default, PartialEq)]
    DescribedContainer {
        /// Its id.
        container_id: Option<String> = "/containerId",
        /// Its name.
        name: String = "/name",
        /// The image.
        image: Option<String> = "/image",
        /// The image pull policy.
        image_pull_policy: Option<String> = "/imagePullPolicy",
        /// vCPUs.
        cpu: Option<Decimal> = "/cpu",
        /// GiB.
        memory: Option<Decimal> = "/memory",
        /// GPUs.
        gpu: Option<Decimal> = "/gpu",
        /// The directory it starts in.
        working_dir: Option<String> = "/workingDir",
        /// The command.
        command: Vec<String> = "/command",
        /// The command's arguments.
        args: Vec<String> = "/args",
        /// The ports it listens on.
        ports: Vec<DescribedPort> = "/ports",
        /// The environment variables.
        environment_var: Vec<DescribedVariable> = "/environmentVar",
        /// The volumes and where they are mounted.
        volume_mount: Vec<DescribedVolumeMount> = "/volumeMount",
        /// The liveness probe.
        liveness_probe: Option<DescribedProbe> = "/livenessProbe",
        /// The readiness probe.
        readiness_probe: Option<DescribedProbe> = "/readinessProbe",
        /// A command run after the start.
        lifecycle_post_start_handler_exec: Vec<String> = "/lifecyclePostStartHandlerExec",
        /// A command run before the stop.
        lifecycle_pre_stop_handler_exec: Vec<String> = "/lifecyclePreStopHandlerExec",
        /// Whether it is ready.
        ready: bool = "/ready",
        /// The number of restarts.
        restart_count: Option<i64> = "/restartCount",
        /// The present state.
        current_state: Option<ContainerState> = "/currentState",
        /// The end of the previous run.
        previous_state: Option<ContainerState> = "/previousState",
    }
}

answer! {
    /// The state of a container, or the end of a run.
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    ContainerState {
        /// Waiting, Running or Terminated.
        state: Option<String> = "/state",
        /// The reason, in a word.
        reason: Option<String> = "/reason",
        /// The reason, in a sentence.
        message: Option<String> = "/message",
        /// The beginning of the run.
        start_time: Option<String> = "/startTime",
        /// The end of the run.
        finish_time: Option<String> = "/finishTime",
        /// The code it ended with.
        exit_code: Option<i64> = "/exitCode",
        /// The signal that ended it.
        signal: Option<i64> = "/signal",
    }
}

answer! {
    /// A port that a container listens on.
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    DescribedPort {
        /// Its name.
        name: Option<String> = "/name",
        /// The number.
        port: Option<i64> = "/port",
        /// TCP or UDP.
        protocol: Option<String> = "/protocol",
    }
}

answer! {
    /// An environment variable.
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    DescribedVariable {
        /// Its name.
        key: String = "/key",
        /// Its value; may be a secret.
        value: Option<Secret> = "/value",
    }
}

answer! {
    /// A volume in the file system of a container.
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    DescribedVolumeMount {
        /// The volume's name.
        name: String = "/name",
        /// The mount path.
        mount_path: Option<String> = "/mountPath",
        /// Whether it cannot be written.
        read_only: Option<bool> = "/readOnly",
    }
}

answer! {
    /// A probe.
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    DescribedProbe {
        /// The command that must succeed.
        exec_command: Vec<String> = "/exec/command",
        /// The scheme of the request that must be answered.
        http_get_scheme: Option<String> = "/httpGet/scheme",
        /// Its port.
        http_get_port: Option<i64> = "/httpGet/port",
        /// Its path.
        http_get_path: Option<String> = "/httpGet/path",
        /// The port that must accept.
        tcp_socket_port: Option<i64> = "/tcpSocket/port",
        /// Seconds before the first probe.
        initial_delay_seconds: Option<i64> = "/initialDelaySeconds",
        /// Seconds that one look may take.
        timeout_seconds: Option<i64> = "/timeoutSeconds",
        /// Seconds between two probes.
        period_seconds: Option<i64> = "/periodSeconds",
        /// The success threshold.
        success_threshold: Option<i64> = "/successThreshold",
        /// The failure threshold.
        failure_threshold: Option<i64> = "/failureThreshold",
    }
}

answer! {
    /// A volume.
    ///
    /// It is reported flat, with the type before each name.
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    DescribedVolume {
        /// The type of the volume.
        volume_type: Option<String> = "/type",
        /// Its name.
        name: String = "/name",
        /// The medium of an empty directory.
        empty_dir_volume_medium: Option<String> = "/emptyDirVolumeMedium",
        /// An empty directory's size in MB.
        empty_dir_volume_size_limit: Option<i64> = "/emptyDirVolumeSizeLimit",
        /// The files with given content.
        config_file_to_paths: Vec<DescribedFile> = "/configFileVolumeConfigFileToPaths",
        /// A disk's id.
        disk_volume_id: Option<String> = "/diskVolumeId",
        /// A disk's file system.
        disk_volume_fs_type: Option<String> = "/diskVolumeFsType",
        /// Whether a disk cannot be written.
        disk_volume_read_only: Option<bool> = "/diskVolumeReadOnly",
        /// A shared file system's `host:/path`.
        nas_source_path: Option<String> = "/nasSourcePath",
        /// Whether a shared file system cannot be written.
        nas_read_only: Option<bool> = "/nasReadOnly",
        /// A bucket's name.
        zos_bucket: Option<String> = "/zosBucket",
        /// The address of a bucket's service.
        zos_url: Option<String> = "/zosUrl",
        /// Whether a bucket cannot be written.
        zos_read_only: Option<bool> = "/zosReadOnly",
        /// The files with metadata of the group.
        downward_api_volume_items: Vec<DescribedItem> = "/downwardAPIVolumeItems",
    }
}

answer! {
    /// A file with given content.
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    DescribedFile {
        /// Its path in the volume.
        path: String = "/path",
        /// Its content in base64; may be a secret.
        content: Option<Secret> = "/content",
    }
}

answer! {
    /// A file with metadata of the group.
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    DescribedItem {
        /// Its path in the volume.
        path: String = "/path",
        /// The field it holds.
        field_path: Option<String> = "/fieldRef/fieldPath",
    }
}

answer! {
    /// An event of a group, possibly repeated.
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    Event {
        /// Its name.
        name: Option<String> = "/name",
        /// The namespace.
        namespace: Option<String> = "/namespace",
        /// Normal or Warning.
        event_type: Option<String> = "/type",
        /// The number of occurrences.
        count: Option<i64> = "/count",
        /// The time of the first occurrence.
        first_timestamp: Option<String> = "/firstTimestamp",
        /// The time of the last occurrence.
        last_timestamp: Option<String> = "/lastTimestamp",
        /// The message, a sentence.
        message: Option<String> = "/message",
        /// The reason, a word.
        reason: Option<String> = "/reason",
        /// The part of the cloud that reports it.
        reporting_component: Option<String> = "/reportingComponent",
        /// The source.
        source: Option<EventSource> = "/source",
        /// The object of the event.
        involved_object: Option<InvolvedObject> = "/involvedObject",
    }
}

answer! {
    /// The source of an event.
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    EventSource {
        /// The part of the cloud.
        component: Option<String> = "/component",
        /// The machine.
        host: Option<String> = "/host",
    }
}

answer! {
    /// The object of an event.
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    InvolvedObject {
        /// Its kind.
        kind: Option<String> = "/kind",
        /// Its namespace.
        namespace: Option<String> = "/namespace",
        /// Its name.
        name: Option<String> = "/name",
        /// Its id.
        uid: Option<String> = "/uid",
    }
}
