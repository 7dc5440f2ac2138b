//! The table: one row for each field of the API reference.

mod volumes;

use serde_json::{Value, json};

/// One field: how a manifest gives it, and what is sent and reported then.
pub(crate) struct Row {
    /// Its place in the body of createContainerGroup.
    pub(crate) place: &'static str,
    /// The manifest: keys of `group`, `volume` and `eip` over those of the least group.
    pub(crate) manifest: &'static str,
    /// The value at the place.
    pub(crate) sent: Value,
    /// The report of it; `None` where the cloud does not report it.
    pub(crate) reported: Option<ReportedField>,
}

/// A field of the cloud's report.
pub(crate) struct ReportedField {
    pub(crate) place: &'static str,
    pub(crate) value: Value,
}

/// A field that the cloud does not report.
fn silent(place: &'static str, manifest: &'static str, sent: Value) -> Row {
    Row {
        place,
        manifest,
        sent,
        reported: None,
    }
}

/// A field that the cloud reports as it was sent.
fn reported(place: &'static str, manifest: &'static str, sent: Value) -> Row {
    Row {
        reported: Some(ReportedField {
            place,
            value: sent.clone(),
        }),
        ..silent(place, manifest, sent)
    }
}

/// A field that the cloud reports elsewhere.
fn reported_at(
    place: &'static str,
    manifest: &'static str,
    sent: Value,
    reported: ReportedField,
) -> Row {
    Row {
        reported: Some(reported),
        ..silent(place, manifest, sent)
    }
}

/// Every row.
pub(crate) fn rows() -> Vec<Row> {
    let parts = [
        group(),
        network(),
        tables(),
        containers(),
        init_containers(),
    ];
    let mut rows: Vec<Row> = parts.into_iter().flatten().collect();
    rows.extend(liveness_probe());
    rows.extend(readiness_probe());
    rows.extend(volumes::rows());
    rows
}

fn group() -> Vec<Row> {
    vec![
        reported(
            "containerGroupName",
            r#"group.name = "by-name""#,
            json!("by-name"),
        ),
        reported("cpu", "group.cpu = 0.5\ngroup.memory = 1", json!(0.5)),
        reported("memory", "group.cpu = 2\ngroup.memory = 8", json!(8)),
        reported(
            "gpu",
            "group.gpu = 1\ngroup.flavor_name = \"pi7.4xlarge.4\"",
            json!(1),
        ),
        silent(
            "alsInstanceId",
            r#"group.als_instance_id = "ALS-1""#,
            json!("ALS-1"),
        ),
        reported(
            "restartPolicy",
            r#"group.restart_policy = "OnFailure""#,
            json!("OnFailure"),
        ),
        silent("ephemeralVolume", "group.ephemeral_volume = 50", json!(50)),
        silent(
            "flavorName",
            r#"group.flavor_name = "s7.small.1""#,
            json!("s7.small.1"),
        ),
        silent("hostName", r#"group.host_name = "box""#, json!("box")),
        silent(
            "autoMatchImageCache",
            "group.auto_match_image_cache = true",
            json!(true),
        ),
        silent(
            "imageCacheId",
            r#"group.image_cache_id = "imc-1""#,
            json!("imc-1"),
        ),
        silent(
            "iamRoleName",
            r#"group.iam_role_name = "agency""#,
            json!("agency"),
        ),
        silent(
            "dataCacheBucket",
            r#"group.data_cache_bucket = "cache""#,
            json!("cache"),
        ),
        reported("epId", r#"group.ep_id = "ep-1""#, json!("ep-1")),
        silent(
            "cpuArchitecture",
            r#"group.cpu_architecture = "arm64""#,
            json!("arm64"),
        ),
    ]
}

fn network() -> Vec<Row> {
    vec![
        reported("vpcId", r#"group.vpc_id = "vpc-2""#, json!("vpc-2")),
        reported(
            "vSwitchId",
            r#"group.vswitch_id = "subnet-2""#,
            json!("subnet-2"),
        ),
        reported(
            "securityGroupId",
            r#"group.security_group_id = "sg-2""#,
            json!("sg-2"),
        ),
        silent("azInfo[].azName", r#"group.az_name = "az2""#, json!("az2")),
        silent("azInfo[].azId", "group.az_id = 2", json!(2)),
        silent("eip.eipInstanceId", r#"eip.id = "eip-1""#, json!("eip-1")),
        silent("eip.autoCreateEip", "eip.auto = true", json!(true)),
        silent(
            "eip.eipBandwidth",
            "eip.auto = true\neip.bandwidth = 20",
            json!(20),
        ),
        silent(
            "hostAliases[].ip",
            r#"group.host_aliases = [{ ip = "10.0.0.9" }]"#,
            json!("10.0.0.9"),
        ),
        silent(
            "hostAliases[].hostnames",
            r#"group.host_aliases = [{ ip = "10.0.0.9", hostnames = ["a.test", "b.test"] }]"#,
            json!(["a.test", "b.test"]),
        ),
        silent(
            "dnsConfig.nameservers",
            r#"group.dns_config.nameservers = ["1.1.1.1", "8.8.8.8"]"#,
            json!(["1.1.1.1", "8.8.8.8"]),
        ),
        silent(
            "dnsConfig.searches",
            r#"group.dns_config.searches = ["svc.test"]"#,
            json!(["svc.test"]),
        ),
        silent(
            "dnsConfig.options[].name",
            r#"group.dns_config.options.ndots = "2""#,
            json!("ndots"),
        ),
        silent(
            "dnsConfig.options[].value",
            r#"group.dns_config.options.ndots = "2""#,
            json!("2"),
        ),
    ]
}

fn tables() -> Vec<Row> {
    const CREDENTIAL: &str = r#"group.image_registry_credentials = [
        { server = "registry.test", user_name = "robot", password = "hush" }]"#;
    const SYSCTL: &str = r#"group.security_context.sysctl."kernel.msgmax" = "65536""#;
    vec![
        reported("tags[].key", r#"group.tags.owner = "shop""#, json!("owner")),
        reported(
            "tags[].value",
            r#"group.tags.owner = "shop""#,
            json!("shop"),
        ),
        silent(
            "imageRegistryCredential[].server",
            CREDENTIAL,
            json!("registry.test"),
        ),
        silent(
            "imageRegistryCredential[].userName",
            CREDENTIAL,
            json!("robot"),
        ),
        silent(
            "imageRegistryCredential[].password",
            CREDENTIAL,
            json!("hush"),
        ),
        silent(
            "securityContext.sysctl[].name",
            SYSCTL,
            json!("kernel.msgmax"),
        ),
        silent("securityContext.sysctl[].value", SYSCTL, json!("65536")),
    ]
}

/// The rows that containers and init containers share: the list on the wire, and the table
/// in a manifest.
macro_rules! in_a_container {
    ($list:literal, $table:literal) => {{
        macro_rules! place {
            ($name:literal) => {
                concat!($list, "[].", $name)
            };
        }
        macro_rules! one {
            ($keys:literal) => {
                concat!("group.", $table, " = [{ ", $keys, " }]")
            };
        }
        macro_rules! mounting {
            ($keys:literal) => {
                concat!(
                    "volume = { type = \"EmptyDirVolume\", name = \"scratch\" }\n",
                    one!($keys)
                )
            };
        }
        const PORT: &str = one!(r#"ports = [{ port = 8000, protocol = "UDP", name = "dns" }]"#);
        const ENV: &str = one!(r#"env = { LEVEL = "info" }"#);
        vec![
            reported(place!("name"), one!(r#"name = "other""#), json!("other")),
            reported(
                place!("image"),
                one!(r#"image = "nginx:1.28""#),
                json!("nginx:1.28"),
            ),
            reported(
                place!("imagePullPolicy"),
                one!(r#"image_pull_policy = "Never""#),
                json!("Never"),
            ),
            reported(place!("cpu"), one!("cpu = 0.25"), json!(0.25)),
            reported(place!("memory"), one!("memory = 0.5"), json!(0.5)),
            reported(place!("gpu"), one!("gpu = 1"), json!(1)),
            reported(
                place!("command"),
                one!(r#"command = ["serve", "-a"]"#),
                json!(["serve", "-a"]),
            ),
            reported(
                place!("args"),
                one!(r#"args = ["-v", ""]"#),
                json!(["-v", ""]),
            ),
            reported(place!("ports[].port"), PORT, json!(8000)),
            reported(place!("ports[].protocol"), PORT, json!("UDP")),
            reported(place!("ports[].name"), PORT, json!("dns")),
            reported(place!("environmentVar[].key"), ENV, json!("LEVEL")),
            reported(place!("environmentVar[].value"), ENV, json!("info")),
            reported(
                place!("workingDir"),
                one!(r#"working_dir = "/app""#),
                json!("/app"),
            ),
            reported(
                place!("volumeMount[].name"),
                mounting!(r#"volume_mounts = [{ volume = "LABEL", mount_path = "/data" }]"#),
                json!("scratch"),
            ),
            reported(
                place!("volumeMount[].mountPath"),
                mounting!(r#"volume_mounts = [{ volume = "LABEL", mount_path = "/data" }]"#),
                json!("/data"),
            ),
            reported(
                place!("volumeMount[].readOnly"),
                mounting!(
                    r#"volume_mounts = [{ volume = "LABEL", mount_path = "/d", read_only = true }]"#
                ),
                json!(true),
            ),
        ]
    }};
}

fn containers() -> Vec<Row> {
    let mut rows = in_a_container!("containers", "containers");
    rows.push(reported(
        "containers[].lifecyclePostStartHandlerExec",
        r#"group.containers = [{ post_start = ["warm", "up"] }]"#,
        json!(["warm", "up"]),
    ));
    rows.push(reported(
        "containers[].lifecyclePreStopHandlerExec",
        r#"group.containers = [{ pre_stop = ["wind", "down"] }]"#,
        json!(["wind", "down"]),
    ));
    rows
}

fn init_containers() -> Vec<Row> {
    in_a_container!("initContainers", "init_containers")
}

/// The rows that both probes share.
macro_rules! of_a_probe {
    ($probe:literal, $table:literal) => {{
        macro_rules! place {
            ($name:literal) => {
                concat!("containers[].", $probe, ".", $name)
            };
        }
        macro_rules! probe {
            ($keys:literal) => {
                concat!("group.containers = [{ ", $table, " = { ", $keys, " } }]")
            };
        }
        const REQUEST: &str =
            probe!(r#"http_get = { scheme = "HTTPS", port = 8443, path = "/live" }"#);
        vec![
            reported(
                place!("exec.command"),
                probe!(r#"exec = ["test", "-e"]"#),
                json!(["test", "-e"]),
            ),
            reported(place!("httpGet.scheme"), REQUEST, json!("HTTPS")),
            reported(place!("httpGet.port"), REQUEST, json!(8443)),
            reported(place!("httpGet.path"), REQUEST, json!("/live")),
            reported(
                place!("tcpSocket.port"),
                probe!("tcp_socket = { port = 9000 }"),
                json!(9000),
            ),
            reported(
                place!("initialDelaySeconds"),
                probe!(r#"exec = ["true"], initial_delay_seconds = 7"#),
                json!(7),
            ),
            reported(
                place!("timeoutSeconds"),
                probe!(r#"exec = ["true"], timeout_seconds = 7"#),
                json!(7),
            ),
            reported(
                place!("periodSeconds"),
                probe!(r#"exec = ["true"], period_seconds = 7"#),
                json!(7),
            ),
            reported(
                place!("failureThreshold"),
                probe!(r#"exec = ["true"], failure_threshold = 7"#),
                json!(7),
            ),
        ]
    }};
}

fn liveness_probe() -> Vec<Row> {
    let mut rows = of_a_probe!("livenessProbe", "liveness_probe");
    // Nothing but 1 is allowed.
    rows.push(reported(
        "containers[].livenessProbe.successThreshold",
        r#"group.containers = [{ liveness_probe = { exec = ["true"], success_threshold = 1 } }]"#,
        json!(1),
    ));
    rows
}

fn readiness_probe() -> Vec<Row> {
    let mut rows = of_a_probe!("readinessProbe", "readiness_probe");
    rows.push(reported(
        "containers[].readinessProbe.successThreshold",
        r#"group.containers = [{ readiness_probe = { exec = ["true"], success_threshold = 2 } }]"#,
        json!(2),
    ));
    rows
}
