//! Runs the example against a simulated cloud.

use std::process::{Command, Output};

use eci_sandbox::{Config, Sandbox};

fn list(endpoint: &str, secret_key: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_eci-example-api-client"))
        .env("CTYUN_AK", "sandbox")
        .env("CTYUN_SK", secret_key)
        .env("CTYUN_REGION_ID", &Config::default().regions[0])
        .env("CTYUN_ECI_ENDPOINT", endpoint)
        .output()
        .expect("the example starts")
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_are_listed_and_a_wrong_key_is_an_error() {
    let running = Sandbox::start(Config::default())
        .await
        .expect("the sandbox starts");
    let listed = list(&running.endpoint(), "sandbox");
    let text = String::from_utf8_lossy(&listed.stdout);
    assert!(listed.status.success(), "{listed:?}");
    assert_eq!(text, "0 container groups\n");
    assert!(!list(&running.endpoint(), "wrong").status.success());
    running.stop().await;
}
