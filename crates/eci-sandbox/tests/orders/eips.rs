//! Elastic IPs: ordered, read, changed, bound and released.

use eci_api::types::{
    Association, AssociationType, ClientToken, CreateEip, CycleType, EipFilter, EipId, EipStatus,
    OrderOutcome, OrderState, OrderStatus,
};
use eci_api::{EipApi as _, OrderApi as _};
use eci_sandbox::{ApiBehavior, Config, ObjectKind};

use crate::stage::{LONG, Stage, client, code, still, token};

#[tokio::test]
async fn an_eip_comes_about_when_its_order_is_complete() {
    let stage = Stage::still().await;
    let request = CreateEip::on_demand("web", 5);
    let placed = stage
        .client
        .create_eip(&token("t1"), &request)
        .await
        .unwrap();
    let OrderOutcome::InProgress { order } = placed else {
        panic!("{placed:?}");
    };
    let going = OrderState::Going(OrderStatus::Provisioning);
    assert_eq!(stage.order(&order).await, going);
    let filter = EipFilter::default();
    assert!(
        stage
            .client
            .list_all_eips(&filter)
            .await
            .unwrap()
            .is_empty()
    );
    stage.pass(LONG);
    let placed = stage
        .client
        .create_eip(&token("t1"), &request)
        .await
        .unwrap();
    let OrderOutcome::Done { created, .. } = placed else {
        panic!("{placed:?}");
    };
    let done = OrderState::Done(vec![created.to_string()]);
    assert_eq!(stage.order(&order).await, done);
    let resources = stage
        .client
        .query_order(eci_api::types::OrderQuery::Resources, &order)
        .await
        .unwrap();
    assert_eq!(resources.resource_type.as_deref(), Some("EIP"));
    assert_eq!(resources.state(), done);

    let eip = stage.see_eip(&created).await;
    assert_eq!((&*eip.name, eip.bandwidth), ("web", Some(5)));
    assert_eq!((eip.bound_to(), &eip.status), (None, &EipStatus::Down));
    assert_eq!(eip.billing_method.as_deref(), Some("on_demand"));
    assert_eq!(eip.bandwidth_type.as_deref(), Some("standalone"));
    assert_eq!(eip.expired_at, None);
    assert!(eip.address.unwrap().starts_with("198."));
    assert_eq!(stage.created(ObjectKind::Eip), 1);
    stage.stop().await;
}

#[tokio::test]
async fn a_chosen_address_is_had_once() {
    let stage = Stage::still().await;
    let request = |name: &str| CreateEip {
        ip_address: Some("198.18.0.7".to_owned()),
        ..CreateEip::on_demand(name, 1)
    };
    stage
        .client
        .create_eip(&token("t1"), &request("one"))
        .await
        .unwrap();
    stage.pass(LONG);
    let all = stage
        .client
        .list_all_eips(&EipFilter::default())
        .await
        .unwrap();
    assert_eq!(all[0].address.as_deref(), Some("198.18.0.7"));
    let error = stage.client.create_eip(&token("t2"), &request("two")).await;
    assert_eq!(code(&error.unwrap_err()), "Openapi.Eip.AddressUsed");
    stage.stop().await;
}

#[tokio::test]
async fn a_change_of_bandwidth_is_an_order_and_a_new_name_is_not() {
    let stage = Stage::still().await;
    let id = stage.eip("web").await;
    let (client, change) = (&stage.client, token("change"));
    client.rename_eip(&token("r"), &id, "other").await.unwrap();
    let placed = client.change_eip_bandwidth(&change, &id, 9).await.unwrap();
    let order = placed.order().cloned().unwrap();
    let during = stage.see_eip(&id).await;
    assert_eq!((&*during.name, during.bandwidth), ("other", Some(5)));
    assert_eq!(during.status, EipStatus::Updating);
    let busy = client.change_eip_bandwidth(&token("c2"), &id, 3).await;
    assert_eq!(code(&busy.unwrap_err()), "Openapi.Eip.StatusInvalid");
    let busy = client.delete_eip(&token("d"), &id).await;
    assert_eq!(code(&busy.unwrap_err()), "Openapi.Eip.StatusInvalid");
    stage.pass(LONG);
    let again = client.change_eip_bandwidth(&change, &id, 9).await.unwrap();
    assert!(matches!(again, OrderOutcome::Done { .. }), "{again:?}");
    assert!(matches!(stage.order(&order).await, OrderState::Done(_)));
    let after = stage.see_eip(&id).await;
    assert_eq!((after.bandwidth, after.status), (Some(9), EipStatus::Down));
    stage.stop().await;
}

#[tokio::test]
async fn a_bound_eip_has_one_holder_and_is_not_released() {
    let stage = Stage::still().await;
    let id = stage.eip("web").await;
    let client = &stage.client;
    let machine = Association::new(AssociationType::Machine, "ins-1");
    client.bind_eip(&token("b"), &id, machine).await.unwrap();
    assert_eq!(stage.see_eip(&id).await.status, EipStatus::Binding);
    let busy = client.unbind_eip(&token("u"), &id).await.unwrap_err();
    assert_eq!(code(&busy), "Openapi.Eip.StatusInvalid");
    stage.pass(LONG);
    let bound = stage.see_eip(&id).await;
    assert_eq!(
        (bound.bound_to(), &bound.status),
        (Some("ins-1"), &EipStatus::Active)
    );
    assert_eq!(bound.association_type.as_deref(), Some("INSTANCE"));
    let other = Association::new(AssociationType::VirtualIp, "vip-1");
    for refused in [
        client.bind_eip(&token("b2"), &id, other).await.unwrap_err(),
        client.delete_eip(&token("d"), &id).await.unwrap_err(),
    ] {
        assert_eq!(code(&refused), "Openapi.Eip.Bound");
        assert!(refused.to_string().contains("ins-1"), "{refused}");
    }
    client.unbind_eip(&token("u"), &id).await.unwrap();
    assert_eq!(stage.see_eip(&id).await.status, EipStatus::Binding);
    stage.pass(LONG);
    let free = client.unbind_eip(&token("u2"), &id).await.unwrap_err();
    assert_eq!(code(&free), "Openapi.Eip.NotBound");
    let placed = client.delete_eip(&token("d2"), &id).await.unwrap();
    assert!(
        matches!(placed, OrderOutcome::InProgress { .. }),
        "{placed:?}"
    );
    assert_eq!(stage.see_eip(&id).await.status, EipStatus::Deleting);
    stage.pass(LONG);
    assert!(client.describe_eip(&id).await.unwrap_err().is_not_found());
    let again = client.delete_eip(&token("d2"), &id).await.unwrap();
    assert!(matches!(again, OrderOutcome::Done { .. }), "{again:?}");
    assert!(
        client
            .delete_eip(&token("d3"), &id)
            .await
            .unwrap_err()
            .is_not_found()
    );
    stage.stop().await;
}

#[tokio::test]
async fn lists_have_pages_and_filters() {
    let stage = Stage::still().await;
    let mut ids = Vec::new();
    for name in ["aa", "bb", "cc"] {
        ids.push(stage.eip(name).await);
    }
    let machine = Association::new(AssociationType::Machine, "ins-1");
    stage
        .client
        .bind_eip(&token("b"), &ids[1], machine)
        .await
        .unwrap();
    stage.pass(LONG);
    let list = async |filter: EipFilter| {
        let eips = stage.client.list_all_eips(&filter).await.unwrap();
        let mut names: Vec<String> = eips.into_iter().map(|eip| eip.name).collect();
        names.sort();
        names.join(" ")
    };
    let two = EipFilter {
        page_size: Some(2),
        ..EipFilter::default()
    };
    assert_eq!(list(two).await, "aa bb cc");
    let named = EipFilter {
        ids: vec![ids[2].clone(), "eip-unknown000".parse().unwrap()],
        ..EipFilter::default()
    };
    assert_eq!(list(named).await, "cc");
    let down = EipFilter {
        status: Some(EipStatus::Down),
        ..EipFilter::default()
    };
    assert_eq!(list(down).await, "aa cc");
    let page = EipFilter {
        page_no: Some(2),
        page_size: Some(2),
        ..EipFilter::default()
    };
    let page = stage.client.list_eips(&token("l"), &page).await.unwrap();
    assert_eq!(
        (page.eips.len(), page.total_count, page.total_page),
        (1, Some(3), Some(2))
    );
    let wide = EipFilter {
        page_size: Some(51),
        ..EipFilter::default()
    };
    let refused = stage
        .client
        .list_eips(&token("l"), &wide)
        .await
        .unwrap_err();
    assert_eq!(code(&refused), "Openapi.Parameter.Error");
    stage.stop().await;
}

#[tokio::test]
async fn another_region_knows_nothing_of_an_eip() {
    let stage = Stage::still().await;
    let id = stage.eip("web").await;
    let other = client(&stage.running, "81f7728662dd11ec810800155d307d5b");
    assert!(other.describe_eip(&id).await.unwrap_err().is_not_found());
    assert!(
        other
            .list_all_eips(&EipFilter::default())
            .await
            .unwrap()
            .is_empty()
    );
    let nowhere = client(&stage.running, "nowhere");
    let error = nowhere.describe_eip(&id).await.unwrap_err();
    assert!(
        !error.is_not_found() && error.to_string().contains("nowhere"),
        "{error}"
    );
    drop((other, nowhere));
    stage.stop().await;
}

#[tokio::test]
async fn what_cannot_be_ordered_is_refused_with_what_would_be_right() {
    let stage = Stage::new(Config {
        behavior: ApiBehavior {
            most_eips: 1,
            ..ApiBehavior::default()
        },
        ..still()
    })
    .await;
    let good = CreateEip::on_demand("web", 5);
    let changed = |change: fn(&mut CreateEip)| {
        let mut request = good.clone();
        change(&mut request);
        request
    };
    for (request, message) in [
        (changed(|it| it.name = "1web".to_owned()), "name must be"),
        (changed(|it| it.name = "w".to_owned()), "name must be"),
        (
            changed(|it| it.bandwidth = Some(0)),
            "bandwidth must be 1 to 1024",
        ),
        (
            changed(|it| it.cycle_type = CycleType::Month),
            "cycleCount is required",
        ),
        (
            changed(|it| it.demand_billing_type = None),
            "demandBillingType is required",
        ),
        (
            changed(|it| it.line_type = Some("tin-can".to_owned())),
            "lineType must be one of",
        ),
        (
            changed(|it| it.ip_address = Some("here".to_owned())),
            "ipAddress must be",
        ),
    ] {
        let token = ClientToken::random();
        let error = stage.client.create_eip(&token, &request).await.unwrap_err();
        assert_eq!(code(&error), "Openapi.Parameter.Error");
        assert!(error.to_string().contains(message), "{error}");
    }
    stage.client.create_eip(&token("t1"), &good).await.unwrap();
    let beyond = stage
        .client
        .create_eip(&token("t2"), &good)
        .await
        .unwrap_err();
    assert_eq!(code(&beyond), "Openapi.Eip.QuotaExceeded");
    assert_eq!(stage.created(ObjectKind::Eip), 1);
    stage.stop().await;
}

#[tokio::test]
async fn a_term_ends_and_a_price_is_returned() {
    let stage = Stage::still().await;
    let request = CreateEip {
        cycle_type: CycleType::Month,
        cycle_count: Some(1),
        demand_billing_type: None,
        ..CreateEip::on_demand("web", 5)
    };
    stage
        .client
        .create_eip(&token("t1"), &request)
        .await
        .unwrap();
    stage.pass(LONG);
    let filter = EipFilter::default();
    let eip = stage.client.list_all_eips(&filter).await.unwrap().remove(0);
    assert_eq!(eip.billing_method.as_deref(), Some("periodic"));
    assert!(eip.expired_at.is_some());
    stage.pass(LONG * 6 * 60 * 24 * 32);
    assert_eq!(stage.see_eip(&eip.id).await.status, EipStatus::Expired);
    let price = stage
        .client
        .eip_create_price(&token("p"), &request)
        .await
        .unwrap();
    assert_eq!(price.final_price.as_deref(), Some("226.8"));
    stage.stop().await;
}

#[tokio::test]
async fn an_eip_in_a_shared_bandwidth_shows_that_one_and_leaves_it_to_be_paid_by_traffic() {
    let stage = Stage::still().await;
    let id = stage.eip("web").await;
    let (client, shared) = (&stage.client, "bandwidth-1");
    let ids = [id.clone()];
    client
        .join_bandwidth(&token("j"), shared, &ids)
        .await
        .unwrap();
    let within = stage.see_eip(&id).await;
    assert_eq!(within.bandwidth_id.as_deref(), Some(shared));
    assert_eq!(within.bandwidth, Some(100));
    let refused = client.change_eip_bandwidth(&token("c"), &id, 3).await;
    assert_eq!(code(&refused.unwrap_err()), "Openapi.Eip.StatusInvalid");
    client
        .leave_bandwidth(&token("l"), shared, &ids)
        .await
        .unwrap();
    let after = stage.see_eip(&id).await;
    assert_eq!(after.bandwidth_type.as_deref(), Some("upflowc"));
    assert_eq!(after.bandwidth, Some(100));
    assert_eq!(after.bandwidth_id.filter(|id| !id.is_empty()), None);
    stage.stop().await;
}

#[tokio::test]
async fn what_cannot_share_a_bandwidth_is_refused_and_then_none_of_the_call_does() {
    let stage = Stage::still().await;
    let id = stage.eip("web").await;
    let unknown = EipId::new("eip-0000000000").unwrap();
    let client = &stage.client;
    let join = |bandwidth: &'static str, eips: Vec<EipId>| async move {
        let joined = client.join_bandwidth(&token("j"), bandwidth, &eips).await;
        code(&joined.unwrap_err()).to_owned()
    };
    assert_eq!(
        join("bandwidth-1", vec![id.clone(), unknown.clone()]).await,
        "Openapi.Eip.NotFound"
    );
    assert_eq!(stage.see_eip(&id).await.bandwidth, Some(5));
    assert_eq!(
        join("nonsense", vec![id.clone()]).await,
        "Openapi.Sharedbandwidth.NotFound"
    );
    let many = vec![id.clone(); 51];
    let other = token("k");
    let joined = client.join_bandwidth(&other, "bandwidth-1", &many);
    assert!(
        joined.await.unwrap_err().refusal().is_none(),
        "it is not even sent"
    );
    assert_eq!(
        join("bandwidth-1", Vec::new()).await,
        "Openapi.Parameter.Error"
    );
    let left = client
        .leave_bandwidth(&token("l"), "bandwidth-1", std::slice::from_ref(&id))
        .await;
    assert_eq!(code(&left.unwrap_err()), "Openapi.Eip.NotInSharedbandwidth");
    client
        .join_bandwidth(&token("j"), "bandwidth-1", std::slice::from_ref(&id))
        .await
        .unwrap();
    assert_eq!(
        join("bandwidth-2", vec![id]).await,
        "Openapi.Eip.InSharedbandwidth"
    );
    stage.stop().await;
}
