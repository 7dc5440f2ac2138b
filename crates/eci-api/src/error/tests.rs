use eci_text::{In, Lang, typography};

use super::*;

fn refused(operation: Operation, reason: &str, status_code: i64) -> CallError {
    let error = format!("ECI.Openapi.StatusReason{reason}");
    let refusal = Refusal {
        reason: StatusReason::of(&error, status_code),
        status_code,
        error,
        message: "no".to_owned(),
        description: String::new(),
        access_key: "AKEXAMPLE".to_owned(),
    };
    CallError::new(operation, refusal.into())
}

fn create(kind: CallErrorKind) -> CallError {
    CallError::new(Operation::CreateContainerGroup, kind)
}

#[test]
fn a_refusal_reads_as_a_sentence() {
    let refusal = Refusal {
        reason: StatusReason::Invalid,
        status_code: 422,
        error: "ECI.Openapi.StatusReasonInvalid".to_owned(),
        message: "containerGroupName is not valid".to_owned(),
        description: "参数不合法".to_owned(),
        access_key: "AKEXAMPLE".to_owned(),
    };
    let error = create(refusal.into())
        .about("web")
        .with_request_id("a4f0f36e");
    assert_eq!(
        error.to_string(),
        "createContainerGroup of `web` failed: 422 Invalid: containerGroupName is not \
         valid (参数不合法); request ID a4f0f36e"
    );
}

#[test]
fn wrong_credentials_say_which_were_tried_and_where_they_come_from() {
    let error = refused(Operation::DescribeContainerGroups, "Unauthorized", 401);
    // The key is shown once.
    assert!(!error.to_string().contains("AKEXAMPLE"), "{error}");
    let help = error.help().unwrap();
    for word in ["CTYUN_AK", "CTYUN_SK", "AKEXAMPLE", "clock"] {
        assert!(help.en().contains(word), "{help}");
    }
}

#[test]
fn a_region_that_is_not_known_is_corrected_where_it_is_given() {
    let refusal = Refusal {
        reason: StatusReason::Invalid,
        status_code: 422,
        error: "ECI.Openapi.StatusReasonInvalid".to_owned(),
        message: "regionId \"nowhere\" is not known".to_owned(),
        description: String::new(),
        access_key: "AKEXAMPLE".to_owned(),
    };
    let help = create(refusal.into()).help().unwrap();
    assert!(
        help.en().contains("region_id") && help.en().contains("CTYUN_REGION_ID"),
        "{help}"
    );
}

#[test]
fn each_documented_reason_is_read_with_what_follows_from_it() {
    use CallOutcome::{NotDone, Unknown};
    // Name, code, what a create is left with, whether it may pass by itself.
    for (name, code, outcome, transient) in [
        ("BadRequest", 400, NotDone, false),
        ("OutOfRange", 400, NotDone, false),
        ("PaymentRequired", 402, NotDone, false),
        ("RequestTimeout", 408, Unknown, true),
        ("Expired", 410, NotDone, false),
        ("QuotaExceed", 429, NotDone, false),
        ("ServiceUnavailable", 503, Unknown, true),
        ("Unauthorized", 401, NotDone, false),
        ("Forbidden", 403, NotDone, false),
        ("NotFound", 404, NotDone, false),
        ("MethodNotAllowed", 405, NotDone, false),
        ("NotAcceptable", 406, NotDone, false),
        ("UnsupportedMediaType", 415, NotDone, false),
        ("AlreadyExists", 409, NotDone, false),
        ("Conflict", 409, NotDone, true),
        ("Gone", 410, NotDone, false),
        ("RequestEntityTooLarge", 413, NotDone, false),
        ("Invalid", 422, NotDone, false),
        ("TooManyRequests", 429, NotDone, true),
        ("InternalError", 500, Unknown, true),
        ("Unknown", 500, Unknown, true),
        ("ServerTimeout", 500, Unknown, true),
        ("Timeout", 504, Unknown, true),
    ] {
        let error = refused(Operation::CreateContainerGroup, name, code);
        assert!(
            !matches!(error.reason(), Some(StatusReason::Other(_))),
            "{name}"
        );
        assert_eq!(error.reason().unwrap().name(), name);
        assert_eq!(error.outcome(), outcome, "{name}");
        assert_eq!(error.is_transient(), transient, "{name}");
        assert_eq!(
            error.is_retryable(),
            transient && outcome == NotDone,
            "{name}"
        );
        assert_eq!(
            error.is_not_found(),
            matches!(name, "NotFound" | "Gone" | "Expired"),
            "{name}"
        );
        let read = refused(Operation::DescribeContainerGroup, name, code);
        assert_eq!(read.outcome(), NotDone, "{name}");
        assert_eq!(read.is_retryable(), transient, "{name}");
    }
}

#[test]
fn only_404_and_410_mean_that_a_resource_is_missing() {
    let is_missing = |status_code, http_status| {
        let error = refused(Operation::DescribeContainerGroup, "NotFound", status_code);
        error.with_http_status(http_status).is_not_found()
    };
    // The services with orders have their own codes, for example 900.
    for (status_code, http_status) in [(404, 404), (404, 200), (410, 410), (900, 200)] {
        assert!(is_missing(status_code, http_status), "{status_code}");
    }
    let others = [(403, 403), (500, 500), (404, 403), (404, 502), (403, 404)];
    for (status_code, http_status) in others.into_iter().chain([(600, 200), (-1, 200)]) {
        assert!(!is_missing(status_code, http_status), "{status_code}");
    }
}

#[test]
fn what_a_person_has_to_do_is_said() {
    for (reason, code, words) in [
        ("PaymentRequired", 402, "top up the account"),
        ("QuotaExceed", 429, "request a higher quota"),
        ("OutOfRange", 400, "correct the field"),
    ] {
        let error = refused(Operation::CreateContainerGroup, reason, code);
        let help = error.help().unwrap();
        assert!(help.en().contains(words), "{reason}: {help}");
        let exhausted = error.reason().unwrap().is_exhausted();
        assert_eq!(exhausted, reason != "OutOfRange", "{reason}");
    }
}

#[test]
fn a_refusal_that_is_not_documented_leaves_a_doubt_unless_its_code_does_not() {
    for (code, outcome) in [
        (418, CallOutcome::NotDone),
        (502, CallOutcome::Unknown),
        (900, CallOutcome::Unknown),
    ] {
        let error = refused(Operation::CreateContainerGroup, "Teapot", code);
        assert_eq!(error.outcome(), outcome, "{code}");
        assert!(error.to_string().contains("StatusReasonTeapot"), "{error}");
    }
    let bare = StatusReason::of("", 418);
    assert_eq!(bare, StatusReason::Other("418".to_owned()));
}

#[test]
fn a_bare_code_counts_unless_it_could_mislead() {
    assert_eq!(StatusReason::of("", 401), StatusReason::Unauthorized);
    assert_eq!(StatusReason::of("", 500), StatusReason::InternalError);
    assert_eq!(StatusReason::of("", 429), StatusReason::TooManyRequests);
    assert_eq!(StatusReason::of("", 408), StatusReason::RequestTimeout);
    for misleading in [404, 409, 410] {
        assert!(matches!(
            StatusReason::of("", misleading),
            StatusReason::Other(_)
        ));
    }
    assert!(matches!(
        StatusReason::of("Gateway.NotFound", 404),
        StatusReason::Other(_)
    ));
}

#[test]
fn only_what_was_never_sent_is_surely_not_done() {
    let endpoint = || "http://localhost:1".to_owned();
    let detail = || Text::fixed("it broke", "已中断");
    for (kind, outcome, transient) in [
        (
            CallErrorKind::Unreachable {
                endpoint: endpoint(),
                detail: detail(),
            },
            CallOutcome::NotDone,
            true,
        ),
        (
            CallErrorKind::TlsFailed {
                endpoint: endpoint(),
                detail: detail(),
            },
            CallOutcome::NotDone,
            false,
        ),
        (
            CallErrorKind::NotSent { detail: detail() },
            CallOutcome::NotDone,
            false,
        ),
        (
            CallErrorKind::TimedOut {
                limit: Duration::from_secs(60),
            },
            CallOutcome::Unknown,
            true,
        ),
        (
            CallErrorKind::ConnectionClosed { detail: detail() },
            CallOutcome::Unknown,
            true,
        ),
        (
            CallErrorKind::TooLarge { limit: 1 },
            CallOutcome::Unknown,
            false,
        ),
        (CallErrorKind::MissingObject, CallOutcome::Unknown, false),
        (
            CallErrorKind::Unreadable { detail: detail() },
            CallOutcome::Unknown,
            false,
        ),
    ] {
        let error = create(kind);
        assert_eq!(error.outcome(), outcome, "{error}");
        assert_eq!(error.is_transient(), transient, "{error}");
        assert_eq!(
            error.to_string().contains("outcome is unknown"),
            outcome == CallOutcome::Unknown
        );
        assert!(!error.is_not_found());
    }
}

#[test]
fn a_gateways_page_passes_unless_it_is_about_the_request() {
    let answered = |status| {
        let kind = CallErrorKind::UnexpectedResponse {
            content_type: Some("text/html".to_owned()),
            beginning: Text::verbatim("<html>"),
        };
        CallError::new(Operation::DescribeContainerGroup, kind).with_http_status(status)
    };
    for (status, transient) in [
        (200, true),
        (302, false),
        (404, false),
        (429, true),
        (502, true),
    ] {
        assert_eq!(answered(status).is_transient(), transient, "{status}");
    }
    let empty = CallErrorKind::UnexpectedResponse {
        content_type: None,
        beginning: Text::default(),
    };
    let empty = CallError::new(Operation::DescribeContainerGroup, empty);
    assert!(
        empty.to_string().contains("the response is empty"),
        "{empty}"
    );
}

#[test]
fn a_call_in_doubt_is_not_advised_to_be_sent_again() {
    let limit = Duration::from_secs(60);
    let advised = |operation| {
        [
            refused(operation, "InternalError", 500),
            CallError::new(operation, CallErrorKind::TimedOut { limit }),
        ]
        .map(|error| error.help().unwrap())
    };
    for help in advised(Operation::CreateContainerGroup) {
        assert!(
            help.en().starts_with("check whether it took effect"),
            "{help}"
        );
    }
    for help in advised(Operation::DescribeContainerGroup) {
        assert!(help.en().starts_with("try again"), "{help}");
    }
}

/// Returns every kind of error, with and without its optional parts.
fn kinds() -> Vec<CallErrorKind> {
    let detail = || Text::verbatim("os error 1");
    let endpoint = || "https://eci.example".to_owned();
    let unexpected = |content_type: Option<&str>, beginning| CallErrorKind::UnexpectedResponse {
        content_type: content_type.map(str::to_owned),
        beginning: Text::verbatim(beginning),
    };
    vec![
        CallErrorKind::NotSent { detail: detail() },
        CallErrorKind::Unreachable {
            endpoint: endpoint(),
            detail: detail(),
        },
        CallErrorKind::TlsFailed {
            endpoint: endpoint(),
            detail: detail(),
        },
        CallErrorKind::TimedOut {
            limit: Duration::from_secs(60),
        },
        CallErrorKind::TimedOut {
            limit: Duration::from_millis(1500),
        },
        CallErrorKind::ConnectionClosed { detail: detail() },
        unexpected(None, ""),
        unexpected(Some("text/html"), ""),
        unexpected(None, "<p>"),
        unexpected(Some("text/html"), "<p>"),
        CallErrorKind::TooLarge { limit: 1 },
        CallErrorKind::MissingObject,
        CallErrorKind::Unreadable { detail: detail() },
        CallErrorKind::Incomplete { detail: detail() },
        CallErrorKind::Endless { detail: detail() },
    ]
}

#[test]
fn every_message_and_remedy_is_written_in_both_languages() {
    let calls = [
        Operation::CreateContainerGroup,
        Operation::DescribeContainerGroups,
    ];
    let mut errors = Vec::new();
    for operation in calls {
        errors.extend(
            kinds()
                .into_iter()
                .map(|kind| CallError::new(operation, kind)),
        );
        for reason in [
            "Unauthorized",
            "Forbidden",
            "TooManyRequests",
            "PaymentRequired",
        ] {
            errors.push(refused(operation, reason, 400));
        }
        for reason in [
            "QuotaExceed",
            "AlreadyExists",
            "Conflict",
            "Invalid",
            "InternalError",
            "X",
        ] {
            errors.push(refused(operation, reason, 400));
        }
    }
    let mut texts = Vec::new();
    for (at, error) in errors.into_iter().enumerate() {
        let error = match at % 4 {
            0 => error,
            1 => error.about("web").after(2, Duration::ZERO),
            2 => error.with_request_id("a4f0"),
            _ => error
                .with_request_id("a4f0")
                .after(6, Duration::from_secs(3)),
        };
        let [en, zh] = Lang::ALL.map(|lang| In(&error, lang).to_string());
        texts.push(Text::new(en, zh));
        texts.extend(error.help());
    }
    assert!(texts.len() > 80, "{}", texts.len());
    for text in texts {
        let (en, zh) = (text.en(), text.get(Lang::Zh));
        assert!(typography::has_han(zh), "{zh}");
        assert_eq!(typography::english(en), [""; 0]);
        assert_eq!(typography::chinese(zh), [""; 0]);
    }
    let limit = Duration::from_secs(60);
    let error = create(CallErrorKind::TimedOut { limit });
    let error = error
        .with_request_id("a4f0")
        .after(2, Duration::from_secs(1));
    assert_eq!(
        error.to_string(),
        "createContainerGroup timed out after 60 seconds; the outcome is unknown; request ID a4f0, \
         2 attempts in 1 second"
    );
    assert_eq!(
        In(&error, Lang::Zh).to_string(),
        "createContainerGroup 调用在 60 秒后超时，结果未知；请求 ID 为 a4f0，1 秒内尝试 2 次"
    );
}
