use serde_json::json;

use super::*;

const CREATE: OrderKeywords = OrderKeywords {
    done: &["started"],
    failed: &["refunded"],
    created: Some("/eipID"),
};

fn read(mut json: Value) -> Result<OrderOutcome<Option<String>>, String> {
    placed(&mut json, OrderContext::default(), &CREATE).map_err(|misread| misread.to_string())
}

fn order(id: &str) -> OrderId {
    OrderId::new(id).unwrap()
}

#[test]
fn a_token_is_one_to_sixty_four_plain_characters() {
    assert!(ClientToken::new("x".repeat(64)).is_ok());
    for other in [
        String::new(),
        "x".repeat(65),
        "a b".to_owned(),
        "令牌".to_owned(),
    ] {
        assert!(ClientToken::new(other.clone()).is_err(), "{other}");
    }
    assert_ne!(ClientToken::random(), ClientToken::random());
    assert!(serde_json::from_str::<ClientToken>("\"\"").is_err());
}

#[test]
fn an_order_is_done_when_its_word_says_so_and_the_id_is_there() {
    let done = read(json!({
        "masterOrderID": "o1", "masterResourceStatus": "started", "eipID": "eip-1",
    }));
    let created = Some("eip-1".to_owned());
    assert_eq!(
        done,
        Ok(OrderOutcome::Done {
            order: Some(order("o1")),
            created
        })
    );
    for waiting in [
        json!({ "masterOrderID": "o1", "masterResourceStatus": "starting", "eipID": null }),
        json!({ "masterOrderID": "o1", "masterResourceStatus": "started", "eipID": null }),
        json!({ "masterOrderID": "o1", "masterResourceStatus": "in_progress", "eipID": "" }),
        json!({ "masterOrderID": "o1", "masterResourceStatus": "brand new word" }),
        json!({ "masterOrderID": "o1" }),
    ] {
        let order = order("o1");
        assert_eq!(
            read(waiting.clone()),
            Ok(OrderOutcome::InProgress { order }),
            "{waiting}"
        );
    }
}

#[test]
fn a_failed_order_is_reported_with_the_clouds_word() {
    for word in ["failed", "refunded"] {
        let failed = read(json!({ "masterOrderID": "o1", "masterResourceStatus": word }));
        let (order, word) = (Some(order("o1")), word.to_owned());
        assert_eq!(failed, Ok(OrderOutcome::Failed { order, word }));
    }
    let circumstances = OrderContext {
        description: CANCELED,
        ..OrderContext::default()
    };
    let canceled = placed(
        &mut json!({ "masterOrderID": "o1" }),
        circumstances,
        &CREATE,
    );
    assert!(
        matches!(canceled, Ok(OrderOutcome::Failed { .. })),
        "{canceled:?}"
    );
}

#[test]
fn an_order_without_an_id_is_an_error() {
    assert_eq!(
        read(json!({ "masterResourceStatus": "starting" })).unwrap_err(),
        "masterOrderID: missing order ID"
    );
    assert!(read(Value::Null).is_err());
    assert!(read(json!("o1")).is_err());
}

#[test]
fn the_list_of_a_disks_order_says_that_it_is_complete() {
    let meaning = OrderKeywords {
        done: &["started"],
        failed: &[],
        created: Some("/resources/0/diskID"),
    };
    let mut json = json!({ "masterOrderID": "o1", "resources": [{ "diskID": "d1" }] });
    let done = placed(&mut json, OrderContext::default(), &meaning);
    assert!(matches!(done, Ok(OrderOutcome::Done { created: Some(id), .. }) if id == "d1"));
}

#[test]
fn an_order_is_read_under_either_spelling() {
    let read = |mut json: Value| OrderProgress::from_json(&mut json).map(OrderProgress::state);
    for list in ["instanceIDList", "resourceUUID", "resourceUuid"] {
        let done = read(json!({ "orderStatus": "3", list: ["eip-1"] }));
        assert_eq!(
            done,
            Ok(OrderState::Done(vec!["eip-1".to_owned()])),
            "{list}"
        );
    }
    assert_eq!(
        read(json!({ "orderStatus": 3, "resourceUUID": "eip-1" })),
        Ok(OrderState::Done(vec!["eip-1".to_owned()]))
    );
    assert_eq!(
        read(json!({ "orderStatus": "3", "instanceIDList": null })),
        Ok(OrderState::Done(Vec::new()))
    );
    assert!(read(json!({ "instanceIDList": [] })).is_err());
}

#[test]
fn only_an_order_that_may_still_end_well_is_waited_for() {
    let state = |status: &str| {
        let status = OrderStatus::from(status);
        OrderProgress {
            status,
            ..OrderProgress::default()
        }
        .state()
    };
    for going in ["14", "1", "2", "7", "8", "9", "12", "16", "140"] {
        assert!(matches!(state(going), OrderState::Going(_)), "{going}");
    }
    for failed in [
        "0", "4", "5", "10", "11", "13", "15", "17", "18", "22", "-1", "-2", "999", "x",
    ] {
        assert!(matches!(state(failed), OrderState::Failed(_)), "{failed}");
    }
}

#[test]
fn a_job_reports_its_status_as_a_number() {
    let mut json = json!({
        "jobID": "j1", "status": 1, "resourceId": "d1", "fields": { "taskName": "EBS_ATTACH" },
    });
    let job = JobProgress::from_json(&mut json).unwrap();
    assert_eq!(job.status, JobStatus::Success);
    assert_eq!(job.task_name.as_deref(), Some("EBS_ATTACH"));
    // A number that is 0 may be omitted as any empty field.
    let job = JobProgress::from_json(&mut json!({ "jobID": "j1" })).unwrap();
    assert_eq!(job.status, JobStatus::Executing);
}
