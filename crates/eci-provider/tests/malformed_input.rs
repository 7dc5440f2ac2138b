//! Answers that no cloud should give: whatever comes back, a call gives what it means or an
//! error, soon and without a panic.
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use eci_api::api::MOST_STALE_PAGES;
use eci_api::{CallErrorKind, Client, ClientConfig, Credentials, Endpoints};
use eci_provider::{ResourceProvider, RetryConfig, Throttle, Wait, group_id, readiness};
use proptest::prelude::*;

use server::{Server, ServerAction};

// The client's own tests use the rest of it.
#[allow(dead_code)]
#[path = "../../eci-api/src/client/tests/server.rs"]
mod server;

/// A group as the cloud reports it.
const GROUP: &str = r#"{"containerGroupId":"eci-1","containerGroupName":"web","regionId":"r",
"azName":"az1","status":"Running","restartPolicy":"Always","creationTime":"2026-01-01T00:00:00Z",
"intranetIp":"10.0.0.1","internetIp":"","cpu":1.5,"memory":"3.0","vpcId":"vpc-1",
"tags":[{"key":"eci:operation","value":"lineage.op"},{"key":"a","value":"b"}],
"containers":[{"name":"main","image":"app:1","cpu":1,"memory":2.0,"ready":true,"restartCount":0,
"ports":[{"port":80,"protocol":"TCP"}],"environmentVars":[{"key":"A","value":"1"}],
"volumeMounts":[{"name":"conf","mountPath":"/conf","readOnly":true}],
"livenessProbe":{"httpGet":{"path":"/","port":80,"scheme":"HTTP"},"periodSeconds":10},
"currentState":{"state":"Running","startTime":"2026-01-01T00:00:00Z"},
"previousState":{"state":"Terminated","exitCode":1,"reason":"Error"}}],"initContainers":[],
"volumes":[{"name":"conf","type":"ConfigFileVolume","configFileVolumeConfigFileToPaths":
[{"path":"a","content":"eA=="}]}],"events":[{"count":1,"type":"Normal","name":"n","reason":"Pulled",
"message":"m","firstTimestamp":"t","lastTimestamp":"t"}],"hostAliases":[{"ip":"1.1.1.1",
"hostnames":["h"]}],"securityContext":{"sysctl":[{"name":"net.a","value":"1"}]}}"#;

/// Values of unexpected types.
const STRANGE: [&str; 16] = [
    "null",
    "true",
    "-1",
    "18446744073709551616",
    "1e308",
    "-1e-308",
    "\"\"",
    "\"\\u0000\\uffff\"",
    "\"1e999\"",
    "\"2026-13-45T99:99:99Z\"",
    "\"$digest\"",
    "[]",
    "[[]]",
    "[null,1,{}]",
    "{}",
    "{\"a\":{\"a\":[{}]}}",
];

fn provider(server: &Server) -> ResourceProvider<Client> {
    let config = ClientConfig {
        endpoints: Endpoints::all_at(&server.endpoint),
        timeout: Duration::from_secs(20),
        ..ClientConfig::new(Credentials::new("ak", "sk"), "region")
    };
    let once = RetryConfig {
        max_attempts: 1,
        ..RetryConfig::default()
    };
    ResourceProvider::new(Client::new(config).unwrap(), Throttle::new(None, once, 0))
}

/// Reads a group of a cloud that answers so, in every way in which groups are read; whether
/// that went well.
fn reads_group(action: ServerAction) -> bool {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let server = Server::that([action]);
        let provider = provider(&server);
        let id = group_id("eci-1").unwrap();
        let observed = provider.describe_group(&id).await;
        let listed = provider.describe_groups(std::slice::from_ref(&id)).await;
        if let Ok(Some(observed)) = &observed {
            let _ = readiness(&observed.group, Wait::Ready);
            let _ = observed.attributes_with_prior(&observed.attributes);
            let _ = provider.explain(&observed.group).await;
        }
        observed.is_ok() && listed.is_ok()
    })
}

/// The answer to both ways of reading: one group, and a page of groups.
fn answer(group: &str) -> String {
    format!(
        "{{\"statusCode\":200,\"returnObj\":{{\"containerGroups\":[{group}],{}}}",
        group.strip_prefix('{').unwrap_or("\"x\":1}")
    )
}

/// Returns the places of values other than containers, keys left out.
fn values(json: &str) -> Vec<std::ops::Range<usize>> {
    let bytes = json.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        let part = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
        match bytes[at] {
            b'"' => at += 2 + json[at + 1..].find('"').unwrap(),
            byte if part(&byte) => {
                at += bytes[at..].iter().take_while(|byte| part(byte)).count();
            }
            _ => {
                at += 1;
                continue;
            }
        }
        if bytes.get(at) != Some(&b':') {
            found.push(start..at);
        }
    }
    found
}

fn mutated(which: usize, strange: &str) -> String {
    let values = values(GROUP);
    let range = values[which % values.len()].clone();
    format!("{}{strange}{}", &GROUP[..range.start], &GROUP[range.end..])
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(120) })]

    #[test]
    fn no_value_in_an_answer_makes_a_reader_panic(
        which in any::<usize>(),
        strange in prop::sample::select(&STRANGE[..]),
    ) {
        reads_group(ServerAction::ok(&answer(&mutated(which, strange))));
    }

    #[test]
    fn no_answer_makes_a_reader_panic(body in any::<String>()) {
        reads_group(ServerAction::ok(&body));
        reads_group(ServerAction::status("500 Oops", &[], &body));
        reads_group(ServerAction::Cut(body));
    }
}

#[test]
fn a_group_that_is_left_as_it_is_is_read() {
    // Otherwise the tests above would test nothing but the envelope.
    assert!(reads_group(ServerAction::ok(&answer(GROUP))));
}

#[test]
fn deep_nesting_is_an_error_and_no_overflow() {
    for depth in [200, 100_000, 2_000_000] {
        for (open, close) in [("[", "]"), ("{\"tags\":", "}")] {
            let deep = open.repeat(depth) + "1" + &close.repeat(depth);
            let whole = deep.clone();
            let within = answer(&mutated(0, &deep));
            let envelope = format!("{{\"statusCode\":200,\"returnObj\":{deep}}}");
            for body in [whole, within, envelope] {
                assert!(!reads_group(ServerAction::ok(&body)), "{depth}");
            }
        }
    }
}

#[test]
fn an_answer_without_an_end_is_not_read_for_ever() {
    let endless = "x".repeat(40 << 20);
    let length = endless.len();
    let chunked = format!(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{length:x}\r\n{endless}\r\n0\r\n\r\n"
    );
    assert!(!reads_group(ServerAction::Cut(chunked)));
    let promised = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\nx", u64::MAX);
    assert!(!reads_group(ServerAction::Cut(promised)));
    let header = format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "x".repeat(4 << 20));
    assert!(!reads_group(ServerAction::Cut(header)));
}

/// Reads the events of a group from a cloud that sends these answers; returns the error and the number
/// of requested pages.
fn events(actions: impl IntoIterator<Item = ServerAction>) -> (eci_api::CallError, usize) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let server = Server::that(actions);
        let id = group_id("eci-1").unwrap();
        let error = provider(&server).events(&id).await.unwrap_err();
        (error, server.requests().len())
    })
}

#[test]
fn pages_of_events_without_an_end_are_an_error() {
    let page = |token: &str| {
        let page = format!(r#"{{"data":[],"nextToken":"{token}"}}"#);
        ServerAction::ok(&format!(r#"{{"statusCode":200,"returnObj":{page}}}"#))
    };
    let (circle, pages) = events([page("a")]);
    assert_eq!(pages, 2);
    let (endless, pages) = events((0..200).map(|number| page(&format!("t{number}"))));
    assert!(pages <= MOST_STALE_PAGES + 2, "{pages}");
    for (error, why) in [
        (circle, "`nextToken` leads back"),
        (endless, "had no new elements"),
    ] {
        let message = error.to_string();
        let begin = "describeContainerGroupEvent of `eci-1` returned a list that does not end";
        assert!(
            message.starts_with(begin) && message.contains(why),
            "{message}"
        );
        assert!(matches!(error.kind(), CallErrorKind::Endless { .. }));
    }
}
