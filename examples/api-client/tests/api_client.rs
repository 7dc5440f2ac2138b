//! Runs the example against a simulated cloud.

use std::process::{Command, Output};

use eci_sandbox::{Config, SimulatedCloud};

fn list(endpoint: &str, secret_key: &str) -> Output {
    example(endpoint, secret_key)
        .output()
        .expect("the example starts")
}

fn example(endpoint: &str, secret_key: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_eci-example-api-client"));
    command
        .env("CTYUN_AK", "sandbox")
        .env("CTYUN_SK", secret_key)
        .env("CTYUN_REGION_ID", &Config::default().regions[0])
        .env("CTYUN_ECI_ENDPOINT", endpoint);
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_are_listed_and_a_wrong_key_is_an_error() {
    let running = SimulatedCloud::start(Config::default())
        .await
        .expect("the sandbox starts");
    let listed = list(&running.endpoint(), "sandbox");
    let text = String::from_utf8_lossy(&listed.stdout);
    assert!(listed.status.success(), "{listed:?}");
    assert_eq!(text, "0 container groups\n");
    assert!(!list(&running.endpoint(), "wrong").status.success());
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_created() {
    let running = SimulatedCloud::start(Config::default())
        .await
        .expect("the sandbox starts");
    let created = example(&running.endpoint(), "sandbox")
        .arg("web")
        .env("AZ_NAME", "cn-huadong1-jsnj1A-public-ctcloud")
        .env("VPC_ID", "vpc-1")
        .env("SUBNET_ID", "subnet-1")
        .env("SECURITY_GROUP_ID", "sg-1")
        .output()
        .expect("the example starts");
    let text = String::from_utf8_lossy(&created.stdout);
    assert!(text.starts_with("created eci-"), "{created:?}");
    let listed = list(&running.endpoint(), "sandbox");
    let text = String::from_utf8_lossy(&listed.stdout);
    assert!(text.ends_with("1 container groups\n"), "{listed:?}");
    running.stop().await;
}
