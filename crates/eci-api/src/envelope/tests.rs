#![allow(clippy::unwrap_used)]

use serde_json::json;

use super::*;
use crate::error::CallError;
use crate::types::Secret;

fn opened(status: u16, body: &str) -> Result<Value, CallErrorKind> {
    let head = EnvelopeHead {
        status,
        ..EnvelopeHead::default()
    };
    parse_envelope(&head, body.as_bytes(), "ak", Dialect::Groups).map(|opened| opened.object)
}

fn problem(kind: CallErrorKind) -> String {
    let error = CallError::new(Operation::DescribeContainerGroup, kind);
    error.problem().en().to_owned()
}

const ORDERING: Dialect = Dialect::Orders { orders: true };
const READING: Dialect = Dialect::Orders { orders: false };

fn ordered(status: u16, body: Value, dialect: Dialect) -> Result<ParsedEnvelope, Box<Refusal>> {
    let head = EnvelopeHead {
        status,
        ..EnvelopeHead::default()
    };
    match parse_envelope(&head, body.to_string().as_bytes(), "ak", dialect) {
        Ok(opened) => Ok(opened),
        Err(CallErrorKind::Refused(refusal)) => Err(refusal),
        Err(other) => panic!("{other:?}"),
    }
}

fn refusal(status: u16, body: &str) -> Refusal {
    match opened(status, body).unwrap_err() {
        CallErrorKind::Refused(refusal) => *refusal,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_success_is_one_of_the_envelope_and_of_http() {
    for status in [302, 401, 404, 500, 503] {
        let error = opened(status, r#"{"statusCode":200,"returnObj":7}"#).unwrap_err();
        let CallErrorKind::UnexpectedResponse { beginning, .. } = error else {
            panic!("{error:?}");
        };
        assert_eq!(
            beginning.en(),
            format!("status {status} with the body of a success")
        );
    }
    assert_eq!(
        opened(201, r#"{"statusCode":200,"returnObj":7}"#).unwrap(),
        7
    );
    assert_eq!(opened(200, r#"{"statusCode":"200"}"#).unwrap(), Value::Null);
    let error = refusal(
        200,
        r#"{"statusCode":"422","error":"ECI.Openapi.StatusReasonInvalid"}"#,
    );
    assert_eq!(
        (error.reason, error.status_code),
        (StatusReason::Invalid, 422)
    );
}

#[test]
fn more_values_than_a_list_can_have_are_not_read() {
    let list = |item: &str, count: usize| {
        let items = vec![item; count].join(",");
        format!(r#"{{"statusCode":200,"returnObj":[{items}]}}"#)
    };
    let error = opened(200, &list(r#"{"a":0}"#, MOST_VALUES / 2)).unwrap_err();
    let error = problem(error);
    assert!(error.contains("more than 200000 values"), "{error}");
    // However long its strings are, and whatever is in them.
    let text = format!(r#""\"\\{}""#, "[{,".repeat(MOST_VALUES));
    assert!(opened(200, &list(&text, 1)).is_ok());
    assert!(opened(200, &list("0", MOST_VALUES - 9)).is_ok());
    // Nothing was truncated.
    let deep = opened(200, &"[".repeat(1000)).unwrap_err();
    assert!(
        matches!(&deep, CallErrorKind::Unreadable { .. }),
        "{deep:?}"
    );
}

#[test]
fn either_name_of_the_error_code_is_read() {
    let error = refusal(
        200,
        r#"{"statusCode":409,"error":"","errorCode":"A.B.StatusReasonConflict"}"#,
    );
    assert_eq!(error.reason, StatusReason::Conflict);
    assert_eq!(error.error, "A.B.StatusReasonConflict");
}

#[test]
fn a_bare_404_does_not_mean_that_the_resource_is_deleted() {
    let error = refusal(404, r#"{"statusCode":404,"message":"no route"}"#);
    assert_eq!(error.reason, StatusReason::Other("404".to_owned()));
    let error = refusal(404, r#"{"statusCode":900,"error":"CTAPI_10002"}"#);
    assert_eq!(error.reason, StatusReason::Other("CTAPI_10002".to_owned()));
}

#[test]
fn a_code_of_the_vendors_own_is_read_with_the_status_of_http() {
    let error = refusal(401, r#"{"statusCode":900,"error":"CTAPI_10001"}"#);
    assert_eq!(error.reason, StatusReason::Unauthorized);
    assert_eq!(error.error, "CTAPI_10001");
}

#[test]
fn a_foreign_answer_is_quoted_without_json_values() {
    let CallErrorKind::UnexpectedResponse { beginning, .. } =
        opened(404, r#"{"path":"/eci?key=hunter2","status":404}"#).unwrap_err()
    else {
        panic!("it is not the envelope");
    };
    assert_eq!(beginning.en(), "a JSON object with path, status");
    let cut = opened(200, r#"{"statusCode":200,"returnObj":{"value":"hunt"#).unwrap_err();
    assert!(
        matches!(&cut, CallErrorKind::ConnectionClosed { .. }),
        "{cut:?}"
    );
    assert!(!problem(cut).contains("hunt"));
    let CallErrorKind::UnexpectedResponse { beginning, .. } =
        opened(502, &format!("<html>\n  {}", "x".repeat(500))).unwrap_err()
    else {
        panic!("it is not the envelope");
    };
    assert!(beginning.en().starts_with("<html> x") && beginning.en().ends_with('…'));
}

#[test]
fn a_secret_that_is_quoted_back_is_redacted() {
    let secret = format!("hunter2-{}", "x".repeat(300));
    let hidden = RequestSecrets::new([Secret::new(secret.as_str())]);
    let head = EnvelopeHead {
        status: 400,
        content_type: Some(format!("text/{secret}")),
        ..EnvelopeHead::default()
    };
    let request = json!({ "value": secret }).to_string();
    let refused = json!({ "statusCode": 400, "error": "ECI.Openapi.StatusReasonBadRequest",
        "message": format!("invalid: {request}"), "description": secret });
    for body in [
        refused.to_string(),
        format!("<p>no: {}{request}", " ".repeat(150)),
    ] {
        let kind = parse_envelope(&head, body.as_bytes(), "ak", Dialect::Groups).unwrap_err();
        assert!(format!("{kind:?}").contains("hunter2"));
        let covered = kind
            .clone()
            .redacted(&hidden, &head, body.as_bytes(), Dialect::Groups);
        let error = format!("{covered:?}");
        assert!(
            !error.contains("hunter2") && error.contains("***"),
            "{error}"
        );
        let none = RequestSecrets::default();
        let kept = kind
            .clone()
            .redacted(&none, &head, body.as_bytes(), Dialect::Groups);
        assert_eq!(kept, kind);
    }
    // What a refusal means does not hang on what its words are.
    let odd = RequestSecrets::new([Secret::new("statusCode"), Secret::new("400")]);
    let body = refused.to_string();
    let kind = parse_envelope(&head, body.as_bytes(), "ak", Dialect::Groups).unwrap_err();
    let CallErrorKind::Refused(error) =
        kind.redacted(&odd, &head, body.as_bytes(), Dialect::Groups)
    else {
        panic!("it was refused");
    };
    assert_eq!(
        (error.reason, error.status_code),
        (StatusReason::BadRequest, 400)
    );
    assert_eq!(error.message, redacted().en());
}

#[test]
fn a_long_answer_is_shortened_in_the_error() {
    let long = "长".repeat(1 << 20);
    let body = json!({
        "statusCode": 900, "error": long, "message": long, "description": format!("-{long}"),
        "errorDetail": { "bssErrMsg": long },
    });
    let error = refusal(200, &body.to_string());
    assert!(error.message.ends_with('…') && error.description.ends_with('…'));
    for dialect in [Dialect::Groups, READING, ORDERING] {
        let error = parse_envelope(
            &EnvelopeHead::default(),
            body.to_string().as_bytes(),
            "ak",
            dialect,
        );
        let error = error.unwrap_err();
        assert!(problem(error.clone()).chars().count() < 3000);
        assert!(format!("{error:?}").chars().count() < 4000);
    }
    let head = EnvelopeHead {
        status: 502,
        content_type: Some(long.clone()),
        ..EnvelopeHead::default()
    };
    for strange in [json!({ long.clone(): 1 }).to_string(), long] {
        let error = parse_envelope(&head, strange.as_bytes(), "ak", READING).unwrap_err();
        let error = problem(error);
        assert!(
            error.contains('…') && error.chars().count() < 500,
            "{error}"
        );
    }
}

#[test]
fn eight_hundred_is_a_success_of_the_services_with_orders_alone() {
    for code in [json!(800), json!("800")] {
        let body = json!({ "statusCode": code, "returnObj": [{ "ID": "eip-1" }] });
        let alone = ordered(200, body.clone(), READING).unwrap();
        assert_eq!(alone.object, json!({ "ID": "eip-1" }));
        assert!(opened(200, &body.to_string()).is_err());
    }
    assert!(ordered(200, json!({ "statusCode": 200 }), READING).is_err());
}

#[test]
fn an_order_in_progress_is_not_a_failure_of_the_ordering_call() {
    for code in ["ebs.order.inProgress", "Openapi.Order.Inprogress"] {
        let body =
            |object: Value| json!({ "statusCode": 900, "errorCode": code, "returnObj": object });
        let order = json!({ "masterOrderID": "o1" });
        let opened = ordered(200, body(order.clone()), ORDERING).unwrap();
        assert!(opened.in_progress && opened.object == order);
        // Without an order, and for a call that orders nothing, another operation is in
        // progress.
        for refused in [
            ordered(200, body(Value::Null), ORDERING),
            ordered(200, body(order), READING),
        ] {
            assert_eq!(refused.unwrap_err().reason, StatusReason::Conflict);
        }
    }
}

#[test]
fn only_the_service_itself_can_report_a_missing_resource() {
    let body = json!({ "statusCode": 900, "errorCode": "Openapi.Eip.NotFound", "returnObj": null });
    let error = |status| ordered(status, body.clone(), READING).unwrap_err().reason;
    assert_eq!(error(200), StatusReason::NotFound);
    assert_eq!(
        error(404),
        StatusReason::Other("Openapi.Eip.NotFound".to_owned())
    );
    assert_eq!(
        error(502),
        StatusReason::Other("Openapi.Eip.NotFound".to_owned())
    );
    let fault = json!({ "statusCode": 900, "error": "openapi.implementation.error" });
    assert_eq!(
        ordered(500, fault, READING).unwrap_err().reason,
        StatusReason::InternalError
    );
    let signature =
        json!({ "statusCode": "CTAPI_10001", "message": "signature verification failed" });
    let head = EnvelopeHead {
        status: 401,
        ..EnvelopeHead::default()
    };
    let error = parse_envelope(&head, signature.to_string().as_bytes(), "ak", READING).unwrap_err();
    assert!(
        matches!(&error, CallErrorKind::Refused(it) if it.reason == StatusReason::Unauthorized),
        "{error:?}"
    );
}

#[test]
fn the_order_systems_own_words_are_reported() {
    let refusal = ordered(
        200,
        json!({
            "statusCode": 900, "errorCode": "ebs.order.procFailed", "message": "order failed",
            "errorDetail": { "bssErrCode": "BSS_1", "bssErrMsg": "余额不足", "bssErrPrefixHint": "" },
        }),
        ORDERING,
    )
    .unwrap_err();
    assert_eq!(refusal.message, "order failed: BSS_1, 余额不足");
    assert_eq!(
        refusal.reason,
        StatusReason::Other("ebs.order.procFailed".to_owned())
    );
}
