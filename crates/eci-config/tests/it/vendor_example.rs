//! The vendor's own example, and one with everything linked.

use eci_core::Value;

use crate::directory::{Directory, KnownResources, load};

const VENDOR: &str = include_str!("../../../../examples/vendor/cg-test.eci.toml");

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn the_vendors_example_evaluates_to_its_attributes() {
    let configuration = load(VENDOR).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(
        configuration.provider.region_id.as_deref(),
        Some("bb9fdb42056f11eda1610242ac110002")
    );
    let known = KnownResources::all_of(&configuration);
    let expected = json(
        r#"{
        "name": "cg-test", "cpu": 1, "memory": 1, "restart_policy": "Never",
        "vpc_id": "vpc-ctt6yag121", "vswitch_id": "subnet-y9n723knrg",
        "security_group_id": "sg-5bvqyvrmch", "az_name": "cn-huadong1-jsnj1A-public-ctcloud",
        "dns_config": {"nameservers": ["1.1.1.1"]},
        "host_aliases": [{"ip": "127.0.0.1", "hostnames": ["test"]}],
        "tags": {"hello": "world"}, "wait": "ready",
        "containers": [{
            "name": "test", "image": "nginx:latest", "image_pull_policy": "IfNotPresent",
            "cpu": 1, "memory": 1, "env": {"hello": "world"},
            "volume_mounts": [{"volume": "test-volume", "mount_path": "/test-volume"}],
            "readiness_probe": {
                "exec": ["curl", "localhost:80"], "initial_delay_seconds": 10,
                "timeout_seconds": 10, "period_seconds": 10, "success_threshold": 1,
                "failure_threshold": 1
            }
        }],
        "volumes": [{
            "name": "test-volume", "type": "ConfigFileVolume",
            "files": [{"path": "test/xxx.conf", "content": "woods"}]
        }]
    }"#,
    );
    assert_eq!(
        Value::map(known.get("container_group.cg-test").clone()),
        expected
    );
}

#[test]
fn a_group_carries_what_it_links() {
    let directory = Directory::with(&[
        (
            "web.eci.toml",
            r#"
            [provider]
            region_id = "r"
            default_tags = { team = "shop", app = "default" }

            [variable.image]
            default = "nginx:1.27"

            [eip.web]
            auto = true
            bandwidth = 10

            [volume.nginx_conf]
            type = "ConfigFileVolume"
            files = [
              { path = "default.conf", content = '${file("default.conf")}' },
              { path = "raw", source = "raw.bin", mode = "600" },
              { path = "text", source = "./default.conf" },
            ]

            [volume.cache]
            type = "EmptyDirVolume"

            [volume.logs]
            type = "EmptyDirVolume"

            [container_group.web]
            vpc_id = "vpc-1"
            vswitch_id = "subnet-1"
            security_group_id = "sg-1"
            az_name = "az-1"
            eip = '${eip.web.id}'
            tags = { app = "web" }
            volumes = ["logs"]
            [[container_group.web.containers]]
            name = "nginx"
            image = '${var.image}'
            volume_mounts = [
              { volume = "nginx_conf", mount_path = "/etc/nginx/conf.d", read_only = true },
              { volume = '${volume.logs.name}', mount_path = "/logs" },
            ]
            [[container_group.web.init_containers]]
            name = "init"
            image = "busybox"
            volume_mounts = [{ volume = "cache", mount_path = "/cache" }]

            [output.address]
            value = '${container_group.web.internet_ip}'
            "#,
        ),
        ("default.conf", "listen 80;\n"),
    ]);
    std::fs::write(directory.path().join("raw.bin"), [0xff, 0xfe]).unwrap();
    let configuration = directory.load().unwrap_or_else(|error| panic!("{error}"));

    let address = |text: &str| text.parse::<eci_core::Address>().unwrap();
    let web = configuration
        .resource(&address("container_group.web"))
        .unwrap();
    assert_eq!(
        web.links,
        [
            "eip.web",
            "volume.cache",
            "volume.logs",
            "volume.nginx_conf"
        ]
        .map(address)
    );
    assert_eq!(web.references, web.links);
    assert_eq!(web.place.to_string(), "web.eci.toml:27");

    let known = KnownResources::all_of(&configuration);
    let group = known.get("container_group.web");
    assert_eq!(
        group[&"eip".into()],
        json(r#"{"auto": true, "bandwidth": 10}"#)
    );
    assert_eq!(
        group[&"tags".into()],
        json(r#"{"app": "web", "team": "shop"}"#)
    );
    assert_eq!(
        group[&"volumes".into()],
        json(
            r#"[
            {"name": "logs", "type": "EmptyDirVolume", "medium": ""},
            {"name": "nginx-conf", "type": "ConfigFileVolume", "files": [
                {"path": "default.conf", "content": "listen 80;\n"},
                {"path": "raw", "content_base64": "//4=", "mode": "0600"},
                {"path": "text", "content": "listen 80;\n"}
            ]},
            {"name": "cache", "type": "EmptyDirVolume", "medium": ""}
        ]"#
        )
    );
    let mounts = group[&"containers".into()].as_list().unwrap()[0]
        .get("volume_mounts")
        .unwrap();
    let names: Vec<&str> = mounts
        .as_list()
        .unwrap()
        .iter()
        .filter_map(|mount| mount.get("volume")?.as_str())
        .collect();
    assert_eq!(names, ["nginx-conf", "logs"]);
    assert_eq!(
        configuration.outputs[0].references,
        [address("container_group.web")]
    );
}

#[test]
fn what_is_not_known_of_links_is_unknown() {
    let configuration = load(VENDOR).unwrap();
    let group = &configuration.resources[1];
    let attributes = group.evaluate(&eci_config::EmptyScope).unwrap();
    assert_eq!(
        attributes[&"volumes".into()],
        Value::list(vec![Value::Unknown])
    );
}
